package readiness_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/internal/dnstest"
)

func TestReachOfAddresses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, addr, want string }{
		{"public", "203.0.114.1", ""},
		{"public IPv6", "2606:4700::1", ""},
		{"just below 10/8", "9.255.255.255", ""},
		{"10/8", "10.0.0.0", "RFC 1918"},
		{"just above 10/8", "11.0.0.0", ""},
		{"172.15", "172.15.255.255", ""},
		{"172.16", "172.16.0.1", "RFC 1918"},
		{"172.31", "172.31.255.255", "RFC 1918"},
		{"172.32", "172.32.0.0", ""},
		{"192.168", "192.168.1.1", "RFC 1918"},
		{"CGNAT", "100.64.0.1", "RFC 6598"},
		{"end of CGNAT", "100.127.255.255", "RFC 6598"},
		{"after CGNAT", "100.128.0.0", ""},
		{"loopback", "127.0.0.53", "loopback"},
		{"loopback IPv6", "::1", "loopback"},
		{"unspecified", "0.0.0.0", "RFC 791"},
		{"unspecified IPv6", "::", "RFC 4291"},
		{"link-local", "169.254.169.254", "RFC 3927"},
		{"link-local IPv6", "fe80::1", "link-local"},
		{"unique local", "fd12::1", "RFC 4193"},
		{"site-local", "fec0::1", "RFC 3879"},
		{"documentation", "192.0.2.1", "RFC 5737"},
		{"documentation IPv6", "2001:db8::1", "RFC 3849"},
		{"benchmarks", "198.19.0.1", "RFC 2544"},
		{"multicast", "224.0.0.1", "multicast"},
		{"multicast IPv6", "ff02::1", "multicast"},
		{"broadcast", "255.255.255.255", "reserved"},
		{"discard", "100::1", "RFC 6666"},
		{"anycast in the protocols' network", "192.0.0.9", ""},
		{"IPv4 in IPv6", "::ffff:203.0.114.1", "RFC 4291"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := readiness.ReachOf(netip.MustParseAddr(tt.addr))
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("%s: %q, want %q", tt.addr, got, tt.want)
			}
		})
	}
}

