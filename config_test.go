package readiness_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness"
)

func TestNewReportsEveryProblemOfTheSite(t *testing.T) {
	t.Parallel()
	none := func(context.Context) ([]readiness.Finding, error) { return nil, nil }
	tests := []struct {
		name string
		cfg  readiness.Config
		want []string
	}{
		{"a URL for a domain", readiness.Config{Domain: "https://acme.example/", Hosts: []string{"app"}, Mail: []readiness.Mail{{}}}, []string{
			`Domain: must be a domain such as "acme.example" alone, without a scheme, port or path, got "https://acme.example/"`,
		}},
		{"an address", readiness.Config{Domain: "192.0.2.1"}, []string{`Domain: must be a domain such as "acme.example", not an address, got "192.0.2.1"`}},
		{"no ASCII", readiness.Config{Domain: "bücher.example"}, []string{`Domain: must be a domain such as "acme.example" in its ASCII form (xn--…), got "bücher.example"`}},
		{"no domain", readiness.Config{Hosts: []string{"app"}, Canonical: "@", Mail: []readiness.Mail{{Sends: true}}}, []string{
			`Canonical: needs Domain`, `Hosts[0]: needs Domain`, `Mail[0].Domain: needs Domain`,
		}},
		{"hosts", readiness.Config{Domain: "acme.example", Hosts: []string{"app", "APP.acme.example", "-x", "a b", ""}, Canonical: "app", Proxied: []string{"x"}, DNSOnly: []string{"x"}}, []string{
			`Hosts[1]: "APP.acme.example" is listed twice`,
			`Hosts[2]: must be a host such as "app", or "@" for Domain itself, labels of letters, digits and hyphens, got "-x"`,
			`Hosts[3]: must be a host such as "app", or "@" for Domain itself, labels of letters, digits and hyphens, got "a b"`,
			`Hosts[4]: must be a host such as "app", or "@" for Domain itself, labels of letters, digits and hyphens, got ""`,
			`DNSOnly[0]: "x.acme.example" is in Proxied too: it cannot be both`,
			`Canonical: must be "@" or "www", got "app"`,
		}},
		{"mail", readiness.Config{Domain: "acme.example", Mail: []readiness.Mail{{Senders: []string{"google"}}, {Domain: "@", Sends: true}, {Domain: "news", Sends: true, DKIMSelectors: []string{"s1", "S1", "s1._domainkey"}}}}, []string{
			`Mail[0].Sends: must be true where DKIMSelectors or Senders are declared`,
			`Mail[1].Domain: "acme.example" is declared twice, first at Mail[0]: keep one`,
			`Mail[2].DKIMSelectors[1]: "S1" is listed twice`,
			`Mail[2].DKIMSelectors[2]: must be a selector such as "s1", without "._domainkey", got "s1._domainkey"`,
		}},
		{"senders", readiness.Config{Domain: "acme.example", Mail: []readiness.Mail{{Sends: true, Senders: []string{"Amazon SES", "gogle", "spf.provider.example", "our own"}}}}, []string{
			`Mail[0].Senders[1]: "gogle" is no service that is known; did you mean "google"?`,
			`Mail[0].Senders[3]: "our own" is no service that is known; write the name of its SPF include, such as "spf.provider.example"`,
		}},
		{"hosts of other domains", readiness.Config{Domain: "acme.example", Hosts: []string{"shop.other.example", "eu.app", "a.b.dev", "other.com", "shop.other.example."}, Private: []string{"admin.other.co.uk"}}, []string{
			`Hosts[0]: "shop.other.example" looks like a host of another domain: write "shop.other.example.", with a dot at the end, where it is one, and "shop.other.example.acme.example" where it lies in Domain`,
			`Hosts[3]: "other.com" looks like a host of another domain: write "other.com.", with a dot at the end, where it is one, and "other.com.acme.example" where it lies in Domain`,
			`Private[0]: "admin.other.co.uk" looks like a host of another domain: write "admin.other.co.uk.", with a dot at the end, where it is one, and "admin.other.co.uk.acme.example" where it lies in Domain`,
		}},
		{"codes that no rule has", readiness.Config{Accept: []readiness.Acceptance{
			{Code: "dmarc.polcy-none", Until: "2027-01-31", Reason: "x"},
			{Code: "dmarc.none", Until: "2027-01-31", Reason: "x"},
			{Code: "own.code", Until: "2027-01-31", Reason: "x"},
			{Code: "custom.stock", Until: "2027-01-31", Reason: "x"},
			{Code: "hsts.preload", Until: "2027-01-31", Reason: "x"},
		}}, []string{
			`Accept[0].Code: no finding has the code "dmarc.polcy-none"; did you mean "dmarc.policy-none"?`,
			`Accept[1].Code: no finding has the code "dmarc.none"; did you mean "dmarc.policy-none"?`,
			`Accept[2].Code: no finding has the code "own.code"; the documentation of this package lists all, and those of your own checks begin with "custom."`,
			`Accept[4].Code: no finding has the code "hsts.preload"; those of hsts are "hsts.missing"`,
		}},
		{"redirects", readiness.Config{Redirects: []readiness.Redirect{{From: "/old", To: "https://u:p@acme.example/"}}}, []string{
			`Redirects[0].From: must be a whole URL such as "https://acme.example/old", without a user`,
			`Redirects[0].To: must be a whole URL such as "https://acme.example/old", without a user`,
		}},
		{"custom and accept", readiness.Config{Custom: []custom{{Name: "A b"}, {Name: "ok", Func: none}, {Name: "ok", Func: none}}, Accept: []readiness.Acceptance{{Code: "dmarc", Until: "soon"}}}, []string{
			`Custom[0].Name: must be lower-case letters, digits and hyphens, got "A b"`,
			`Custom[0].Func: must be a function, got nil`,
			`Custom[2].Name: "ok" is declared twice`,
			`Accept[0].Code: must be the code of a finding, such as "dmarc.policy-none", got "dmarc"`,
			`Accept[0].Until: must be a day such as "2027-01-31", got "soon"`,
			`Accept[0].Reason: must say why the risk is accepted, got nothing`,
		}},
		{"how to look", readiness.Config{
			StopOn: 7, Only: []string{"dns", "smtp"}, Timeout: -1, Interval: time.Second, Resolvers: []string{"9.9.9.9", "dns.example", "localhost:5353", "9.9.9", "dns example:53"},
			ConnectTo: []string{"a:b"}, Origins: []string{"192.0.2.1:x", "192.0.2.1"}, CloudflareRanges: []netip.Prefix{{}}, Handover: readiness.Handover{Owners: map[string]string{"login": " "}},
		}, []string{
			`Handover.Owners: each entry must name a critical path and its owner, got "login" without one`,
			`StopOn: must be Medium, High or Blocker, or left out, got severity(7)`,
			`Only[1]: must be one of "env", "dns", "mail", "web", got "smtp"`,
			`Timeout: must be at most 5m0s and not negative, got -1ns`,
			`Interval: must be at least 1m0s, got 1s`,
			`Resolvers[3]: must be an address, or HOST:PORT, such as "9.9.9.9:53", got "9.9.9"`,
			`Resolvers[4]: must be an address, or HOST:PORT, such as "9.9.9.9:53", got "dns example:53"`,
			`ConnectTo[0]: must be HOST:PORT:ADDRESS:PORT: four parts between three colons, got "a:b"`,
			`Origins[0]: must be an address, or HOST:PORT, got "192.0.2.1:x"`,
			`CloudflareRanges[0]: must be a network such as 104.16.0.0/13`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := readiness.New(tt.cfg)
			if err == nil {
				t.Fatal("no error")
			}
			if got, want := err.Error(), "readiness: "+strings.Join(tt.want, "\nreadiness: "); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestNamesBecomeFull(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		cfg            readiness.Config
		hosts, implied string
		canonical      string
		mail           string
	}{
		{"little", readiness.Config{Domain: "Acme.Example."}, "acme.example www.acme.example", "acme.example www.acme.example", "", "acme.example"},
		{
			"all kinds",
			readiness.Config{
				Domain: "acme.example", Hosts: []string{"@", "App", "api.acme.example", "a.b", "shop.other.example."}, Canonical: "www", Private: []string{"admin", "app"},
				Mail: []readiness.Mail{{}, {Domain: "news"}},
			},
			"acme.example www.acme.example app.acme.example api.acme.example a.b.acme.example shop.other.example admin.acme.example", "", "www.acme.example", "acme.example news.acme.example",
		},
		{"below a domain", readiness.Config{Domain: "app.acme.example"}, "app.acme.example", "app.acme.example", "", "app.acme.example"},
		{"a public suffix in two parts", readiness.Config{Domain: "acme.co.uk", Canonical: "@"}, "acme.co.uk www.acme.co.uk", "www.acme.co.uk", "acme.co.uk", "acme.co.uk"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			hosts, implied, canonical, mail := readiness.Site(newChecker(t, tt.cfg))
			for _, c := range []struct{ name, got, want string }{
				{"hosts", strings.Join(hosts, " "), tt.hosts},
				{"implied", strings.Join(implied, " "), tt.implied},
				{"canonical", canonical, tt.canonical},
				{"mail", strings.Join(mail, " "), tt.mail},
			} {
				if c.got != c.want {
					t.Errorf("%s is %q, want %q", c.name, c.got, c.want)
				}
			}
		})
	}
}

// TestQuestionsToNameServers holds where a question to a name server goes.
func TestQuestionsToNameServers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		connectTo []string
		private   bool
		host      string
		addr      string
		want      string
		ok        bool
	}{
		{"as it is", nil, false, "ns1.acme.example", "198.51.100.1", "198.51.100.1:53", true},
		{"private", nil, false, "ns1.acme.example", "10.0.0.1", "10.0.0.1:53", false},
		{"private is allowed", nil, true, "ns1.acme.example", "10.0.0.1", "10.0.0.1:53", true},
		{"by name", []string{"NS1.acme.example:53:127.0.0.1:5353"}, false, "ns1.acme.example", "198.51.100.1", "127.0.0.1:5353", true},
		{"by address", []string{"198.51.100.1:53:127.0.0.1:5353"}, false, "ns1.acme.example", "198.51.100.1", "127.0.0.1:5353", true},
		{"any", []string{"::127.0.0.1:5353"}, false, "ns1.acme.example", "198.51.100.1", "127.0.0.1:5353", true},
		{"the first counts", []string{":53:127.0.0.1:1", "::127.0.0.1:2"}, false, "", "2001:db8::1", "127.0.0.1:1", true},
		{"another port", []string{":443:127.0.0.1:1"}, false, "", "2001:db8::1", "[2001:db8::1]:53", true},
		{"port alone", []string{":53::5353"}, false, "", "198.51.100.1", "198.51.100.1:5353", true},
		{"port alone, private", []string{":53::5353"}, false, "", "127.0.0.1", "127.0.0.1:5353", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			launch := newChecker(t, readiness.Config{ConnectTo: tt.connectTo, AllowPrivate: tt.private})
			if got, ok := readiness.Server(launch, tt.host, netip.MustParseAddr(tt.addr)); got != tt.want || ok != tt.ok {
				t.Errorf("got %s, %v, want %s, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

func TestEvidenceOfStrangersIsHarmless(t *testing.T) {
	t.Parallel()
	if got := readiness.Shown("v=spf1 \x1b[31m\u202e\xff é"); got != "v=spf1 ?[31m?? é" {
		t.Errorf("got %q", got)
	}
	if got := []rune(readiness.Shown(strings.Repeat("é", 1000))); len(got) != 301 || !slices.Contains(got, '…') {
		t.Errorf("got %d characters", len(got))
	}
}
