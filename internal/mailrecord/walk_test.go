package mailrecord_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/mailrecord"
)

// zone answers a walk from lines "NAME TYPE VALUE", the strings of a TXT
// divided by "|". A line "NAME unknown" fails each question for the name; one
// "NAME empty" makes a name without data.
type zone struct {
	txt     map[string][][]string
	mx      map[string][]string
	addrs   map[string][]netip.Addr
	unknown map[string]bool
	exists  map[string]bool
}

func newZone(text string) *zone {
	z := &zone{map[string][][]string{}, map[string][]string{}, map[string][]netip.Addr{}, map[string]bool{}, map[string]bool{}}
	for line := range strings.SplitSeq(text, "\n") {
		name, rest, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		kind, value, _ := strings.Cut(rest, " ")
		z.exists[name] = true
		switch kind {
		case "TXT":
			z.txt[name] = append(z.txt[name], strings.Split(value, "|"))
		case "MX":
			z.mx[name] = append(z.mx[name], strings.Fields(value)...)
		case "A":
			z.addrs[name] = append(z.addrs[name], netip.MustParseAddr(value))
		case "unknown":
			z.unknown[name] = true
		}
	}
	return z
}

func (z *zone) status(name string, n int) mailrecord.Status {
	switch {
	case z.unknown[name]:
		return mailrecord.Unknown
	case n > 0:
		return mailrecord.Found
	case z.exists[name]:
		return mailrecord.NoData
	default:
		return mailrecord.NoName
	}
}

func (z *zone) TXT(_ context.Context, name string) ([][]string, mailrecord.Status) {
	return z.txt[name], z.status(name, len(z.txt[name]))
}

func (z *zone) MX(_ context.Context, name string) ([]string, mailrecord.Status) {
	return z.mx[name], z.status(name, len(z.mx[name]))
}

func (z *zone) Addresses(_ context.Context, name string) ([]netip.Addr, mailrecord.Status) {
	return z.addrs[name], z.status(name, len(z.addrs[name]))
}

// where writes problems as "include-missing@acme.example", in order.
func where(problems []mailrecord.Problem) string {
	var out []string
	for _, p := range problems {
		_, code, _ := strings.Cut(p.Code, ".")
		out = append(out, code+"@"+p.Name)
	}
	return strings.Join(out, " ")
}

// chain has names s1 to sN, of which each includes the next.
func chain(n int, end string) string {
	var b strings.Builder
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "s%d.example TXT v=spf1 include:s%d.example -all\n", i, i+1)
	}
	fmt.Fprintf(&b, "s%d.example TXT %s\n", n, end)
	return b.String()
}

