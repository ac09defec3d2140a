package readiness_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/launchready/readiness"
)

func TestNewReportsEveryProblemOfTheConfig(t *testing.T) {
	t.Parallel()
	type envVar = readiness.EnvVar
	tests := []struct {
		name string
		env  []envVar
		want []string
	}{
		{"names", []envVar{{}, {Name: "A-B"}, {Name: "1A"}, {Name: "A"}, {Name: "B"}, {Name: "A"}}, []string{
			`Env[0].Name: must be the name of an environment variable, got none`,
			`Env[1].Name: must be letters, digits and _, not beginning with a digit, got "A-B"`,
			`Env[2].Name: must be letters, digits and _, not beginning with a digit, got "1A"`,
			`Env[5].Name: "A" is declared twice, first at Env[3]: keep one`,
		}},
		{"formats", []envVar{{Name: "A", Format: "boolean"}, {Name: "B", Format: "URL"}}, []string{
			`Env[0].Format: must be one of "url", "port", "duration", "bool", "email", got "boolean"; did you mean "bool"?`,
			`Env[1].Format: must be one of "url", "port", "duration", "bool", "email", got "URL"; did you mean "url"?`,
		}},
		{"schemes", []envVar{{Name: "A", Schemes: []string{"https"}}, {Name: "B", Format: readiness.URL, Schemes: []string{"https://", "redis", "REDIS", ""}}}, []string{
			`Env[0].Schemes: needs Format "url"`,
			`Env[1].Schemes[0]: must be a scheme alone, such as "https", without "://", got "https://"`,
			`Env[1].Schemes[2]: "REDIS" is listed twice`,
			`Env[1].Schemes[3]: must be a scheme alone, such as "https", without "://", got ""`,
		}},
		{"limits", []envVar{
			{Name: "A", MinLength: -1},
			{Name: "B", MinLength: 3, Format: readiness.Port},
			{Name: "C", MinLength: 1 << 20},
			{Name: "D", Prefix: "x", Format: readiness.Bool},
			{Name: "E", Prefix: "http://", Format: readiness.URL, Schemes: []string{"https"}},
			{Name: "F", Prefix: " x"},
		}, []string{
			`Env[0].MinLength: must not be negative, got -1`,
			`Env[1].MinLength: says nothing about a port: leave it out`,
			`Env[2].MinLength: must be at most 16384, got 1048576`,
			`Env[3].Prefix: cannot go together with Format "bool"`,
			`Env[4].Prefix: its scheme is none of Schemes`,
			`Env[5].Prefix: must not begin with white space or quotes: they are taken off values before the check`,
		}},
		{"one of", []envVar{
			{Name: "A", OneOf: []string{"", "a", "a", " b"}},
			{Name: "B", OneOf: []string{"80", "http"}, Format: readiness.Port},
			{Name: "C", OneOf: []string{"x_1", "y_1"}, Prefix: "x_"},
			{Name: "D", OneOf: []string{"long", "no"}, MinLength: 3},
			{Name: "E", OneOf: []string{"http://a", "https://a"}, Format: readiness.URL, Schemes: []string{"https"}},
			{Name: "F", OneOf: []string{"a"}, Secret: true},
		}, []string{
			`Env[0].OneOf[0]: an empty value counts as not set: use Optional for that`,
			`Env[0].OneOf[2]: "a" is listed twice`,
			`Env[0].OneOf[3]: must have no white space or quotes around it: they are taken off values before the check`,
			`Env[1].OneOf[1]: "http" is not of Format "port"`,
			`Env[2].OneOf[1]: "y_1" does not begin with Prefix "x_"`,
			`Env[3].OneOf[1]: "no" is shorter than MinLength 3`,
			`Env[4].OneOf[0]: "http://a" has a scheme that is none of Schemes`,
			`Env[5].OneOf: cannot go together with Secret: findings show the list`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			launch, err := readiness.New(readiness.Config{Env: tt.env})
			if launch != nil || err == nil {
				t.Fatalf("got %v, %v", launch, err)
			}
			if got, want := err.Error(), "readiness: "+strings.Join(tt.want, "\nreadiness: "); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if !errors.Is(err, readiness.ErrConfig) {
				t.Error("errors.Is(err, ErrConfig) is false")
			}
			if one, ok := errors.AsType[*readiness.ConfigError](err); !ok || !strings.HasPrefix(tt.want[0], one.Path) {
				t.Errorf("errors.As gave %+v", one)
			}
		})
	}
}

func TestNewCopiesTheConfig(t *testing.T) {
	t.Parallel()
	env := []readiness.EnvVar{{Name: "A", OneOf: []string{"a"}}}
	launch, err := readiness.New(readiness.Config{Env: env, LookupEnv: lookup(map[string]string{"A": "a"})})
	if err != nil {
		t.Fatal(err)
	}
	env[0].OneOf[0], env[0].Name = "b", "B"
	if report := launch.CheckEnv(); len(report.Findings) > 0 {
		t.Errorf("a later change of the Config mattered: %v", report)
	}
}

