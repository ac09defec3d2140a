package mailrecord_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/launchready/readiness/internal/mailrecord"
)

// sound holds problems to what is promised of all: a rule's code, a printable
// and bounded term, and a bounded number.
func sound(t *testing.T, problems []mailrecord.Problem) {
	t.Helper()
	if len(problems) > 200 {
		t.Fatalf("%d problems", len(problems))
	}
	rules := mailrecord.Rules()
	for _, p := range problems {
		if !slices.ContainsFunc(rules, func(r mailrecord.Rule) bool { return r.Code == p.Code }) {
			t.Fatalf("no rule: %q", p.Code)
		}
		if p.Severity < mailrecord.Info || p.Severity > mailrecord.Blocker || p.Severity.String() == "?" || p.Ref == "" || p.Detail == "" {
			t.Fatalf("%+v", p)
		}
		for _, s := range []string{p.Term, p.Detail, p.Fix} {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\n\r\t\x1b") || len(s) > 2000 {
				t.Fatalf("cannot be shown: %q", s)
			}
		}
	}
}

// blocked reports whether one of the problems is a Blocker.
func blocked(problems []mailrecord.Problem) bool {
	return slices.ContainsFunc(problems, func(p mailrecord.Problem) bool { return p.Severity == mailrecord.Blocker })
}

// FuzzParseSPF holds the parser against its own output: terms that were read
// read the same alone, every word of the record is a term or a problem, and
// neither case nor a split at a blank changes the outcome.
func FuzzParseSPF(f *testing.F) {
	for _, tt := range spfCases {
		f.Add(strings.ReplaceAll(tt.record, "|", ""), 8)
	}
	f.Fuzz(func(t *testing.T, text string, at int) {
		r, problems := mailrecord.ParseSPF(text)
		sound(t, problems)
		if r.Text != text {
			t.Fatal("the text is another")
		}
		if len(r.Terms) == 0 && len(problems) == 0 {
			t.Fatal("nothing was read and nothing is wrong")
		}
		words := 0
		if len(text) >= 6 && (len(problems) == 0 || problems[0].Code != "spf.not-a-record") {
			words = len(strings.FieldsFunc(text[6:], func(r rune) bool { return r == ' ' }))
		}
		if len(r.Terms) < words && !slices.ContainsFunc(problems, func(p mailrecord.Problem) bool { return p.At > 0 && p.Term != "" }) {
			t.Fatalf("%d words, %d terms, and no problem", words, len(r.Terms))
		}
		for _, term := range r.Terms {
			again, _ := mailrecord.ParseSPF("v=spf1 " + term.Text)
			if len(again.Terms) != 1 || again.Terms[0].Name != term.Name || again.Terms[0].Net != term.Net {
				t.Fatalf("%q alone: %+v", term.Text, again.Terms)
			}
		}
		if at > 0 && at < len(text) && text[at-1] == ' ' { // legal: the blank ends the first string
			if _, split := mailrecord.ParseSPF(text[:at], text[at:]); brief(split) != brief(problems) {
				t.Fatalf("split: %q, whole %q", brief(split), brief(problems))
			}
		}
		if at > 0 && at < len(text) {
			_, split := mailrecord.ParseSPF(text[:at], text[at:])
			sound(t, split)
			if blocked(problems) && !blocked(split) {
				t.Fatalf("a split at %d hides an error: %q, whole %q", at, brief(split), brief(problems))
			}
		}
		found, near := mailrecord.FindSPF([][]string{{text}, {"v=spf1 -all"}})
		sound(t, near)
		if len(found) == 0 {
			t.Fatal("the record beside it was not found")
		}
	})
}

// FuzzWalkSPF walks records that lead to each other.
func FuzzWalkSPF(f *testing.F) {
	f.Add("v=spf1 include:b.example a mx -all", "v=spf1 include:c.example ~all", "v=spf1 redirect=a.example")
	f.Add("v=spf1 exists:%{d1r}.b.example include:%{i}.c.example", "v=spf10", "")
	f.Add("v=spf1 include:b.example include:b.example", "v=spf1 include:c.example include:c.example", "v=spf1 +all")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		w := fuzzZone{"a.example": a, "b.example": b, "c.example": c}
		r := mailrecord.WalkSPF(t.Context(), "a.example", w)
		sound(t, r.Problems)
		if len(r.Unknown) > 0 {
			t.Fatalf("all is known, but for %q", r.Unknown)
		}
		if r.Lookups < 0 || r.Lookups > 1000 || len(r.Problems) > 200 {
			t.Fatalf("%d lookups, %d problems", r.Lookups, len(r.Problems))
		}
		if over := r.Lookups > 10; over != strings.Contains(where(r.Problems), "lookups@") && r.Record.Text != "" {
			t.Fatalf("%d lookups: %s", r.Lookups, where(r.Problems))
		}
		if r.Record.Text == "" && len(r.Problems) == 0 {
			t.Fatal("no record and no problem")
		}
		if fmt.Sprint(mailrecord.WalkSPF(t.Context(), "a.example", w)) != fmt.Sprint(r) {
			t.Fatal("a second walk differs")
		}
	})
}