func TestWalkSPF(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, zone string
		want       string // problems
		lookups    int
		voids      int
		unknown    string
	}{
		{"none", "acme.example TXT hello", "missing@acme.example", 0, 0, ""},
		{"no data", "acme.example empty", "missing@acme.example", 0, 0, ""},
		{"no such name", "", "missing@acme.example", 0, 0, ""},
		{"not known", "acme.example unknown", "", 0, 0, "acme.example"},
		{"sender ID alone", "acme.example TXT spf2.0/pra -all", "sender-id@acme.example missing@acme.example", 0, 0, ""},
		{"meant as one", "acme.example TXT  v=spf1 -all", "not-a-record@acme.example", 0, 0, ""},
		{"two", "acme.example TXT v=spf1 -all\nacme.example TXT v=spf1 mx -all", "multiple@acme.example", 0, 0, ""},
		{"clean", "acme.example TXT v=spf1 include:p.example -all\np.example TXT v=spf1 ip4:192.0.2.0/24 ~all", "", 1, 0, ""},
		{"clean with redirect", "acme.example TXT v=spf1 redirect=p.example\np.example TXT v=spf1 ip4:192.0.2.0/24 -all", "", 1, 0, ""},
		{"clean in capitals", "acme.example TXT V=SPF1 INCLUDE:P.EXAMPLE. -ALL\np.example TXT v=spf1 ip4:192.0.2.0/24 ~all", "", 1, 0, ""},
		{"hosts", "acme.example TXT v=spf1 a mx a:w.example exists:e.example -all\nacme.example A 192.0.2.1\nacme.example MX m.example\nm.example A 192.0.2.2\nw.example A 2001:db8::1\ne.example A 127.0.0.2", "", 4, 0, ""},
		{"provider ends neutral, no fault of ours", "acme.example TXT v=spf1 include:p.example -all\np.example TXT v=spf1 ip4:192.0.2.0/24 ?all", "", 1, 0, ""},
		{"provider without an end", "acme.example TXT v=spf1 include:p.example -all\np.example TXT v=spf1 ip4:192.0.2.0/24", "", 1, 0, ""},
		{"provider with text after all", "acme.example TXT v=spf1 include:p.example -all\np.example TXT v=spf1 -all mx", "", 1, 0, ""},
		{"redirect to a neutral end", "acme.example TXT v=spf1 redirect=p.example\np.example TXT v=spf1 mx ?all\np.example MX m.example", "neutral-all@p.example", 2, 0, ""},
		{"redirect to no end", "acme.example TXT v=spf1 redirect=p.example\np.example TXT v=spf1 ip4:192.0.2.1", "no-all@p.example", 1, 0, ""},
		{"redirect to +all", "acme.example TXT v=spf1 redirect=p.example\np.example TXT v=spf1 +all", "plus-all@p.example", 1, 0, ""},
		{"included +all", "acme.example TXT v=spf1 include:p.example -all\np.example TXT v=spf1 +all", "include-all@acme.example", 1, 0, ""},
		{"included whole IPv4", "acme.example TXT v=spf1 include:p.example -all\np.example TXT v=spf1 ip4:0.0.0.0/0 -all", "include-all@acme.example", 1, 0, ""},
		{"nested +all", "acme.example TXT v=spf1 include:p.example -all\np.example TXT v=spf1 include:q.example -all\nq.example TXT v=spf1 all", "include-all@p.example", 2, 0, ""},
		{"include of nothing", "acme.example TXT v=spf1 include:p.example -all", "include-missing@acme.example", 1, 1, ""},
		{"include of a name without data", "acme.example TXT v=spf1 include:p.example -all\np.example empty", "include-missing@acme.example", 1, 1, ""},
		{"include of a name with other texts", "acme.example TXT v=spf1 include:p.example -all\np.example TXT hello", "include-missing@acme.example", 1, 0, ""},
		{"include of what is no record", "acme.example TXT v=spf1 include:p.example -all\np.example TXT v=spf10 -all", "include-missing@acme.example", 1, 0, ""},
		{"include of two records", "acme.example TXT v=spf1 include:p.example -all\np.example TXT v=spf1 -all\np.example TXT v=spf1 mx -all", "multiple@p.example", 1, 0, ""},
		{"include of an error", "acme.example TXT v=spf1 include:p.example -all\np.example TXT v=spf1 foo -all", "syntax@p.example", 1, 0, ""},
		{"include that is not known", "acme.example TXT v=spf1 include:p.example -all\np.example unknown", "", 1, 0, "p.example"},
		{"nested include of nothing", "acme.example TXT v=spf1 include:p.example -all\np.example TXT v=spf1 include:q.example -all", "include-missing@p.example", 2, 1, ""},
		{"redirect to nothing", "acme.example TXT v=spf1 redirect=p.example", "redirect-missing@acme.example", 1, 1, ""},
		{"redirect that is ignored is not followed", "acme.example TXT v=spf1 redirect=p.example -all", "redirect-ignored@acme.example", 0, 0, ""},
		{"include after all is not followed", "acme.example TXT v=spf1 -all include:p.example", "after-all@acme.example", 0, 0, ""},
		{"include= is not followed", "acme.example TXT v=spf1 include=p.example -all", "modifier-for-mechanism@acme.example", 0, 0, ""},
		{"includes itself", "acme.example TXT v=spf1 include:acme.example -all", "loop@acme.example", 1, 0, ""},
		{"redirects to itself", "acme.example TXT v=spf1 redirect=ACME.example", "loop@acme.example", 1, 0, ""},
		{"a longer loop", "acme.example TXT v=spf1 include:p.example -all\np.example TXT v=spf1 include:q.example -all\nq.example TXT v=spf1 redirect=acme.example", "loop@q.example", 3, 0, ""},
		{"8 lookups", "acme.example TXT v=spf1 include:s1.example -all\n" + chain(8, "v=spf1 -all"), "", 8, 0, ""},
		{"9 lookups", "acme.example TXT v=spf1 include:s1.example -all\n" + chain(9, "v=spf1 -all"), "lookups-near@acme.example", 9, 0, ""},
		{"10 lookups", "acme.example TXT v=spf1 include:s1.example -all\n" + chain(10, "v=spf1 -all"), "lookups-near@acme.example", 10, 0, ""},
		{"11 lookups", "acme.example TXT v=spf1 include:s1.example -all\n" + chain(11, "v=spf1 -all"), "lookups@acme.example", 11, 0, ""},
		{"included twice counts twice", "acme.example TXT v=spf1 include:s1.example ?include:s1.example -all\n" + chain(6, "v=spf1 -all"), "lookups@acme.example", 12, 0, ""},
		{"ptr counts", "acme.example TXT v=spf1 ptr -all", "ptr@acme.example", 1, 0, ""},
		{"ip and all do not count", "acme.example TXT v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 exp=e.example -all", "", 0, 0, ""},
		{"11 and one not known", "acme.example TXT v=spf1 include:u.example include:s1.example -all\nu.example unknown\n" + chain(10, "v=spf1 -all"), "lookups@acme.example", 11, 0, "u.example"},
		{"two voids", "acme.example TXT v=spf1 a:g1.example mx:g2.example -all", "", 2, 2, ""},
		{"three voids", "acme.example TXT v=spf1 a:g1.example mx:g2.example exists:g3.example -all", "voids@acme.example", 3, 3, ""},
		{"own name without an address", "acme.example TXT v=spf1 a mx -all", "", 2, 2, ""},
		{"void is not what is not known", "acme.example TXT v=spf1 a:g1.example mx:g2.example a:u.example -all\nu.example unknown", "", 3, 2, "u.example"},
		{"a name that cannot be asked for", "acme.example TXT v=spf1 a:a..example -all", "bad-name@acme.example", 0, 0, ""},
		{"mx with 10 hosts", "acme.example TXT v=spf1 mx -all\nacme.example MX a b c d e f g h i j", "", 1, 0, ""},
		{"mx with 11 hosts", "acme.example TXT v=spf1 mx -all\nacme.example MX a b c d e f g h i j k", "mx-many@acme.example", 1, 0, ""},
		{"macro", "acme.example TXT v=spf1 include:%{i}.p.example exists:%{l}.p.example -all", "macro@acme.example macro@acme.example", 2, 0, ""},
		{"%{d} needs no message", "acme.example TXT v=spf1 include:_spf.%{d} -all\n_spf.acme.example TXT v=spf1 ip4:192.0.2.1 -all", "", 1, 0, ""},
		{"%{d1r}", "acme.example TXT v=spf1 include:%{d1r}.p.example -all\nacme.p.example TXT v=spf1 ip4:192.0.2.1 -all", "", 1, 0, ""},
		{"%{d} is the included name's", "acme.example TXT v=spf1 include:p.example -all\np.example TXT v=spf1 a:x.%{D} -all\nx.p.example A 192.0.2.1", "", 2, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			z := newZone(tt.zone)
			if tt.name == "meant as one" {
				z.txt["acme.example"] = [][]string{{" v=spf1 -all"}}
			}
			r := mailrecord.WalkSPF(t.Context(), "ACME.example.", z)
			if got := where(r.Problems); got != tt.want {
				t.Errorf("problems %q, want %q", got, tt.want)
			}
			if r.Lookups != tt.lookups || len(r.Voids) != tt.voids || strings.Join(r.Unknown, " ") != tt.unknown || r.Cut {
				t.Errorf("%d lookups, voids %q, unknown %q, cut %v", r.Lookups, r.Voids, r.Unknown, r.Cut)
			}
		})
	}
}

