package smoke_test

import (
	"errors"
	"net/http"
	"net/http/cookiejar"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/smoke"
)

func TestNewReportsEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = smoke.New(smoke.Config{
		URL: "https://user:hunter2@market.example", Timeout: -1, RunTimeout: -time.Second, LookupEnv: credentials,
		Client: &http.Client{Jar: jar, Timeout: time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return nil }},
		Steps: []smoke.Step{
			{},
			smoke.Page("listings"),
			smoke.Page("//other.example/").Named("two slashes"),
			smoke.Page("/").Status(99).RedirectsTo("https://other.example/").Contains("").NotContains("").Header("", ""),
			smoke.Page("/").Keep("run", "(x)").Keep("1st", "(x)").Keep("a", "(").Keep("b", "x").Keep("2nd", "("),
			smoke.Do("", nil),
			smoke.Do("look", func(*smoke.Session) error { return nil }).Contains("x"),
			smoke.Page(""),
			smoke.JSON(""),
		},
	})
	if err == nil {
		t.Fatal("no error")
	}
	want := `smoke: URL: must be http:// or https:// with a host, and no user, path, query or fragment
smoke: Timeout: must not be negative, got -1ns
smoke: RunTimeout: must not be negative, got -1s
smoke: Client.Jar: must be nil: every session of a run has its own cookies
smoke: Client.CheckRedirect: must be nil: redirects are followed and judged by the check
smoke: Client.Timeout: must be 0: use Config.Timeout
smoke: Steps[0]: step: is empty: use Page, JSON, Do, Form or Login
smoke: Steps[1]: GET listings: the path "listings" must begin with one slash and hold no fragment
smoke: Steps[2]: two slashes: the path "//other.example/" must begin with one slash and hold no fragment
smoke: Steps[3]: GET /: Status must be 200 to 599, got 99
smoke: Steps[3]: GET /: RedirectsTo "https://other.example/" must begin with one slash: only the target's own host is followed
smoke: Steps[3]: GET /: Contains needs a text
smoke: Steps[3]: GET /: NotContains needs a text
smoke: Steps[3]: GET /: Header needs the name of a header
smoke: Steps[4]: GET /: Keep: "run" is no name: use a letter, then letters, digits and underscores, and not "run"
smoke: Steps[4]: GET /: Keep: "1st" is no name: use a letter, then letters, digits and underscores, and not "run"
smoke: Steps[4]: GET /: Keep: the pattern is no regular expression: error parsing regexp: missing closing ): ` + "`(`" + `
smoke: Steps[4]: GET /: Keep: the pattern "x" needs a group: what it matches is the value
smoke: Steps[4]: GET /: Keep: "2nd" is no name: use a letter, then letters, digits and underscores, and not "run"
smoke: Steps[4]: GET /: Keep: the pattern is no regular expression: error parsing regexp: missing closing ): ` + "`(`" + `
smoke: Steps[5]: step: Do needs a function
smoke: Steps[5]: step: Do needs a name
smoke: Steps[6]: look: a Do has no answer to look at: check the Response inside its function
smoke: Steps[7]: GET "": the path "" must begin with one slash and hold no fragment
smoke: Steps[8]: GET "": the path "" must begin with one slash and hold no fragment`
	if err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	if one, ok := errors.AsType[*smoke.ConfigError](err); !errors.Is(err, smoke.ErrConfig) || !ok || one.Path != "URL" {
		t.Errorf("not a config error: %v", one)
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Error("the password of the URL is shown")
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	h := http.NotFoundHandler()
	page := []smoke.Step{smoke.Page("/")}
	form := func(f smoke.Form) []smoke.Step { return []smoke.Step{f.Step()} }
	tests := []struct {
		name string
		cfg  smoke.Config
		want string
	}{
		{"nothing", smoke.Config{}, "smoke: set URL or Handler: there is nothing to check\nsmoke: Steps: name at least one step"},
		{"both", smoke.Config{URL: "http://a.example", Handler: h, Steps: page}, "smoke: set URL or Handler, not both"},
		{"client for a handler", smoke.Config{Handler: h, Client: &http.Client{}, Steps: page}, "smoke: Client: is for a URL; a Handler needs none"},
		{"misspelt value", smoke.Config{Handler: h, Steps: []smoke.Step{smoke.Page("/").Keep("listing", "(x)"), smoke.Page("/{listng}")}}, "smoke: Steps[1]: GET /{listng}: {listng} is set by no earlier step (Keep, RedirectsTo or Do)"},
		{"value of a later step", smoke.Config{Handler: h, Steps: []smoke.Step{smoke.Page("/{id}").Keep("id", "(x)")}}, "smoke: Steps[0]: GET /{id}: {id} is set by no earlier step (Keep, RedirectsTo or Do)"},
		{"login without a secret", smoke.Config{Handler: h, Steps: []smoke.Step{smoke.Login{Path: "/login"}.Step()}}, "smoke: Steps[0]: login /login: Secret needs the password field, with the environment variable that holds it"},
		{"form without a path", smoke.Config{Handler: h, Steps: form(smoke.Form{Action: "x"})}, "smoke: Steps[0]: form \"\": Path \"\" must begin with one slash and hold no fragment\nsmoke: Steps[0]: form \"\": Action \"x\" must begin with one slash and hold no fragment"},
		{"field twice", smoke.Config{Handler: h, LookupEnv: credentials, Steps: form(smoke.Form{Path: "/", Fields: map[string]string{"a": ""}, Secret: map[string]string{"a": "SMOKE_PASSWORD"}})}, `smoke: Steps[0]: form /: the field "a" stands in Fields and in Secret: keep one`},
		{"variable not set", smoke.Config{Handler: h, LookupEnv: credentials, Steps: form(smoke.Form{Path: "/", Secret: map[string]string{"a": "NO_SUCH", "b": ""}})}, "smoke: Steps[0]: form /: Secret[\"a\"]: the environment variable NO_SUCH is not set\nsmoke: Steps[0]: form /: Secret[\"b\"]: name the environment variable that holds the value"},
		{"short secret", smoke.Config{Handler: h, LookupEnv: func(string) (string, bool) { return "abc", true }, Steps: form(smoke.Form{Path: "/", Secret: map[string]string{"a": "PIN"}})}, `smoke: Steps[0]: form /: Secret["a"]: the value of PIN is shorter than 4 bytes, so output could not hide it`},
	}
	for _, u := range []string{"market.example", "ftp://a.example", "https://", "https://a.example/path", "https://a.example?x", "https://a.example/#x", "https://a.example:x", "://"} {
		hint := ""
		if !strings.Contains(u, "://") {
			hint = "; there is no http:// or https:// in front"
		}
		tests = append(tests, struct {
			name string
			cfg  smoke.Config
			want string
		}{u, smoke.Config{URL: u, Steps: page}, "smoke: URL: must be http:// or https:// with a host, and no user, path, query or fragment" + hint})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := smoke.New(tt.cfg); err == nil || err.Error() != tt.want {
				t.Errorf("got\n%v\nwant\n%s", err, tt.want)
			}
		})
	}
}