// fuzzZone has one TXT record a name.
type fuzzZone map[string]string

func (z fuzzZone) TXT(_ context.Context, name string) ([][]string, mailrecord.Status) {
	if s, ok := z[name]; ok {
		return [][]string{{s}}, mailrecord.Found
	}
	return nil, mailrecord.NoName
}

func (fuzzZone) MX(context.Context, string) ([]string, mailrecord.Status) {
	return []string{"a.example", "..", ""}, mailrecord.Found
}

func (fuzzZone) Addresses(context.Context, string) ([]netip.Addr, mailrecord.Status) {
	return []netip.Addr{netip.IPv6Loopback(), netip.AddrFrom4([4]byte{192, 0, 2, 1})}, mailrecord.Found
}

// FuzzParseDKIM checks that a key without a blocker is a usable one, and the
// other way round.
func FuzzParseDKIM(f *testing.F) {
	good := pkcs1(2048)
	for _, s := range []string{"v=DKIM1; k=rsa; p=" + good, "p=", "v=DKIM1; k=ed25519; p=YWJj", "v=DKIM1; h=sha1; s=*; t=y:s; p=" + good[:40], `v=DKIM1\; p="x"`, ";;=;", "v=DKIM1;;", strings.Repeat(";", 19) + "\xb6@@@"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, problems := mailrecord.ParseDKIM(text)
		sound(t, problems)
		if blocked(problems) != (d.Algorithm == "") {
			t.Fatalf("%+v with %q", d, brief(problems))
		}
		if d.Algorithm != "" && d.Bits == 0 {
			t.Fatalf("usable without a key: %+v", d)
		}
		_, near := mailrecord.FindDKIM([][]string{{text}})
		sound(t, near)
	})
}

// FuzzParseDMARC checks that a record without a policy of its own never
// enforces, and that what is found can be read.
func FuzzParseDMARC(f *testing.F) {
	for _, s := range []string{"v=DMARC1; p=reject; sp=none; np=quarantine; rua=mailto:a@b.example!10m,x; t=y; psd=n; fo=1:d:s; pct=5", "v=DMARC1;p=x", " v=DMARC1", "v=DMARC1, p=none", "v = DMARC1", "V=DMARC1;;=;\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, problems := mailrecord.ParseDMARC(text)
		sound(t, problems)
		found, near := mailrecord.FindDMARC([][]string{{text}})
		sound(t, near)
		if (len(found) == 1) != mailrecord.IsDMARC(text) {
			t.Fatalf("found %d", len(found))
		}
		if len(found) == 0 {
			if !d.Ignored || len(problems) == 0 {
				t.Fatalf("no record, but %+v", d)
			}
			return
		}
		if d.P == "" || d.SP == "" || d.NP == "" {
			t.Fatalf("a policy is empty: %+v", d)
		}
		if len(problems) == 0 && !d.Enforced() {
			t.Fatalf("not enforced and no problem: %q", text)
		}
		if d.Ignored && !slices.ContainsFunc(problems, func(p mailrecord.Problem) bool { return p.Severity >= mailrecord.High }) {
			t.Fatalf("ignored without a problem: %q", text)
		}
		r := mailrecord.WalkDMARC(t.Context(), "a.example", fuzzZone{"_dmarc.a.example": text})
		if !r.Found || r.Record.P != d.P {
			t.Fatalf("%+v", r)
		}
	})
}

// FuzzParseSTS reads records and policy files, and TLS reporting records.
func FuzzParseSTS(f *testing.F) {
	for _, s := range []string{"v=STSv1; id=1;", "version: STSv1\nmode: enforce\nmax_age: 1\nmx: *.a.example\n", "v=TLSRPTv1; rua=mailto:a@b.example,https://c.example/", "mx:\r\n:\n", "v=STSv1;;id=;", "mx: *.a.example..\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, problems := mailrecord.ParseSTS(text)
		sound(t, problems)
		if id == "" && len(problems) == 0 {
			t.Fatal("no id and no problem")
		}
		p, problems := mailrecord.ParseSTSPolicy(text)
		sound(t, problems)
		if len(problems) == 0 && (p.Mode == "" || p.Mode != "none" && len(p.MX) == 0) {
			t.Fatalf("%+v is no policy", p)
		}
		for _, mx := range p.MX {
			if host := strings.Replace(mx, "*", "a", 1); !p.Matches(host) {
				t.Fatalf("%q does not match %q", mx, host)
			}
		}
		sound(t, p.Lint([]string{text}))
		uris, problems := mailrecord.ParseTLSRPT(text)
		sound(t, problems)
		if len(uris) == 0 && len(problems) == 0 {
			t.Fatal("no address and no problem")
		}
	})
}