// TestWalkSPFIsBounded holds the walk against records that a stranger could
// publish to keep it busy.
func TestWalkSPFIsBounded(t *testing.T) {
	t.Parallel()
	var doubling, wide strings.Builder
	for i := range 40 { // 2^40 lookups
		fmt.Fprintf(&doubling, "d%d.example TXT v=spf1 include:d%d.example include:d%d.example a:v%d.example -all\n", i, i+1, i+1, i)
	}
	wide.WriteString("acme.example TXT v=spf1")
	for i := range 300 {
		fmt.Fprintf(&wide, " include:w%d.example a:h%d.example", i, i)
	}
	r := mailrecord.WalkSPF(t.Context(), "d0.example", newZone(doubling.String()))
	if r.Lookups != 1000 || len(r.Voids) > 3000 || !strings.Contains(where(r.Problems), "lookups@d0.example") {
		t.Errorf("%d lookups, %d voids, %q", r.Lookups, len(r.Voids), where(r.Problems))
	}
	z := newZone(wide.String() + " -all")
	r = mailrecord.WalkSPF(t.Context(), "acme.example", z)
	if !r.Cut || r.Lookups != 600 || r.Covers([]string{"other.example"}) != mailrecord.CannotTell {
		t.Errorf("cut %v, %d lookups", r.Cut, r.Lookups)
	}
}

