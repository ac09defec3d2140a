package mailrecord_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/launchready/readiness/internal/mailrecord"
)

// brief writes problems as "syntax@2 no-all@0": the code without its kind and
// the place; what differs from the rule's severity is named too.
func brief(problems []mailrecord.Problem) string {
	usual := map[string]mailrecord.Severity{}
	for _, r := range mailrecord.Rules() {
		usual[r.Code] = r.Severity
	}
	var out []string
	for _, p := range problems {
		_, code, _ := strings.Cut(p.Code, ".")
		s := fmt.Sprintf("%s@%d", code, p.At)
		if p.Severity != usual[p.Code] {
			s += "=" + p.Severity.String()
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// spfCases hold one record each, its strings divided by "|".
var spfCases = []struct{ name, record, want string }{
	// What must not be flagged.
	{"plain", "v=spf1 -all", ""},
	{"usual", "v=spf1 include:_spf.google.com ~all", ""},
	{"two providers", "v=spf1 include:_spf.google.com include:sendgrid.net -all", ""},
	{"upper case", "V=SPF1 INCLUDE:_SPF.GOOGLE.COM ~ALL", ""},
	{"mixed case", "v=sPf1 Ip4:192.0.2.1 iP6:2001:DB8::1 MX A -aLL", ""},
	{"split within a name", "v=spf1 include:_spf.goo|gle.com ~all", ""},
	{"split at a blank", "v=spf1 include:_spf.google.com |~all", ""},
	{"split before a blank", "v=spf1 include:_spf.google.com| ~all", ""},
	{"split within the version", "v=sp|f1 mx -all", ""},
	{"split within an address", "v=spf1 ip4:192.0|.2.1 -all", ""},
	{"split that leaves a mechanism by chance", "v=spf1 include:mail.p|a -all", ""},
	{"split that leaves mx by chance", "v=spf1 include:mail.co|mx -all", ""},
	{"split with empty strings", "|v=spf1| -all||", ""},
	{"several blanks", "v=spf1   mx    -all", ""},
	{"blanks at the end", "v=spf1 mx -all   ", ""},
	{"all qualifiers", "v=spf1 +mx -a:a.example ~ip4:192.0.2.1 ?ip4:192.0.2.2 -all", ""},
	{"a and mx bare", "v=spf1 a mx -all", ""},
	{"a with a name", "v=spf1 a:mail.acme.example -all", ""},
	{"a with a prefix", "v=spf1 a/24 -all", ""},
	{"a with both prefixes", "v=spf1 a/24//64 -all", ""},
	{"a with the IPv6 prefix alone", "v=spf1 a//64 -all", ""},
	{"a with all", "v=spf1 a:mail.acme.example/28//96 -all", ""},
	{"mx with all", "v=spf1 mx:acme.example/28//96 -all", ""},
	{"ip4 network", "v=spf1 ip4:192.0.2.0/24 -all", ""},
	{"ip4 with host bits", "v=spf1 ip4:192.0.2.7/24 -all", ""},
	{"ip4 /32", "v=spf1 ip4:192.0.2.7/32 -all", ""},
	{"ip6", "v=spf1 ip6:2001:db8::/32 -all", ""},
	{"ip6 address", "v=spf1 ip6:2001:db8::1 -all", ""},
	{"ip6 with a dotted end", "v=spf1 ip6:::ffff:192.0.2.1 -all", ""},
	{"ip6 with host bits", "v=spf1 ip6:2001:db8::1/32 -all", ""},
	{"redirect alone", "v=spf1 redirect=_spf.acme.example", ""},
	{"redirect first, for order is free", "v=spf1 redirect=_spf.acme.example mx", ""},
	{"redirect upper case", "v=spf1 mx REDIRECT=_spf.acme.example", ""},
	{"exp after all", "v=spf1 mx -all exp=why.acme.example", ""},
	{"exp before all", "v=spf1 exp=why.acme.example -all", ""},
	{"exp with macros", "v=spf1 mx -all exp=%{d}.why.acme.example", ""},
	{"name with a last dot", "v=spf1 include:_spf.acme.example. -all", ""},
	{"name with underscores", "v=spf1 include:_a_b._spf.acme.example -all", ""},
	{"name in an IDN top level", "v=spf1 include:spf.acme.xn--p1ai -all", ""},
	{"name with a digit label", "v=spf1 include:1.2.acme.example -all", ""},
	{"name that starts like a mechanism", "v=spf1 include:all.acme.example a:mx.acme.example -all", ""},
	{"name with an inner -all", "v=spf1 include:spf-all.acme.example -all", ""},
	{"exists with a macro", "v=spf1 exists:%{ir}.sbl.acme.example -all", ""},
	{"exists as Salesforce does", "v=spf1 exists:%{i}._spf.mta.salesforce.com -all", ""},
	{"include with macros", "v=spf1 include:%{ir}.%{v}.%{d}.spf.has.pphosted.com -all", ""},
	{"macro at the end", "v=spf1 exists:_spf.%{d2} -all", ""},
	{"macro with every part", "v=spf1 exists:%{l1r-+,/_=.}.%{d}._spf.acme.example -all", ""},
	{"macro in upper case", "v=spf1 exists:%{I}.acme.example -all", ""},
	{"macro literals", "v=spf1 exists:%{i}%%a%_b%-.acme.example -all", ""},
	{"exists without a macro", "v=spf1 exists:acme.example -all", ""},
	{"neutral include before the end", "v=spf1 ?include:_spf.acme.example -all", ""},
	{"450 octets", "v=spf1 " + strings.Repeat("ip4:192.0.2.1 ", 1) + "include:" + strings.Repeat("abcdefgh.", 25) + "example" + strings.Repeat(" ", 174) + " -all", ""},
	// Only information.
	{"unknown modifier", "v=spf1 mx foo=bar -all", "unknown-modifier@2"},
	{"unknown modifier with a macro", "v=spf1 mx x-y_z.1=%{i} -all", "unknown-modifier@2"},
	{"unknown modifier without a value", "v=spf1 foo= -all", "unknown-modifier@1"},
	{"twice the same", "v=spf1 mx MX -all", "duplicate@2"},
	{"include twice", "v=spf1 include:a.example include:b.example include:a.example -all", "duplicate@3"},
	// Where the record ends.
	{"version alone", "v=spf1", "no-all@0"},
	{"version and a blank", "v=spf1 ", "no-all@0"},
	{"no end", "v=spf1 mx", "no-all@0"},
	{"no end but exp", "v=spf1 mx exp=why.acme.example", "no-all@0"},
	{"neutral end", "v=spf1 mx ?all", "neutral-all@2"},
	{"neutral end upper case", "v=spf1 mx ?ALL", "neutral-all@2"},
	{"+all", "v=spf1 mx +all", "plus-all@2"},
	{"bare all", "v=spf1 all", "plus-all@1"},
	{"ALL", "v=spf1 ALL", "plus-all@1"},
	{"the whole of IPv4", "v=spf1 ip4:0.0.0.0/0 -all", "plus-all@1"},
	{"the whole of IPv6", "v=spf1 ip6:::/0 -all", "plus-all@1"},
	{"both halves", "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", "plus-all@1 plus-all@2"},
	{"a/0", "v=spf1 a/0 -all", "plus-all@1"},
	{"mx//0", "v=spf1 mx//0 -all", "plus-all@1"},
	{"-ip4 of everything is no pass", "v=spf1 mx -ip4:0.0.0.0/0 -all", ""},
	{"text after all", "v=spf1 -all include:a.example", "after-all@2"},
	{"two ends", "v=spf1 mx ~all -all", "after-all@3"},
	{"+all after -all is not reached", "v=spf1 -all +all", "after-all@2"},
	{"two records in one", "v=spf1 mx ~all v=spf1 a -all", "repeated-version@3 after-all@4 after-all@5"},
	{"unknown text after all", "v=spf1 -all garbage", "syntax@2"},
	{"broken text after all", "v=spf1 -all ip4:1.2.3", "syntax@2"},
	{"unknown text after exp", "v=spf1 -all exp=why.acme.example more text", "syntax@3 syntax@4"},
	{"redirect beside all", "v=spf1 redirect=_spf.acme.example -all", "redirect-ignored@1"},
	{"redirect after all", "v=spf1 -all redirect=_spf.acme.example", "redirect-ignored@2"},
	{"redirect twice", "v=spf1 redirect=a.example redirect=b.example", "syntax@2"},
	{"exp twice", "v=spf1 exp=a.example -all exp=b.example", "syntax@3"},
	{"ptr bare", "v=spf1 ptr -all", "ptr@1"},
	{"ptr with a name", "v=spf1 ptr:acme.example -all", "ptr@1"},
	{"451 octets", "v=spf1 include:a.example" + strings.Repeat(" ", 422) + " -all", "long@0"},
	{"flattened", "v=spf1" + flat(21) + " -all", "flattened@0"},
	{"not yet flattened", "v=spf1" + flat(20) + " -all", ""},
	// The version.
	{"empty", "", "not-a-record@0"},
	{"blank first", " v=spf1 -all", "not-a-record@0"},
	{"v=spf10", "v=spf10 -all", "not-a-record@0"},
	{"v=spf2", "v=spf2 -all", "not-a-record@0"},
	{"tab behind", "v=spf1\t-all", "not-a-record@0"},
	{"semicolon behind", "v=spf1; -all", "not-a-record@0"},
	{"quoted", `"v=spf1 -all"`, "not-a-record@0"},
	{"no blank behind", "v=spf1-all", "not-a-record@0"},
	// Words that are none.
	{"unknown mechanism", "v=spf1 foo -all", "syntax@1"},
	{"unknown mechanism with a value", "v=spf1 foo:acme.example -all", "syntax@1"},
	{"a word that starts with a", "v=spf1 apple -all", "syntax@1"},
	{"address for a", "v=spf1 address:acme.example -all", "syntax@1"},
	{"a.acme.example", "v=spf1 a.acme.example -all", "syntax@1"},
	{"mx.acme.example", "v=spf1 mx.acme.example -all", "syntax@1"},
	{"a word that starts with all", "v=spf1 -allow", "syntax@1"},
	{"a bare name", "v=spf1 _spf.google.com -all", "syntax@1"},
	{"a bare address", "v=spf1 192.0.2.1 -all", "syntax@1"},
	{"ip", "v=spf1 ip:192.0.2.1 -all", "syntax@1"},
	{"ipv4", "v=spf1 ipv4:192.0.2.1 -all", "syntax@1"},
	{"ipv6", "v=spf1 ipv6:2001:db8::1 -all", "syntax@1"},
	{"includes", "v=spf1 includes:a.example -all", "syntax@1"},
	{"inlcude", "v=spf1 inlcude:a.example -all", "syntax@1"},
	{"al", "v=spf1 mx ~al", "syntax@2"},
	{"all with a semicolon", "v=spf1 mx -all;", "syntax@2"},
	{"all with a dot", "v=spf1 mx -all.", "syntax@2"},
	{"all with a value", "v=spf1 -all:acme.example", "syntax@1"},
	{"all with a prefix", "v=spf1 -all/24", "syntax@1"},
	{"qualifier alone", "v=spf1 mx ~ all", "syntax@2 plus-all@3"},
	{"two qualifiers", "v=spf1 mx --all", "syntax@2"},
	{"a wrong qualifier", "v=spf1 mx !all", "syntax@2"},
	{"commas", "v=spf1 mx, a, -all", "syntax@1 syntax@2"},
	{"redirect with a colon", "v=spf1 redirect:_spf.acme.example", "syntax@1"},
	{"redirect with a sign", "v=spf1 -redirect=_spf.acme.example", "syntax@1"},
	{"exp with a colon", "v=spf1 exp:a.example -all", "syntax@1"},
	{"include with =", "v=spf1 include=_spf.google.com -all", "modifier-for-mechanism@1"},
	{"ip4 with =", "v=spf1 ip4=192.0.2.1 -all", "modifier-for-mechanism@1"},
	{"all with =", "v=spf1 mx all=no", "modifier-for-mechanism@2 no-all@0"},
	{"modifier with a digit first", "v=spf1 1a=b -all", "syntax@1"},
	{"modifier without a name", "v=spf1 =b -all", "syntax@1"},
	{"modifier with a broken macro", "v=spf1 foo=%{ -all", "syntax@1"},
	{"a full-width minus", "v=spf1 mx \u2212all", "syntax@2"},
	{"an en dash", "v=spf1 mx \u2013all", "syntax@2"},
	{"an umlaut", "v=spf1 include:m\u00fcller.example -all", "syntax@1"},
	{"bytes that are no text", "v=spf1 a:\xff.example -all", "syntax@1"},
	{"a tab between", "v=spf1 mx\t-all", "syntax@1"},
	{"a newline", "v=spf1 mx\n-all", "syntax@1"},
	{"a no-break space", "v=spf1 mx\u00a0-all", "syntax@1"},
	{"quotes within", `v=spf1 "mx" -all`, "syntax@1"},
	// Names.
	{"include without a name", "v=spf1 include -all", "syntax@1"},
	{"include with nothing behind the colon", "v=spf1 include: -all", "syntax@1"},
	{"include and a blank", "v=spf1 include: _spf.google.com -all", "syntax@1 syntax@2"},
	{"include with a prefix", "v=spf1 include:a.example/24 -all", "syntax@1"},
	{"include of an address", "v=spf1 include:192.0.2.1 -all", "syntax@1"},
	{"include of one label", "v=spf1 include:google -all", "syntax@1"},
	{"include with @", "v=spf1 include:post@acme.example -all", "bad-name@1=blocker"},
	{"include of a URL", "v=spf1 include:https://acme.example -all", "bad-name@1=blocker"},
	{"include with two dots", "v=spf1 include:a..example -all", "bad-name@1=blocker"},
	{"include with a dot first", "v=spf1 include:.a.example -all", "bad-name@1=blocker"},
	{"include with a long label", "v=spf1 include:" + strings.Repeat("a", 64) + ".example -all", "bad-name@1=blocker"},
	{"include with a long name", "v=spf1 include:" + strings.Repeat("abcdefgh.", 30) + "example -all", "bad-name@1=blocker"},
	{"a with two dots", "v=spf1 a:a..example -all", "bad-name@1"},
	{"top level of digits", "v=spf1 a:acme.123 -all", "syntax@1"},
	{"top level with a hyphen last", "v=spf1 a:acme.example- -all", "syntax@1"},
	{"a with nothing behind the colon", "v=spf1 a: -all", "syntax@1"},
	{"a with an address", "v=spf1 a:192.0.2.1 -all", "syntax@1"},
	{"a with an IPv6 address", "v=spf1 a:2001:db8::1 -all", "syntax@1"},
	{"mx with an address", "v=spf1 mx:192.0.2.1 -all", "syntax@1"},
	{"ptr with a prefix", "v=spf1 ptr/24 -all", "syntax@1"},
	{"ptr with nothing behind the colon", "v=spf1 ptr: -all", "syntax@1"},
	{"exists bare", "v=spf1 exists -all", "syntax@1"},
	{"exists with a prefix", "v=spf1 exists:a.example/24 -all", "syntax@1"},
	{"redirect without a name", "v=spf1 mx redirect=", "syntax@2"},
	{"redirect with a prefix", "v=spf1 redirect=a.example/24", "syntax@1"},
	{"exp without a name", "v=spf1 -all exp=", "syntax@2"},
	{"all glued on", "v=spf1 include:_spf.google.com~all", "missing-blank@1"},
	{"-all glued on", "v=spf1 include:_spf.google.com-all", "missing-blank@1"},
	{"all glued to an address", "v=spf1 ip4:192.0.2.1-all", "missing-blank@1"},
	{"include glued on", "v=spf1 include:a.exampleinclude:b.example -all", "missing-blank@1"},
	{"ip4 glued on", "v=spf1 a:mail.exampleip4:192.0.2.1 -all", "missing-blank@1"},
	// Prefix lengths and addresses.
	{"a/33", "v=spf1 a/33 -all", "syntax@1"},
	{"a//129", "v=spf1 a//129 -all", "syntax@1"},
	{"a/24/64", "v=spf1 a/24/64 -all", "syntax@1"},
	{"a/", "v=spf1 a/ -all", "syntax@1"},
	{"a//", "v=spf1 a// -all", "syntax@1"},
	{"a/24//", "v=spf1 a/24// -all", "syntax@1"},
	{"a/x", "v=spf1 a/x -all", "syntax@1"},
	{"a/-1", "v=spf1 a/-1 -all", "syntax@1"},
	{"a/024", "v=spf1 a/024 -all", "syntax@1"},
	{"a:/24", "v=spf1 a:/24 -all", "syntax@1"},
	{"mx///64", "v=spf1 mx///64 -all", "syntax@1"},
	{"a/ with a huge number", "v=spf1 a/99999999999999999999 -all", "syntax@1"},
	{"ip4 bare", "v=spf1 ip4 -all", "syntax@1"},
	{"ip4 empty", "v=spf1 ip4: -all", "syntax@1"},
	{"ip4 and a blank", "v=spf1 ip4: 192.0.2.1 -all", "syntax@1 syntax@2"},
	{"ip4 with three parts", "v=spf1 ip4:192.0.2 -all", "syntax@1"},
	{"ip4 with five parts", "v=spf1 ip4:192.0.2.1.1 -all", "syntax@1"},
	{"ip4 above 255", "v=spf1 ip4:192.0.2.256 -all", "syntax@1"},
	{"ip4 with a leading zero", "v=spf1 ip4:192.0.2.01 -all", "syntax@1"},
	{"ip4 with a name", "v=spf1 ip4:mail.acme.example -all", "syntax@1"},
	{"ip4 with IPv6", "v=spf1 ip4:2001:db8::1 -all", "syntax@1"},
	{"ip6 with IPv4", "v=spf1 ip6:192.0.2.1 -all", "syntax@1"},
	{"ip6 in brackets", "v=spf1 ip6:[2001:db8::1] -all", "syntax@1"},
	{"ip6 with a zone", "v=spf1 ip6:fe80::1%eth0 -all", "syntax@1"},
	{"ip4/33", "v=spf1 ip4:192.0.2.0/33 -all", "syntax@1"},
	{"ip4/ empty", "v=spf1 ip4:192.0.2.0/ -all", "syntax@1"},
	{"ip4/08", "v=spf1 ip4:10.0.0.0/08 -all", "syntax@1"},
	{"ip4 with a mask", "v=spf1 ip4:192.0.2.0/255.255.255.0 -all", "syntax@1"},
	{"ip4 range", "v=spf1 ip4:192.0.2.1-9 -all", "syntax@1"},
	{"ip4 list", "v=spf1 ip4:192.0.2.1,192.0.2.2 -all", "syntax@1"},
	{"ip6/129", "v=spf1 ip6:2001:db8::/129 -all", "syntax@1"},
	{"ip6//64", "v=spf1 ip6:2001:db8:://64 -all", "syntax@1"},
	// Macros.
	{"% alone", "v=spf1 exists:%.acme.example -all", "syntax@1"},
	{"% at the end", "v=spf1 exists:acme.example% -all", "syntax@1"},
	{"open macro", "v=spf1 exists:%{i.acme.example -all", "syntax@1"},
	{"empty macro", "v=spf1 exists:%{}.acme.example -all", "syntax@1"},
	{"unknown letter", "v=spf1 exists:%{x}.acme.example -all", "syntax@1"},
	{"letter for explanations", "v=spf1 exists:%{c}.acme.example -all", "syntax@1"},
	{"%{t}", "v=spf1 exists:%{t}.acme.example -all", "syntax@1"},
	{"%{R}", "v=spf1 exists:%{R}.acme.example -all", "syntax@1"},
	{"no labels", "v=spf1 exists:%{d0}.acme.example -all", "syntax@1"},
	{"wrong order", "v=spf1 exists:%{dr2}.acme.example -all", "syntax@1"},
	{"unknown delimiter", "v=spf1 exists:%{d2;}.acme.example -all", "syntax@1"},
	{"macro without a top level", "v=spf1 exists:%{i}acme -all", "syntax@1"},
	{"macro and a label of digits", "v=spf1 exists:%{i}.123 -all", "syntax@1"},
	{"macro and all glued on", "v=spf1 exists:%{i}.acme.example~all", "missing-blank@1"},
	// Seams.
	{"seam between includes", "v=spf1 include:a.example|include:b.example -all", "seam@1"},
	{"seam before all", "v=spf1 include:a.example|~all", "seam@1"},
	{"seam before -all", "v=spf1 include:a.example|-all", "seam@1"},
	{"seam between addresses", "v=spf1 ip4:192.0.2.1|ip4:192.0.2.2 -all", "seam@1"},
	{"seam between bare mechanisms", "v=spf1 mx|a -all", "seam@1"},
	{"seam before redirect", "v=spf1 mx|redirect=_spf.a.example", "seam@1"},
	{"seam in a later place", "v=spf1 mx include:a.ex|ample include:b.example|ip4:192.0.2.2 -all", "seam@3"},
	{"seam behind the version", "v=spf1|mx -all", "not-a-record@0"},
	{"no seam's fault", "v=spf1 inc|lude:a -all", "syntax@1"},
}

func flat(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " ip4:192.0.2.%d", i)
	}
	return b.String()
}

func TestParseSPF(t *testing.T) {
	t.Parallel()
	if len(spfCases) < 150 {
		t.Errorf("%d cases only", len(spfCases))
	}
	for _, tt := range spfCases {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, problems := mailrecord.ParseSPF(strings.Split(tt.record, "|")...)
			if got := brief(problems); got != tt.want {
				t.Errorf("%q: %q, want %q\n%+v", tt.record, got, tt.want, problems)
			}
			if r.Text != strings.ReplaceAll(tt.record, "|", "") {
				t.Errorf("text %q", r.Text)
			}
			for _, p := range problems {
				if p.Detail == "" || p.Ref == "" {
					t.Errorf("says too little: %+v", p)
				}
			}
		})
	}
}

