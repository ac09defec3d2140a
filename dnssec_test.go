package readiness_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/internal/dnsq"
	"github.com/launchready/readiness/internal/dnstest"
	"github.com/launchready/readiness/internal/unboundtest"
)

// registry is the zone above the domains of TestDNSSEC.
const registry = `
example.         SOA a.nic.example. host.nic.example. 1 7200 3600 1209600 300
example.         NS a.nic.example.
a.nic.example.   A 192.0.2.1
ns1.host.example. A 192.0.2.53
ns2.host.example. A 198.51.100.53
`

// launchZone is a domain that is in order but for its signatures.
const launchZone = `
DOMAIN.          SOA ns1.host.example. host.DOMAIN. 7 7200 3600 1209600 300
DOMAIN.          NS ns1.host.example.
DOMAIN.          NS ns2.host.example.
DOMAIN.          A 203.0.113.10
www.DOMAIN.      CNAME DOMAIN.
app.DOMAIN.      A 203.0.113.11
a.deep.DOMAIN.   A 203.0.113.12
`

// oldDS is the DS record of a key that is gone.
const oldDS = " DS 12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF\n"

// TestDNSSEC checks domains through a resolver that checks signatures itself:
// what it refuses, and hands out where the check is switched off, is a finding;
// a server that does not answer is none.
func TestDNSSEC(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, domain string
		bogus        []string // hosts that the evidence must name, and no others
		unknown      []string // codes of the domain, which go without a finding
		dead         bool     // nobody answers for the domain
	}{
		{name: "signed", domain: "signed.example"},
		{name: "signed, with a wildcard", domain: "wild.example"},
		{name: "not signed, and no DS record", domain: "plain.example"},
		{name: "one signature expired", domain: "expired.example", bogus: []string{"app.expired.example"}},
		{name: "forged, of the domain itself", domain: "forged.example", bogus: []string{"forged.example", "www.forged.example"}},
		{name: "moved to a host that does not sign", domain: "moved.example", bogus: []string{"app.moved.example", "moved.example", "www.moved.example"}},
		{name: "moved to a host that signs with another key", domain: "rekeyed.example", bogus: []string{"app.rekeyed.example", "rekeyed.example", "www.rekeyed.example"}},
		{name: "moved, with name servers of its own", domain: "inside.example", bogus: []string{"app.inside.example", "inside.example", "ns1.inside.example", "ns2.inside.example", "www.inside.example"}},
		{name: "its servers are silent", domain: "silent.example", dead: true, unknown: []string{"dns.timeout"}},
		{name: "its servers fail", domain: "failing.example", dead: true, unknown: []string{"dns.servfail"}},
		{name: "nothing listens", domain: "gone.example", dead: true, unknown: []string{"dns.servfail", "dns.timeout"}},
	}
	var zone strings.Builder
	zone.WriteString(registry + "*.wild.example. A 203.0.113.10\nmoved.example." + oldDS + "rekeyed.example." + oldDS + "inside.example." + oldDS)
	faults := map[string]dnstest.Fault{}
	for _, tt := range tests {
		text := launchZone
		if tt.domain == "inside.example" {
			text = strings.ReplaceAll(text, "host.example", tt.domain) + "ns1.DOMAIN. A 192.0.2.53\nns2.DOMAIN. A 198.51.100.53\n"
		}
		zone.WriteString(strings.ReplaceAll(text, "DOMAIN", tt.domain))
		for _, host := range []string{"", "www.", "app."} {
			switch tt.domain {
			case "silent.example":
				faults[host+tt.domain] = dnstest.Silent
			case "failing.example":
				faults[host+tt.domain] = dnstest.ServFail
			}
		}
	}
	srv := dnstest.StartSigned(t, zone.String(), faults, dnstest.Signing{
		Unsigned: []string{"plain.example", "moved.example", "inside.example"},
		Broken:   map[string]dnstest.Flaw{"app.expired.example": dnstest.Expired, "forged.example": dnstest.Forged},
	})
	zones := map[string]string{"example": srv.Addr}
	for _, tt := range tests {
		zones[tt.domain] = srv.Addr
	}
	zones["gone.example"] = "127.0.0.1:1" // no port that the kernel gives to anybody
	resolver := unboundtest.Start(t, zones, srv.DS("example"))

	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := readiness.Config{
				Domain: tt.domain, Hosts: []string{"@", "www", "app"}, Only: []string{"dns"}, Timeout: 20 * time.Second,
				Resolvers: []string{resolver}, ConnectTo: []string{":53:" + srv.Addr, "::127.0.0.1:1"},
			}
			if tt.dead {
				cfg.Timeout = 5 * time.Second // the rest is unknown as well
				cfg.ConnectTo = []string{"192.0.2.1:53:" + srv.Addr, ":53:" + zones["gone.example"], "::127.0.0.1:1"}
			}
			c, err := readiness.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			r := c.Check(t.Context())
			var want []string
			if len(tt.bogus) > 0 {
				want = []string{fmt.Sprint("blocker dns.dnssec ", tt.domain, " [SERVFAIL, but an answer without the check: ", strings.Join(tt.bogus, ", "), "]")}
			}
			var got []string
			for _, f := range r.Findings {
				got = append(got, fmt.Sprint(f.Severity, " ", f.Code, " ", f.Subject, " ", f.Evidence))
			}
			differ(t, "found", got, want)
			isUnknown := slices.ContainsFunc(r.Unknown, func(f readiness.Finding) bool {
				return f.Subject == tt.domain && slices.Contains(tt.unknown, f.Code)
			})
			if isUnknown != tt.dead || !tt.dead && len(r.Unknown) > 0 {
				t.Errorf("unknown: %+v", r.Unknown)
			}
			if t.Failed() {
				t.Logf("%s", r)
			}
		})
	}
}