func TestAPIShape(t *testing.T) {
	t.Parallel()
	for _, v := range []any{smoke.Config{}, smoke.Form{}, smoke.Login{}, smoke.Step{}} {
		if typ := reflect.TypeOf(v); typ.Comparable() {
			t.Errorf("%s can be compared, so a field that cannot would break users", typ)
		}
	}
}

// A value that somebody writes where the name of its variable belongs is not
// shown, neither by New nor by -h.
func TestAValueInPlaceOfItsName(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"k7Wq2zR9f!pT4x", "sk_" + "live_abc123", "hunter2", "AKIA" + "Q3EGRZ7XTUWKLM5N", "pass word", "NAME\nNEXT"} {
		cfg := smoke.Config{
			URL: "https://smoke.test", SecretHeader: map[string]string{"X-Token": value}, LookupEnv: func(string) (string, bool) { return "", false },
			Steps: []smoke.Step{smoke.Login{Path: "/login", Secret: map[string]string{"password": value}}.Step()},
		}
		_, err := smoke.New(cfg)
		if err == nil || strings.Contains(err.Error(), value) || strings.Count(err.Error(), "must be the name of an environment variable") != 2 {
			t.Errorf("%s: %v", value, err)
		}
		var stdout, stderr strings.Builder
		if smoke.RunCommand(t.Context(), cfg, []string{"-h"}, &stdout, &stderr, false); strings.Contains(stdout.String()+stderr.String(), value) {
			t.Errorf("-h shows %s", value)
		}
	}
	// What has such a name and is set, is a variable.
	cfg := smoke.Config{URL: "https://smoke.test", LookupEnv: func(string) (string, bool) { return "0123456789", true }, Steps: []smoke.Step{smoke.Login{Path: "/login", Secret: map[string]string{"password": "smoke_password"}}.Step()}}
	if _, err := smoke.New(cfg); err != nil {
		t.Error(err)
	}
}

func TestAddressesInOtherLetters(t *testing.T) {
	t.Parallel()
	home := []smoke.Step{smoke.Page("/")}
	_, err := smoke.New(smoke.Config{URL: "https://bücher.example", Hosts: map[string]string{"api": "https://api.bücher.example"}, Steps: home})
	for _, want := range []string{"smoke: URL: must name the host in its ASCII form, xn--…", `smoke: Hosts["api"]: must name the host in its ASCII form`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := smoke.New(smoke.Config{URL: "https://xn--bcher-kva.example", Steps: home}); err != nil {
		t.Error(err)
	}
}

// A query that a redirect has to lead to is compared, and keeps no value.
func TestAValueInTheQueryOfRedirectsTo(t *testing.T) {
	t.Parallel()
	_, err := smoke.New(smoke.Config{URL: "https://smoke.test", Steps: []smoke.Step{smoke.Page("/a").RedirectsTo("/b?id={id}"), smoke.Page("/c/{id}")}})
	if err == nil || strings.Count(err.Error(), "{id}") < 2 {
		t.Errorf("got %v", err)
	}
}