func TestDefaultIsTheEnvironmentOfTheProcess(t *testing.T) {
	t.Setenv("READINESS_TEST_SET", "anything")
	launch, err := readiness.New(readiness.Config{Env: []readiness.EnvVar{{Name: "READINESS_TEST_SET"}, {Name: "READINESS_TEST_UNSET"}}})
	if err != nil {
		t.Fatal(err)
	}
	found := launch.CheckEnv().Findings
	if len(found) != 1 || found[0].Subject != "READINESS_TEST_UNSET" || found[0].Title != "not set in this process" {
		t.Errorf("got %+v", found)
	}
}

func TestLoggerGetsOneEntryPerFinding(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zap.DebugLevel)
	launch, err := readiness.New(readiness.Config{
		Env:       []readiness.EnvVar{{Name: "A"}, {Name: "B", Secret: true}, {Name: "C"}, {Name: "D"}},
		LookupEnv: lookup(map[string]string{"B": "Vq8dL2mZ0rT6\n", "C": " x", "D": "x"}), Logger: zap.New(core),
	})
	if err != nil {
		t.Fatal(err)
	}
	launch.CheckEnv()
	var got []string
	for _, e := range logs.All() {
		got = append(got, e.Level.String()+" "+e.Message+" "+e.ContextMap()["code"].(string)+" "+e.ContextMap()["subject"].(string))
	}
	want := []string{
		"error readiness: finding env.missing A",
		"warn readiness: finding env.whitespace B",
		"info readiness: finding env.whitespace C",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestStructsStayOpen keeps the promise that fields can be added: no struct
// that a user fills in can be compared or written without field names.
func TestStructsStayOpen(t *testing.T) {
	t.Parallel()
	for _, v := range []any{
		readiness.Config{},
		readiness.EnvVar{},
		readiness.Finding{},
		readiness.Mail{},
		readiness.Redirect{},
		readiness.Custom{},
		readiness.Acceptance{},
		readiness.Handover{},
		readiness.HostMap{},
		readiness.HandoverItem{},
		readiness.Accepted{},
		readiness.TextStyle{},
	} {
		if typ := reflect.TypeOf(v); typ.Comparable() || typ.Field(0).Type != reflect.TypeFor[[0]func()]() {
			t.Errorf("%v lacks its first field", typ)
		}
	}
}

// TestEveryEnvironmentCodeIsFound makes each finding of the environment.
func TestEveryEnvironmentCodeIsFound(t *testing.T) {
	t.Parallel()
	found := map[string]bool{"env.vanished": true} // TestVariableThatVanished
	for _, c := range []struct {
		v     readiness.EnvVar
		value string
	}{
		{readiness.EnvVar{}, ""},
		{readiness.EnvVar{}, "xxx"},
		{readiness.EnvVar{Format: readiness.Port}, "-"},
		{readiness.EnvVar{Format: readiness.URL, Schemes: []string{"a"}}, "b://c"},
		{readiness.EnvVar{OneOf: []string{"a"}}, "b"},
		{readiness.EnvVar{Prefix: "a"}, "b"},
		{readiness.EnvVar{MinLength: 2}, "b"},
		{readiness.EnvVar{}, "b "},
		{readiness.EnvVar{}, "'b'"},
	} {
		for _, f := range check(t, c.v, c.value) {
			found[f.Code] = true
		}
	}
	for _, row := range readiness.CodeRows() {
		if strings.HasPrefix(row.Code, "env.") && row.Code != "env.memory" && !found[row.Code] {
			t.Errorf("%s was not found", row.Code)
		}
	}
}

func BenchmarkCheckEnv(b *testing.B) {
	env := []readiness.EnvVar{
		{Name: "DATABASE_URL", Format: readiness.URL, Schemes: []string{"postgres"}, Secret: true},
		{Name: "REDIS_URL", Format: readiness.URL, Schemes: []string{"redis", "rediss"}, Secret: true, Optional: true},
		{Name: "SESSION_SECRET", Secret: true, MinLength: 32},
		{Name: "STRIPE_KEY", Secret: true, Prefix: "sk_live_"},
		{Name: "PORT", Format: readiness.Port},
		{Name: "TIMEOUT", Format: readiness.Duration},
		{Name: "DEBUG", Format: readiness.Bool},
		{Name: "MAIL_FROM", Format: readiness.Email},
		{Name: "MODE", OneOf: []string{"live", "test"}},
		{Name: "REGION"},
	}
	clean := map[string]string{
		"DATABASE_URL": "postgres://app:Vq8dL2mZ0rT6@db:5432/app", "SESSION_SECRET": "Vq8dL2mZ0rT6yB4nK1sX7wF3hJ9pC5gA", "STRIPE_KEY": "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
		"PORT": "8080", "TIMEOUT": "30s", "DEBUG": "false", "MAIL_FROM": "Acme <no-reply@acme.example>", "MODE": "live", "REGION": "eu-central-1",
	}
	for name, vars := range map[string]map[string]string{"ten clean": clean, "ten missing": nil} {
		b.Run(name, func(b *testing.B) {
			launch, err := readiness.New(readiness.Config{Env: env, LookupEnv: lookup(vars), Logger: zap.New(zapcore.NewNopCore())})
			if err != nil {
				b.Fatal(err)
			}
			if found := launch.CheckEnv().Findings; vars != nil && len(found) > 0 {
				b.Fatal(found)
			}
			b.ReportAllocs()
			for b.Loop() {
				launch.CheckEnv()
			}
		})
	}
}
