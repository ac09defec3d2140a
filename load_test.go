package readiness_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/launchready/readiness"
)

const site = `{
  "env": [{"name": "DATABASE_URL", "format": "url", "schemes": ["postgres"], "secret": true},
          {"name": "SESSION_SECRET", "secret": true, "min_length": 32}, {"name": "PORT", "format": "port", "optional": true},
          {"name": "MODE", "one_of": ["live", "test"]}, {"name": "STRIPE_KEY", "prefix": "sk_live_", "secret": true}]
}`

func TestLoad(t *testing.T) {
	t.Parallel()
	got, err := readiness.Load(strings.NewReader(site))
	want := readiness.Config{Env: []readiness.EnvVar{
		{Name: "DATABASE_URL", Format: readiness.URL, Schemes: []string{"postgres"}, Secret: true},
		{Name: "SESSION_SECRET", Secret: true, MinLength: 32},
		{Name: "PORT", Format: readiness.Port, Optional: true},
		{Name: "MODE", OneOf: []string{"live", "test"}},
		{Name: "STRIPE_KEY", Prefix: "sk_live_", Secret: true},
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v", got, err)
	}
	if _, err := readiness.New(got); err != nil {
		t.Errorf("New refuses what Load accepted: %v", err)
	}
	if got, err := readiness.Load(strings.NewReader("{}")); err != nil || got.Env != nil {
		t.Errorf("an empty object is %+v, %v", got, err)
	}
}

func TestLoadReportsEveryProblemOfTheFile(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string
	}{
		{"keys and meaning at once", `{"env":[{"name":"A","schemes":["a"]},{"name":"A"},{"name":"B","formt":"url","min_length":-1}],"Env":[],"env":[]}`, []string{
			`env: the key is given twice`,
			`env[2].formt: unknown key (did you mean "format"?)`,
			`Env: unknown key (did you mean "env"?)`,
			`env[0].schemes: needs format "url"`,
			`env[1].name: "A" is declared twice, first at env[0]: keep one`,
		}},
		{"kinds", `{"env":[7,{"name":"A","secret":"yes","one_of":"a"},{"name":"A"}]}`, []string{
			`env[0]: must be an object, not a number`,
			`env[1].secret: must be true or false, not a string`,
			`env[1].one_of: must be a list of strings, not a string`,
			`env[2].name: "A" is declared twice, first at env[1]: keep one`,
		}},
		{"limits", `{"env":[{"name":"A","format":"boolean","min_length":-2},{"name":"B","secret":true,"one_of":["x"]},{"name":"C","one_of":[""]}]}`, []string{
			`env[0].format: must be one of "url", "port", "duration", "bool", "email", got "boolean"; did you mean "bool"?`,
			`env[0].min_length: must not be negative, got -2`,
			`env[1].one_of: cannot go together with secret: findings show the list`,
			`env[2].one_of[0]: an empty value counts as not set: use optional for that`,
		}},
		{"syntax", `{"env":[}`, []string{`line 1, column 9: invalid character '}' looking for beginning of value`}},
		{"no name", `{"env":[{}]}`, []string{`env[0].name: must be the name of an environment variable, got none`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg, err := readiness.Load(strings.NewReader(tt.text))
			if err == nil || cfg.Env != nil || !errors.Is(err, readiness.ErrConfig) {
				t.Fatalf("got %+v, %v", cfg, err)
			}
			if got, want := err.Error(), "readiness: "+strings.Join(tt.want, "\nreadiness: "); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestLoadKeepsTheErrorOfTheReader(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk")
	if _, err := readiness.Load(iotest.ErrReader(broken)); !errors.Is(err, broken) || !errors.Is(err, readiness.ErrConfig) {
		t.Errorf("got %v", err)
	}
}

// FuzzLoad holds that Load never panics and that New accepts what it accepts.
func FuzzLoad(f *testing.F) {
	f.Add(site)
	f.Add(`{"env":[{"name":"A","one_of":["x","y"],"prefix":"x"},{"name":"B","format":"url","schemes":["a","b:"]}]}`)
	f.Add(`{"env":[{},{"name":"A","min_length":99999}],"x":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		cfg, err := readiness.Load(strings.NewReader(text))
		if err != nil {
			if !errors.Is(err, readiness.ErrConfig) || strings.ContainsAny(err.Error(), "\x00\r\x1b") {
				t.Fatalf("got %q", err)
			}
			return
		}
		if _, err := readiness.New(cfg); err != nil {
			t.Fatalf("New refuses what Load accepted: %v", err)
		}
	})
}