func TestTerms(t *testing.T) {
	t.Parallel()
	r, problems := mailrecord.ParseSPF("v=spf1 A/24//64 ~MX:Mail.acme.example ip4:192.0.2.7/24 ?include:%{d}.example -all a:late.example redirect=x.example")
	if got := brief(problems); got != "after-all@6 redirect-ignored@7" {
		t.Errorf("problems %q", got)
	}
	var got []string
	for _, term := range r.Terms {
		got = append(got, fmt.Sprintf("%d%c%s(%s)%v/%d//%d%v", term.At, max(term.Qualifier, ' '), term.Name, term.Domain, term.Net, term.Bits4, term.Bits6, term.Ignored))
	}
	want := []string{
		"1+a()invalid Prefix/24//64false",
		"2~mx(Mail.acme.example)invalid Prefix/32//128false",
		"3+ip4()192.0.2.0/24/32//128false",
		"4?include(%{d}.example)invalid Prefix/32//128false",
		"5-all()invalid Prefix/32//128false",
		"6+a(late.example)invalid Prefix/32//128true",
		"7 redirect(x.example)invalid Prefix/0//0true",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("terms:\n%s", strings.Join(got, "\n"))
	}
	if all, ok := r.All(); !ok || all.Qualifier != '-' {
		t.Errorf("all: %+v", all)
	}
	if _, ok := r.Redirect(); ok {
		t.Error("the redirect beside all is in force")
	}
}