func TestReach(t *testing.T) {
	t.Parallel()
	z := newZone(`acme.example TXT v=spf1 mx a:w.example/28 include:_spf.google.com -include:no.example ?include:maybe.example ip6:2001:db8::/32 redirect=r.example
acme.example MX m.example
m.example A 192.0.2.2
w.example A 198.51.100.17
_spf.google.com TXT v=spf1 include:n.google.com ip4:203.0.113.0/24 ~all
n.google.com TXT v=spf1 ip4:203.0.113.0/24 ~all
no.example TXT v=spf1 include:sendgrid.net -all
maybe.example TXT v=spf1 -all
sendgrid.net TXT v=spf1 -all
r.example TXT v=spf1 include:eu.mailgun.org -all include:spf.mtasv.net
eu.mailgun.org TXT v=spf1 -all
late.example TXT v=spf1 -all include:spf.mtasv.net
open.example TXT v=spf1 +all
macro.example TXT v=spf1 include:%{i}.x.example -all
force.example TXT v=spf1 include:_spf.salesforce.com -all
_spf.salesforce.com TXT v=spf1 exists:%{i}._spf.mta.salesforce.com -all
unsure.example TXT v=spf1 include:u.example -all
u.example unknown`)
	r := mailrecord.WalkSPF(t.Context(), "acme.example", z)
	if want := []string{"_spf.google.com", "n.google.com", "r.example", "eu.mailgun.org"}; !slices.Equal(r.Includes, want) {
		t.Errorf("includes %q", r.Includes)
	}
	if got := fmt.Sprint(r.Networks); got != "[192.0.2.2/32 198.51.100.16/28 203.0.113.0/24 2001:db8::/32]" {
		t.Errorf("networks %v", got)
	}
	for _, tt := range []struct {
		domain, sender string
		want           mailrecord.Coverage
	}{
		{"acme.example", "google", mailrecord.Covered},
		{"acme.example", "Google Workspace", mailrecord.Covered},
		{"acme.example", "mailgun", mailrecord.Covered},
		{"acme.example", "sendgrid", mailrecord.NotCovered},
		{"acme.example", "r.example", mailrecord.Covered},
		{"acme.example", "google.com", mailrecord.Covered},
		{"acme.example", "notgoogle.com", mailrecord.NotCovered},
		{"late.example", "postmark", mailrecord.AfterAll},
		{"late.example", "Amazon SES", mailrecord.NotCovered},
		{"open.example", "zoho", mailrecord.Covered},
		{"macro.example", "zoho", mailrecord.CannotTell},
		{"force.example", "salesforce", mailrecord.Covered},
		{"force.example", "sendgrid", mailrecord.NotCovered},
		{"unsure.example", "office-365", mailrecord.CannotTell},
		{"nowhere.example", "google", mailrecord.NotCovered},
	} {
		include, ok := mailrecord.Sender(tt.sender)
		if !ok {
			t.Errorf("%s is not known", tt.sender)
		}
		if got := mailrecord.WalkSPF(t.Context(), tt.domain, z).Covers(include); got != tt.want {
			t.Errorf("%s by %s: %v, want %v", tt.sender, tt.domain, got, tt.want)
		}
	}
	for _, unknown := range []string{"", "gogle", "a..b", "amazon web services", "."} {
		if include, ok := mailrecord.Sender(unknown); ok {
			t.Errorf("%q: %q", unknown, include)
		}
	}
	prefixes := func(list ...string) (out []netip.Prefix) {
		for _, s := range list {
			out = append(out, netip.MustParsePrefix(s))
		}
		return out
	}
	if !r.CoversNetworks(prefixes("203.0.113.128/25", "2001:db8:1::/48", "192.0.2.2/32")) {
		t.Error("networks within r's are not covered")
	}
	if r.CoversNetworks(prefixes("203.0.113.0/24", "203.0.112.0/23")) || r.CoversNetworks(nil) {
		t.Error("networks beyond r's are covered")
	}
}

func TestWalkEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := mailrecord.WalkSPF(ctx, "acme.example", mute{})
	if len(r.Problems) != 0 || !slices.Equal(r.Unknown, []string{"acme.example"}) {
		t.Errorf("%+v", r)
	}
	d := mailrecord.WalkDMARC(ctx, "acme.example", mute{})
	if len(d.Problems) != 0 || d.Found || len(d.Unknown) != 2 {
		t.Errorf("%+v", d)
	}
}

// mute answers when the context ends.
type mute struct{}

func (mute) TXT(ctx context.Context, _ string) ([][]string, mailrecord.Status) {
	<-ctx.Done()
	return nil, mailrecord.Unknown
}

func (mute) MX(ctx context.Context, _ string) ([]string, mailrecord.Status) {
	<-ctx.Done()
	return nil, mailrecord.Unknown
}

func (mute) Addresses(ctx context.Context, _ string) ([]netip.Addr, mailrecord.Status) {
	<-ctx.Done()
	return nil, mailrecord.Unknown
}

func BenchmarkWalkSPF(b *testing.B) {
	z := newZone(`acme.example TXT v=spf1 include:_spf.google.com include:sendgrid.net a mx ip4:192.0.2.0/24 ~all
acme.example MX m1.example m2.example
acme.example A 192.0.2.1
m1.example A 192.0.2.2
m2.example A 192.0.2.3
_spf.google.com TXT v=spf1 include:n1.google.com include:n2.google.com include:n3.google.com ~all
n1.google.com TXT v=spf1 ip4:203.0.113.0/24 ip4:198.51.100.0/24 ~all
n2.google.com TXT v=spf1 ip6:2001:db8::/32 ~all
n3.google.com TXT v=spf1 ip4:203.0.112.0/24 ~all
sendgrid.net TXT v=spf1 ip4:192.0.2.0/25 ~all`)
	b.ReportAllocs()
	for b.Loop() {
		if r := mailrecord.WalkSPF(b.Context(), "acme.example", z); r.Lookups != 7 {
			b.Fatal(r.Lookups)
		}
	}
}

func BenchmarkParseSPF(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, p := mailrecord.ParseSPF("v=spf1 include:_spf.google.com include:sendgrid.net a mx ip4:192.0.2.0/24 ~all"); len(p) > 0 {
			b.Fatal(p)
		}
	}
}
