package readiness_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness"
)

// lookup returns the LookupEnv of an environment that is a map.
func lookup(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := vars[name]
		return value, ok
	}
}

// check looks at one variable with one value.
func check(t testing.TB, v readiness.EnvVar, value string) []readiness.Finding {
	t.Helper()
	if v.Name == "" {
		v.Name = "V"
	}
	launch, err := readiness.New(readiness.Config{Env: []readiness.EnvVar{v}, LookupEnv: lookup(map[string]string{v.Name: value})})
	if err != nil {
		t.Fatal(err)
	}
	return launch.CheckEnv().Findings
}

// brief returns "code severity" of each finding.
func brief(findings []readiness.Finding) string {
	var all []string
	for _, f := range findings {
		all = append(all, f.Code+" "+f.Severity.String())
	}
	return strings.Join(all, ", ")
}

func TestCheckEnv(t *testing.T) {
	t.Parallel()
	type envVar = readiness.EnvVar
	secret32 := "Vq8dL2mZ0rT6yB4nK1sX7wF3hJ9pC5gA"
	tests := []struct {
		name  string
		v     envVar
		value string
		want  string
	}{
		{"not set", envVar{}, "", "env.missing blocker"},
		{"blank is not set", envVar{}, " \t", "env.missing blocker"},
		{"quotes alone are not set", envVar{}, `""`, "env.missing blocker"},
		{"optional and not set", envVar{Optional: true}, "", ""},
		{"optional and blank", envVar{Optional: true}, " ", "env.whitespace medium"},
		{"optional and wrong", envVar{Optional: true, Format: readiness.Port}, "x", "env.format blocker"},
		{"any text", envVar{}, "anything at all", ""},

		{"url", envVar{Format: readiness.URL}, "https://api.acme.example/v1?x=1", ""},
		{"url without scheme", envVar{Format: readiness.URL}, "api.acme.example/v1", "env.format blocker"},
		{"host and port are no url", envVar{Format: readiness.URL}, "localhost:6379", "env.format blocker"},
		{"url without host", envVar{Format: readiness.URL}, "https:///path", "env.format blocker"},
		{"url with a blank", envVar{Format: readiness.URL}, "https://acme.example/a b", "env.format blocker"},
		{"url with # in the password", envVar{Format: readiness.URL}, "postgres://app:a#b@db/app", "env.format blocker"},
		{"url with a large port", envVar{Format: readiness.URL}, "https://acme.example:65536/", "env.format blocker"},
		{"url with two schemes", envVar{Format: readiness.URL}, "https://https://acme.example", "env.format blocker"},
		{"url of a socket", envVar{Format: readiness.URL}, "postgres:///app?host=/run/postgresql", ""},
		{"url of nothing", envVar{Format: readiness.URL}, "redis://", "env.format blocker"},
		{"url with several hosts", envVar{Format: readiness.URL}, "mongodb://app:p4sswordless@a:27017,b:27017,[::1]:27017/app", ""},
		{"url with one bad host of several", envVar{Format: readiness.URL}, "mongodb://a:27017,b:x/app", "env.format blocker"},
		{"url of IPv6", envVar{Format: readiness.URL}, "http://[2001:db8::1]:8080/", ""},
		{"opaque url, listed", envVar{Format: readiness.URL, Schemes: []string{"file"}}, "file:app.db", ""},
		{"opaque url, not listed", envVar{Format: readiness.URL}, "file:app.db", "env.format blocker"},
		{"scheme", envVar{Format: readiness.URL, Schemes: []string{"postgres", "postgresql"}}, "postgresql://db/app", ""},
		{"scheme in capitals", envVar{Format: readiness.URL, Schemes: []string{"HTTPS"}}, "hTTps://acme.example", ""},
		{"other scheme", envVar{Format: readiness.URL, Schemes: []string{"postgres"}}, "mysql://db/app", "env.scheme blocker"},
		{"other scheme and a placeholder", envVar{Format: readiness.URL, Schemes: []string{"postgres"}}, "mysql://db.example.com/app", "env.placeholder blocker, env.scheme blocker"},
		{"huge", envVar{Format: readiness.URL}, "https://" + strings.Repeat("a/", 20_000), "env.format blocker"},

		{"port", envVar{Format: readiness.Port}, "8080", ""},
		{"largest port", envVar{Format: readiness.Port}, "65535", ""},
		{"port 0", envVar{Format: readiness.Port}, "0", "env.format blocker"},
		{"port 65536", envVar{Format: readiness.Port}, "65536", "env.format blocker"},
		{"port with colon", envVar{Format: readiness.Port}, ":8080", "env.format blocker"},
		{"port with sign", envVar{Format: readiness.Port}, "+80", "env.format blocker"},
		{"duration", envVar{Format: readiness.Duration}, "1h30m", ""},
		{"duration without unit", envVar{Format: readiness.Duration}, "30", "env.format blocker"},
		{"bool", envVar{Format: readiness.Bool}, "TRUE", ""},
		{"yes is no bool", envVar{Format: readiness.Bool}, "yes", "env.format blocker"},
		{"email", envVar{Format: readiness.Email}, "ops@acme.example", ""},
		{"email with name", envVar{Format: readiness.Email}, "Acme <no-reply@acme.example>", ""},
		{"two emails", envVar{Format: readiness.Email}, "a@acme.example, b@acme.example", "env.format blocker"},
		{"no email", envVar{Format: readiness.Email}, "ops.acme.example", "env.format blocker"},

		{"one of", envVar{OneOf: []string{"live", "test"}}, "test", ""},
		{"none of", envVar{OneOf: []string{"live", "test"}}, "Live", "env.one-of blocker"},
		{"one of may be a placeholder", envVar{OneOf: []string{"todo", "done"}}, "todo", ""},
		{"prefix", envVar{Prefix: "sk_live_", Secret: true}, "sk_live_4eC39HqLyjWD", ""},
		{"other prefix", envVar{Prefix: "sk_live_", Secret: true}, "sk_test_4eC39HqLyjWD", "env.prefix blocker"},
		{"prefix alone", envVar{Prefix: "sk_live_", Secret: true}, "sk_live_", "env.placeholder blocker"},
		{"long enough", envVar{MinLength: 32, Secret: true}, secret32, ""},
		{"one short", envVar{MinLength: 32, Secret: true}, secret32[1:], "env.too-short blocker"},
		{"characters, not bytes", envVar{MinLength: 5}, "äöüß", "env.too-short blocker"},
		{"short and of another kind", envVar{MinLength: 32, Prefix: "sk_live_", Secret: true}, "sk_test_4eC39HqLyjWD", "env.prefix blocker, env.too-short blocker"},

		{"line break after a secret", envVar{Secret: true}, secret32 + "\n", "env.whitespace high"},
		{"blank before text", envVar{}, " anything", "env.whitespace medium"},
		{"zero width space", envVar{}, "\u200banything", "env.whitespace medium"},
		{"blank that breaks a port", envVar{Format: readiness.Port}, "8080 ", "env.whitespace blocker"},
		{"blank beside a wrong value", envVar{Format: readiness.Port}, "x ", "env.format blocker, env.whitespace medium"},
		{"quotes", envVar{}, `"anything"`, "env.quoted medium"},
		{"quotes around a secret", envVar{Secret: true}, "'" + secret32 + "'", "env.quoted high"},
		{"quotes that break a url", envVar{Format: readiness.URL}, `"https://acme.example"`, "env.quoted blocker"},
		{"quotes that break a prefix", envVar{Prefix: "sk_live_", Secret: true}, `"sk_live_4eC39HqLyjWD"`, "env.quoted blocker"},
		{"typographic quotes", envVar{}, "“anything”", "env.quoted medium"},
		{"quotes and blanks", envVar{}, ` "anything "`, "env.quoted medium, env.whitespace medium"},
		{"a list in quotes is no quoted value", envVar{}, `"a","b"`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := brief(check(t, tt.v, tt.value)); got != tt.want {
				t.Errorf("%q: got %q, want %q", tt.value, got, tt.want)
			}
		})
	}
}