func TestFindSPF(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		txts  []string
		found int
		want  string
	}{
		{"none", nil, 0, ""},
		{"other records", []string{"google-site-verification=abc", "MS=ms123", "v=DKIM1; p=x", "spfoo", "v=verifydomain"}, 0, ""},
		{"one beside others", []string{"google-site-verification=abc", "v=spf1 -all"}, 1, ""},
		{"two", []string{"v=spf1 -all", "v=spf1 mx -all"}, 2, "multiple@0"},
		{"two, one in capitals", []string{"V=SPF1 -all", "v=spf1 mx -all"}, 2, "multiple@0"},
		{"v=spf10 is no second", []string{"v=spf1 -all", "v=spf10 -all"}, 1, "not-a-record@0"},
		{"a blank first", []string{" v=spf1 -all"}, 0, "not-a-record@0"},
		{"quotes in the data", []string{`"v=spf1 -all"`}, 0, "not-a-record@0"},
		{"typographic blank", []string{"\u00a0v=spf1 -all"}, 0, "not-a-record@0"},
		{"a semicolon", []string{"v=spf1; mx -all"}, 0, "not-a-record@0"},
		{"no blank", []string{"v=spf1include:a.example -all"}, 0, "not-a-record@0"},
		{"blanks around =", []string{"v = spf1 -all"}, 0, "not-a-record@0"},
		{"v missing", []string{"spf1 mx -all"}, 0, "not-a-record@0"},
		{"spf2", []string{"v=spf2 mx -all"}, 0, "not-a-record@0"},
		{"sender ID", []string{"spf2.0/pra mx -all", "v=spf1 mx -all"}, 1, "sender-id@0"},
		{"split version", []string{"v=s|pf1 -all"}, 1, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			found, problems := mailrecord.FindSPF(txts(tt.txts...))
			if got := brief(problems); got != tt.want || len(found) != tt.found {
				t.Errorf("%d, %q, want %d, %q", len(found), got, tt.found, tt.want)
			}
		})
	}
	_, problems := mailrecord.FindSPF(txts("v=spf1 include:a.example ~all", "v=spf1 include:a.example mx -all"))
	if want := "merge them into one: v=spf1 include:a.example mx ~all"; problems[0].Fix != want {
		t.Errorf("fix %q", problems[0].Fix)
	}
}