// TestDNSSECAnswers checks that the resolver vouches for what is signed, the
// denials too, and that a broken signature is all that stands in the way.
func TestDNSSECAnswers(t *testing.T) {
	t.Parallel()
	zone := registry + strings.ReplaceAll(launchZone, "DOMAIN", "acme.example") + strings.ReplaceAll(launchZone, "DOMAIN", "plain.example") + `
*.wild.acme.example.    A 203.0.113.20
gone.acme.example.      CNAME nowhere.acme.example.
expired.acme.example.   A 203.0.113.21
forged.acme.example.    A 203.0.113.22
`
	srv := dnstest.StartSigned(t, zone, nil, dnstest.Signing{
		Unsigned: []string{"plain.example"},
		Broken:   map[string]dnstest.Flaw{"expired.acme.example": dnstest.Expired, "forged.acme.example": dnstest.Forged},
	})
	zones := map[string]string{"example": srv.Addr, "acme.example": srv.Addr, "plain.example": srv.Addr}
	resolver := unboundtest.Start(t, zones, srv.DS("example"))
	tests := []struct {
		name      string
		t         dnsq.Type
		want      dnsq.Status
		verified  bool
		unchecked dnsq.Status
	}{
		{"acme.example", dnsq.A, dnsq.Data, true, dnsq.Data},
		{"acme.example", dnsq.DNSKEY, dnsq.Data, true, dnsq.Data},
		{"acme.example", dnsq.DS, dnsq.Data, true, dnsq.Data},
		{"acme.example", dnsq.MX, dnsq.NoData, true, dnsq.NoData},
		{"www.acme.example", dnsq.A, dnsq.Data, true, dnsq.Data},
		{"nowhere.acme.example", dnsq.A, dnsq.NXDomain, true, dnsq.NXDomain},
		{"below.app.acme.example", dnsq.A, dnsq.NXDomain, true, dnsq.NXDomain},
		{"gone.acme.example", dnsq.A, dnsq.NXDomain, true, dnsq.NXDomain},
		{"deep.acme.example", dnsq.A, dnsq.NoData, true, dnsq.NoData},
		{"any.wild.acme.example", dnsq.A, dnsq.Data, true, dnsq.Data},
		{"any.wild.acme.example", dnsq.AAAA, dnsq.NoData, true, dnsq.NoData},
		{"nowhere.example", dnsq.A, dnsq.NXDomain, true, dnsq.NXDomain},
		{"plain.example", dnsq.A, dnsq.Data, false, dnsq.Data},
		{"plain.example", dnsq.DS, dnsq.NoData, true, dnsq.NoData},
		{"nowhere.plain.example", dnsq.A, dnsq.NXDomain, false, dnsq.NXDomain},
		{"expired.acme.example", dnsq.A, dnsq.ServFail, false, dnsq.Data},
		{"expired.acme.example", dnsq.AAAA, dnsq.NoData, true, dnsq.NoData},
		{"forged.acme.example", dnsq.A, dnsq.ServFail, false, dnsq.Data},
		{"forged.acme.example", dnsq.AAAA, dnsq.NoData, true, dnsq.NoData},
	}
	r := dnsq.New(dnsq.Config{Servers: []string{resolver}, Timeout: 10 * time.Second})
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.name, " ", tt.t), func(t *testing.T) {
			t.Parallel()
			if a := r.Ask(t.Context(), tt.name, tt.t, dnsq.Options{DNSSEC: true}); a.Status != tt.want || a.Authenticated != tt.verified {
				t.Errorf("%v, vouched for: %v; want %v, %v", a.Status, a.Authenticated, tt.want, tt.verified)
			}
			if a := r.Ask(t.Context(), tt.name, tt.t, dnsq.Options{CheckingDisabled: true}); a.Status != tt.unchecked {
				t.Errorf("unchecked %v, want %v", a.Status, tt.unchecked)
			}
		})
	}
}
