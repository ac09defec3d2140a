package readiness_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/launchready/readiness"
)

const site = `{"domain": "acme.example", "hosts": ["@", "www", "app", "api"], "canonical": "@",
 "proxied": ["@", "www"], "private": ["admin", "staging"],
 "mail": {"sends": true, "receives": true, "dkim_selectors": ["google", "s1"], "senders": ["google", "sendgrid"]},
 "redirects": [{"from": "http://acme.example/old?x=1", "to": "https://acme.example/new?x=1"}],
 "env": [{"name": "DATABASE_URL", "format": "url", "schemes": ["postgres"], "secret": true},
         {"name": "SESSION_SECRET", "secret": true, "min_length": 32}, {"name": "PORT", "format": "port", "optional": true},
         {"name": "MODE", "one_of": ["live", "test"]}, {"name": "STRIPE_KEY", "prefix": "sk_live_", "secret": true}],
 "accept": [{"code": "dmarc.policy-none", "until": "2027-01-31", "reason": "first month"}],
 "handover": {"alerts_to": "ops@acme.example", "approves_changes": "cto@acme.example", "owners": {"login": "ana@acme.example"}}}`

func TestLoad(t *testing.T) {
	t.Parallel()
	got, err := readiness.Load(strings.NewReader(site))
	want := readiness.Config{
		Domain: "acme.example", Hosts: []string{"@", "www", "app", "api"}, Canonical: "@", Proxied: []string{"@", "www"}, Private: []string{"admin", "staging"},
		Mail:      []readiness.Mail{{Sends: true, Receives: true, DKIMSelectors: []string{"google", "s1"}, Senders: []string{"google", "sendgrid"}}},
		Redirects: []readiness.Redirect{{From: "http://acme.example/old?x=1", To: "https://acme.example/new?x=1"}},
		Accept:    []readiness.Acceptance{{Code: "dmarc.policy-none", Until: "2027-01-31", Reason: "first month"}},
		Handover: readiness.Handover{
			AlertsTo: "ops@acme.example", ApprovesChanges: "cto@acme.example", Owners: map[string]string{"login": "ana@acme.example"},
		},
	}
	want.Env = []readiness.EnvVar{
		{Name: "DATABASE_URL", Format: readiness.URL, Schemes: []string{"postgres"}, Secret: true},
		{Name: "SESSION_SECRET", Secret: true, MinLength: 32},
		{Name: "PORT", Format: readiness.Port, Optional: true},
		{Name: "MODE", OneOf: []string{"live", "test"}},
		{Name: "STRIPE_KEY", Prefix: "sk_live_", Secret: true},
	}
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
		{"the site", `{"domain":"acme.example","hosts":["a b"],"dns_only":["x"],"proxied":["x"],"mail":[7,{"sends":"yes","senders":["google"]},{"domain":"@","dkim_selectors":["s1"]},{"domain":"@"}],"accept":[{"code":"x"}],"handover":{"alert_to":"a","owners":{"login":1}}}`, []string{
			`mail[0]: must be an object, not a number`,
			`mail[1].sends: must be true or false, not a string`,
			`handover.owners.login: must be a string, not a number`,
			`handover.alert_to: unknown key (did you mean "alerts_to"?)`,
			`hosts[0]: must be a host such as "app", or "@" for domain itself, labels of letters, digits and hyphens, got "a b"`,
			`dns_only[0]: "x.acme.example" is in proxied too: it cannot be both`,
			`mail[2].sends: must be true where dkim_selectors or senders are declared`,
			`mail[3].domain: "acme.example" is declared twice, first at mail[2]: keep one`,
			`accept[0].code: must be the code of a finding, such as "dmarc.policy-none", got "x"`,
			`accept[0].until: must be a day such as "2027-01-31", got ""`,
			`accept[0].reason: must say why the risk is accepted, got nothing`,
		}},
		{"one mail", `{"domain":"acme.example","mail":{"domain":"a b"},"cloudflare_ranges":["104.16.0.0"],"origins":[""]}`, []string{
			`cloudflare_ranges[0]: must be a network such as "104.16.0.0/13", got "104.16.0.0"`,
			`mail.domain: must be a host such as "app", or "@" for domain itself, labels of letters, digits and hyphens, got "a b"`,
			`origins[0]: must be an address, or HOST:PORT, got ""`,
		}},
		{"mail of another kind", `{"domain":"acme.example","mail":true}`, []string{`mail: must be an object or a list of objects, not true or false`}},
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
		written, err := json.Marshal(cfg)
		if err != nil {
			t.Fatal(err)
		}
		again, err := readiness.Load(bytes.NewReader(written))
		if err != nil {
			t.Fatalf("Load refuses what MarshalJSON wrote: %v\n%s", err, written)
		}
		if twice, err := json.Marshal(again); err != nil || !bytes.Equal(written, twice) {
			t.Fatalf("%v: %s became %s", err, written, twice)
		}
	})
}

func TestConfigIsWrittenAsItIsRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		site, `{}`,
		`{"domain":"acme.example","dns_only":["ssh"],"origins":["192.0.2.1","[2001:db8::1]:8443"],"cloudflare_ranges":["104.16.0.0/13"],"mail":[{},{"domain":"news"}],
		"handover":{"registrar":"a","dns":"b","cloudflare":"c","hosting":"d","mail_provider":"e","secrets":"f","monitoring":"g","deploy":"h","rollback":"i","last_good_release":"j"}}`,
	} {
		cfg, err := readiness.Load(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		written, err := json.Marshal(cfg)
		if err != nil {
			t.Fatal(err)
		}
		again, err := readiness.Load(bytes.NewReader(written))
		if err != nil || !reflect.DeepEqual(again, cfg) {
			t.Errorf("%v, %s became\n%+v\nfrom\n%+v", err, written, again, cfg)
		}
	}
}

// TestLoadListsWhatIsWrongInBothOfAKeyGivenTwice holds that the second value
// is looked at too, and that it is no source of others.
func TestLoadListsWhatIsWrongInBothOfAKeyGivenTwice(t *testing.T) {
	t.Parallel()
	_, err := readiness.Load(strings.NewReader(`{"domain":"acme.example","mail":{"sends":true},"mail":[{"y":2},{"domain":"@"}],"env":[{"name":"A"}],"env":[{"name":"A"},{"name":"A"}]}`))
	want := "readiness: mail: the key is given twice\nreadiness: env: the key is given twice\nreadiness: mail[0].y: unknown key"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}