func TestEveryFindingSaysWhatToDo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		v     readiness.EnvVar
		value string
		fix   string
	}{
		{"secret", readiness.EnvVar{Secret: true, MinLength: 40}, "", "set V to at least 40 random characters, such as the output of: openssl rand -hex 20"},
		{"schemes", readiness.EnvVar{Format: readiness.URL, Schemes: []string{"redis", "rediss"}}, "x://y", "set V to a URL that begins with redis:// or rediss://"},
		{"one of", readiness.EnvVar{OneOf: []string{"a", "b"}}, "c", `set V to one of "a", "b"`},
		{"many", readiness.EnvVar{OneOf: strings.Split("a b c d e f g h i j", " ")}, "z", `set V to one of "a", "b", "c", "d", "e", "f", "g", "h" and 2 more`},
		{"prefix", readiness.EnvVar{Prefix: "pk_"}, "c", `set V to the value that begins with "pk_"`},
		{"prefix of a url", readiness.EnvVar{Prefix: "https://hooks.", Format: readiness.URL}, "https://acme.test", `set V to a URL with its scheme, such as https://…, beginning with "https://hooks."`},
		{"plain", readiness.EnvVar{}, "", "set V in the environment of the service"},
		{"placeholder for the user", readiness.EnvVar{Format: readiness.URL}, "postgres://<user>:s8fj2k@db/app", "set V to a URL with the real user name"},
		{"placeholder for the password", readiness.EnvVar{Format: readiness.URL, Schemes: []string{"postgres"}}, "postgres://app:changeme@db/app", "set V to a URL with the real password"},
		{"placeholder for the host", readiness.EnvVar{Format: readiness.URL}, "https://example.com/", "set V to a URL with the real host"},
		{"placeholder in the path", readiness.EnvVar{}, "https://acme.test/<id>", "set V to a URL with its real path and query"},
		{"placeholder for the domain of an address", readiness.EnvVar{Format: readiness.Email}, "ops@example.com", "set V to an e-mail address that exists, at your own domain"},
		{"placeholder for a domain", readiness.EnvVar{}, "mail.example.com", "set V to the real domain"},
		{"placeholder for a whole URL", readiness.EnvVar{Format: readiness.URL, Schemes: []string{"redis"}}, "${REDIS_URL}", "set V to a URL that begins with redis://"},
		{"placeholder where there is a list", readiness.EnvVar{OneOf: []string{"https://a.test", "https://b.test"}}, "https://example.com", `set V to one of "https://a.test", "https://b.test"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			found := check(t, tt.v, tt.value)
			if len(found) != 1 || found[0].Fix != tt.fix {
				t.Errorf("got %+v, want the fix %q", found, tt.fix)
			}
		})
	}
}

func TestEvidenceShowsOnlyWhatMayBeSeen(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, value string
		want        []string
	}{
		{"plain", "yes", []string{`"yes"`}},
		{"control characters", "a\x1b[31m\nb", []string{`"a\x1b[31m\nb"`}},
		{"not text", "\xff\x00", []string{`"\xff\x00"`}},
		{"long", strings.Repeat("ä", 100), []string{`"` + strings.Repeat("ä", 60) + `…"`}},
		{"host of a url", "https://acme.test", []string{`"https://acme.test"`}},
		{"password of a url", "postgres://app:hunter2@db:5432/x", []string{`"postgres://db:5432 (the rest is not shown)"`}},
		{"query of a url", "https://acme.test?k=hunter2", []string{`"https://acme.test (the rest is not shown)"`}},
		{"path of a url", "https://hooks.acme.test/T0/hunter2", []string{`"https://hooks.acme.test (the rest is not shown)"`}},
		{"slash in the password", "postgres://app:12/hunter2@db/x", []string{`"postgres://…"`}},
		{"# in the password", "postgres://app:12#hunter2@db/x", []string{`"postgres://…"`}},
		{"@ in the password", "postgres://app:1@hunter2@db/x", []string{`"postgres://db (the rest is not shown)"`}},
		{"no scheme", "app:hunter2@db:5432/x", nil},
		{"dsn", "host=db password=hunter2", nil},
		{"address", "ops@acme.test", nil},
		{"key of a service", "sk_live_hunter2", nil},
		{"looks like a key", "9f86d081884c7d659a2feaa0c55ad015", nil},
		{"the value of a declared secret", "Xs3ssion", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			launch, err := readiness.New(readiness.Config{
				Env:       []readiness.EnvVar{{Name: "DEBUG", Format: readiness.Bool}, {Name: "SESSION", Secret: true}},
				LookupEnv: lookup(map[string]string{"DEBUG": tt.value, "SESSION": "s3ssion"}),
			})
			if err != nil {
				t.Fatal(err)
			}
			report := launch.CheckEnv()
			if len(report.Findings) != 1 || !slices.Equal(report.Findings[0].Evidence, tt.want) {
				t.Errorf("got %+v, want the evidence %q", report.Findings, tt.want)
			}
			if strings.Contains(report.String(), "hunter2") || strings.Contains(report.String(), "s3ssion") {
				t.Errorf("the text shows it:\n%s", report)
			}
		})
	}
}