func TestProviders(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, chain, addr, want string }{
		{"nobody", "", "203.0.113.1", ""},
		{"Vercel", "cname.vercel-dns.com", "76.76.21.21", "Vercel"},
		{"Vercel, with a number", "0a1b.vercel-dns-017.com", "", "Vercel"},
		{"Vercel by address", "", "76.76.21.21", "Vercel"},
		{"GitHub Pages by IPv6 address", "", "2606:50c0:8001::153", "GitHub Pages"},
		{"S3", "acme.s3.eu-west-1.amazonaws.com", "", "Amazon S3"},
		{"S3 as a website", "acme.s3-website-us-east-1.amazonaws.com", "", "Amazon S3"},
		{"a load balancer", "acme-123.eu-west-1.elb.amazonaws.com", "", "AWS Elastic Load Balancing"},
		{"the cloud itself", "ec2-203-0-113-1.compute-1.amazonaws.com", "", "Amazon Web Services"},
		{"the last alias that is known", "acme.netlify.app cdn.fastly.net", "", "Fastly"},
		{"the alias above the address", "acme.onrender.com", "151.101.1.1", "Render"},
		{"no end of a label", "notgithub.io", "", ""},
		{"the provider's own name as a label", "github.io.acme.example", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var addrs []netip.Addr
			if tt.addr != "" {
				addrs = append(addrs, netip.MustParseAddr(tt.addr))
			}
			if got := readiness.Behind(strings.Fields(tt.chain), addrs); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestProviderTableIsSound(t *testing.T) {
	t.Parallel()
	names, suffixes, networks, pages := readiness.ProviderTable()
	seen := map[string]string{}
	for i, name := range names {
		for _, s := range suffixes[i] {
			if s != strings.ToLower(s) || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") || !strings.Contains(s, ".") {
				t.Errorf("%s: %q is no end of a name", name, s)
			}
			if other := seen[s]; other != "" {
				t.Errorf("%q is %s's and %s's", s, other, name)
			}
			seen[s] = name
			if got := readiness.Behind([]string{"x." + strings.ReplaceAll(s, "*", "y")}, nil); got != name {
				t.Errorf("%q leads to %q: it stands behind it in the table, and should be %s's", s, got, name)
			}
		}
		for _, n := range networks[i] {
			if p, err := netip.ParsePrefix(n); err != nil || p != p.Masked() {
				t.Errorf("%s: %q: %v", name, n, err)
			}
		}
		if i := slices.IndexFunc(pages[i], func(s string) bool { return s != strings.ToLower(s) || len(s) < 10 }); i >= 0 {
			t.Errorf("%s: the words of a page must be in lower case and long enough to say something", name)
		}
	}
}

func TestIsExample(t *testing.T) {
	t.Parallel()
	for domain, want := range map[string]bool{
		"acme.example": true, "a.b.test": true, "example.com": true, "www.example.org": true,
		"acme.com": false, "example.io": false, "myexample.com": false, "test.de": false,
	} {
		if got := readiness.IsExample(domain); got != want {
			t.Errorf("%s: %v", domain, got)
		}
	}
}

const mapZone = `
acme.example.       IN A 203.0.113.10
acme.example.       IN AAAA 2001:db8::10
www.acme.example.   120 IN CNAME edge.acme.example.
edge.acme.example.  60 IN A 104.21.32.11
app.acme.example.   IN CNAME cname.vercel-dns.com.
cname.vercel-dns.com. 30 IN A 76.76.21.93
`

func TestLaunchMap(t *testing.T) {
	t.Parallel()
	srv := dnstest.Start(t, mapZone, nil)
	c, err := readiness.New(readiness.Config{
		Domain: "acme.example", Hosts: []string{"@", "www", "app", "gone"}, Only: []string{"dns"},
		Resolvers: []string{srv.Addr}, ConnectTo: []string{":53:" + srv.Addr, "::127.0.0.1:1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		name, chain, addrs, provider string
		proxied                      bool
		ttl                          time.Duration
	}
	want := []row{
		{"acme.example", "", "203.0.113.10 2001:db8::10", "", false, 5 * time.Minute},
		{"www.acme.example", "edge.acme.example", "104.21.32.11", "Cloudflare", true, 2 * time.Minute},
		{"app.acme.example", "cname.vercel-dns.com", "76.76.21.93", "Vercel", false, 5 * time.Minute},
		{"gone.acme.example", "", "", "", false, 0},
	}
	var got []row
	for _, m := range c.Check(t.Context()).Map {
		var addrs []string
		for _, a := range m.Addresses {
			addrs = append(addrs, a.String())
		}
		got = append(got, row{m.Name, strings.Join(m.Chain, " "), strings.Join(addrs, " "), m.Provider, m.Proxied, m.TTL})
	}
	slices.SortFunc(want, func(a, b row) int {
		return slices.IndexFunc(got, func(r row) bool { return r.name == a.name }) - slices.IndexFunc(got, func(r row) bool { return r.name == b.name })
	})
	if !slices.Equal(got, want) {
		t.Errorf("got\n%+v, want\n%+v", got, want)
	}
}

// TestDeadResolver checks that nobody's silence is a risk.
func TestDeadResolver(t *testing.T) {
	t.Parallel()
	c, err := readiness.New(readiness.Config{
		Domain: "acme.example", Hosts: []string{"@", "www", "app"}, Only: []string{"dns"}, Timeout: time.Second,
		Resolvers: []string{"127.0.0.1:1"}, ConnectTo: []string{"::127.0.0.1:1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := c.Check(t.Context())
	if len(r.Findings) != 0 {
		t.Errorf("%+v", r.Findings)
	}
	for _, name := range []string{"acme.example", "www.acme.example", "app.acme.example"} {
		if !slices.ContainsFunc(r.Unknown, func(f readiness.Finding) bool { return f.Subject == name }) {
			t.Errorf("%s is not unknown", name)
		}
	}
}

func BenchmarkCheckDNS(b *testing.B) {
	srv := dnstest.Start(b, mapZone, nil)
	c, err := readiness.New(readiness.Config{
		Domain: "acme.example", Hosts: []string{"@", "www", "app"}, Only: []string{"dns"},
		Resolvers: []string{srv.Addr}, ConnectTo: []string{":53:" + srv.Addr, "::127.0.0.1:1"},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if r := c.Check(b.Context()); len(r.Map) != 3 {
			b.Fatal(r)
		}
	}
}

// TestServFailOfEveryResolver tells one resolver's bad moment from a name that
// is broken for all.
func TestServFailOfEveryResolver(t *testing.T) {
	t.Parallel()
	broken := map[string]dnstest.Fault{"app.acme.example": dnstest.ServFail}
	one, two := dnstest.Start(t, mapZone, broken), dnstest.Start(t, mapZone, broken)
	tests := []struct {
		name      string
		resolvers []string
		found     bool
	}{
		{"one resolver", []string{one.Addr}, false},
		{"two resolvers", []string{one.Addr, two.Addr}, true},
		{"one of them dead", []string{one.Addr, "127.0.0.1:1"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := readiness.New(readiness.Config{
				Domain: "acme.example", Hosts: []string{"@", "www", "app"}, Only: []string{"dns"},
				Resolvers: tt.resolvers, ConnectTo: []string{":53:" + one.Addr, "::127.0.0.1:1"},
			})
			if err != nil {
				t.Fatal(err)
			}
			r := c.Check(t.Context())
			is := func(f readiness.Finding) bool { return f.Code == "dns.servfail" && f.Subject == "app.acme.example" }
			if slices.ContainsFunc(r.Findings, is) != tt.found || slices.ContainsFunc(r.Unknown, is) == tt.found {
				t.Errorf("found %+v, unknown %+v", r.Findings, r.Unknown)
			}
		})
	}
}