// txts are TXT records, the strings of each divided by "|".
func txts(texts ...string) (out [][]string) {
	for _, s := range texts {
		out = append(out, strings.Split(s, "|"))
	}
	return out
}

// TestProblemsHoldNoAddress checks the promise of the package documentation.
func TestProblemsHoldNoAddress(t *testing.T) {
	t.Parallel()
	_, a := mailrecord.ParseDMARC("v=DMARC1; p=nonne; rua=mailto:anna.secret@acme.example,anna.secret@b.example; ruf=ftp:anna.secret@acme.example")
	_, b := mailrecord.ParseSPF("v=spf1 include:anna.secret@acme.example -all")
	_, c := mailrecord.ParseTLSRPT(`v=TLSRPTv1; rua=anna.secret@acme.example; "anna.secret"@x`)
	_, d := mailrecord.FindDMARC(txts(" v=DMARC1; rua=mailto:anna.secret@acme.example"))
	for _, p := range append(append(append(a, b...), c...), d...) {
		if strings.Contains(fmt.Sprint(p), "anna.secret") {
			t.Errorf("%+v", p)
		}
	}
	if got := mailrecord.Mask("rua=mailto:a@b.example,mailto:c@d.example; x"); got != "rua=mailto:…@b.example,mailto:…@d.example; x" {
		t.Errorf("Mask: %q", got)
	}
	if got := mailrecord.Show("a\x00b\xff" + strings.Repeat("x", 100)); !utf8.ValidString(got) || strings.Contains(got, "\x00") || len(got) > 100 {
		t.Errorf("Show: %q", got)
	}
}
