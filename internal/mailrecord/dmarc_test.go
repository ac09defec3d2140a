package mailrecord_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/mailrecord"
)

const rua = "; rua=mailto:d@acme.example"

func TestParseDMARC(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, record, want, policies string }{ // policies: p sp np as they count, "-" where ignored
		// What must not be flagged.
		{"reject", "v=DMARC1; p=reject" + rua, "", "reject reject reject"},
		{"quarantine", "v=DMARC1; p=quarantine" + rua, "", "quarantine quarantine quarantine"},
		{"no blanks", "v=DMARC1;p=reject;rua=mailto:d@acme.example;", "", "reject reject reject"},
		{"many blanks", "v = DMARC1 ; p = reject ; rua = mailto:d@acme.example ; ", "", "reject reject reject"},
		{"any order", "v=DMARC1; rua=mailto:d@acme.example; sp=reject; p=quarantine", "", "quarantine reject reject"},
		{"values in capitals", "v=DMARC1; p=REJECT; adkim=S; aspf=R; t=N; psd=U" + rua, "", "reject reject reject"},
		{"split strings", "v=DMA|RC1; p=rej|ect" + rua, "", "reject reject reject"},
		{"stronger below", "v=DMARC1; p=quarantine; sp=reject; np=reject" + rua, "", "quarantine reject reject"},
		{"np alone", "v=DMARC1; p=quarantine; np=reject" + rua, "", "quarantine quarantine reject"},
		{"two addresses", "v=DMARC1; p=reject; rua=mailto:a@acme.example , mailto:b@b.example", "", "reject reject reject"},
		{"ruf and fo", "v=DMARC1; p=reject; fo=1:d:s; ruf=mailto:f@acme.example" + rua, "", "reject reject reject"},
		{"fo letters first", "v=DMARC1; p=reject; fo=d:s:0; ruf=mailto:f@acme.example" + rua, "", "reject reject reject"},
		{"psd=n", "v=DMARC1; p=reject; psd=n" + rua, "", "reject reject reject"},
		{"t=n", "v=DMARC1; p=reject; t=n" + rua, "", "reject reject reject"},
		{"encoded address", "v=DMARC1; p=reject; rua=mailto:a%2Cb%21@acme.example", "", "reject reject reject"},
		{"address with a query", "v=DMARC1; p=reject; rua=mailto:a@acme.example?subject=x", "", "reject reject reject"},
		{"alignment", "v=DMARC1; p=reject; adkim=s; aspf=s" + rua, "", "reject reject reject"},
		// Only information.
		{"pct=100", "v=DMARC1; p=reject; pct=100" + rua, "historic@3", "reject reject reject"},
		{"rf and ri", "v=DMARC1; p=reject; rf=afrf; ri=86400" + rua, "historic@3 historic@4", "reject reject reject"},
		{"unknown tag", "v=DMARC1; p=reject; foo=bar" + rua, "unknown-tag@3", "reject reject reject"},
		{"size limit", "v=DMARC1; p=reject; rua=mailto:a@acme.example!10m", "size@3", "reject reject reject"},
		{"three addresses", "v=DMARC1; p=reject; rua=mailto:a@b.example,mailto:c@b.example,mailto:d@b.example", "rua-many@3", "reject reject reject"},
		{"fo without ruf", "v=DMARC1; p=reject; fo=1" + rua, "fo-alone@3", "reject reject reject"},
		// Policies.
		{"none", "v=DMARC1; p=none" + rua, "policy-none@2", "none none none"},
		{"quarentine", "v=DMARC1; p=quarentine" + rua, "policy-invalid@2", "none none none"},
		{"quarentine without reports", "v=DMARC1; p=quarentine", "rua-missing@0 policy-invalid@2", "-"},
		{"p empty", "v=DMARC1; p=" + rua, "policy-invalid@2", "none none none"},
		{"no p", "v=DMARC1" + rua, "policy-missing@0", "none none none"},
		{"no p, no reports", "v=DMARC1", "rua-missing@0 policy-missing@0=high", "-"},
		{"no p, but sp", "v=DMARC1; sp=reject" + rua, "policy-missing@0", "none none none"},
		{"sp invalid", "v=DMARC1; p=reject; sp=rejekt" + rua, "policy-invalid@3", "none none none"},
		{"np invalid", "v=DMARC1; p=reject; np=all" + rua, "policy-invalid@3", "none none none"},
		{"np invalid without reports", "v=DMARC1; p=reject; np=all", "rua-missing@0 policy-invalid@3", "-"},
		{"sp weaker", "v=DMARC1; p=reject; sp=none" + rua, "subdomains-weaker@3", "reject none none"},
		{"sp a little weaker", "v=DMARC1; p=reject; sp=quarantine" + rua, "subdomains-weaker@3", "reject quarantine quarantine"},
		{"np weaker", "v=DMARC1; p=reject; np=none" + rua, "subdomains-weaker@3", "reject reject none"},
		{"sp weaker, np not", "v=DMARC1; p=reject; sp=none; np=reject" + rua, "subdomains-weaker@3", "reject none reject"},
		{"testing", "v=DMARC1; p=reject; t=y" + rua, "testing@3", "reject reject reject"},
		{"testing nothing", "v=DMARC1; p=none; t=y" + rua, "policy-none@2", "none none none"},
		{"testing below", "v=DMARC1; p=none; sp=reject; t=y" + rua, "policy-none@2 testing@4", "none reject reject"},
		{"pct", "v=DMARC1; p=reject; pct=50" + rua, "pct@3", "reject reject reject"},
		{"pct=0", "v=DMARC1; p=reject; pct=0" + rua, "pct@3", "reject reject reject"},
		{"pct broken", "v=DMARC1; p=reject; pct=x" + rua, "pct@3", "reject reject reject"},
		{"commas", "v=DMARC1; p=reject, rua=mailto:d@acme.example", "rua-missing@0 policy-invalid@2", "-"},
		{"no semicolon", "v=DMARC1; p=reject rua=mailto:d@acme.example", "rua-missing@0 policy-invalid@2", "-"},
		// Reports.
		{"no reports", "v=DMARC1; p=reject", "rua-missing@0", "reject reject reject"},
		{"no mailto", "v=DMARC1; p=reject; rua=d@acme.example", "rua-invalid@3", "reject reject reject"},
		{"rua empty", "v=DMARC1; p=reject; rua=", "rua-invalid@3", "reject reject reject"},
		{"https", "v=DMARC1; p=reject; rua=https://acme.example/d", "rua-invalid@3", "reject reject reject"},
		{"one of two bad", "v=DMARC1; p=reject; rua=mailto:a@acme.example,b@acme.example", "rua-invalid@3", "reject reject reject"},
		{"no domain", "v=DMARC1; p=reject; rua=mailto:dmarc", "rua-invalid@3", "reject reject reject"},
		{"no name", "v=DMARC1; p=reject; rua=mailto:@acme.example", "rua-invalid@3", "reject reject reject"},
		{"domain of one label", "v=DMARC1; p=reject; rua=mailto:a@localhost", "rua-invalid@3", "reject reject reject"},
		{"semicolon between", "v=DMARC1; p=reject; rua=mailto:a@acme.example; mailto:b@acme.example", "syntax@4", "reject reject reject"},
		{"blank within", "v=DMARC1; p=reject; rua=mailto: a@acme.example", "rua-invalid@3", "reject reject reject"},
		{"mailto://", "v=DMARC1; p=reject; rua=mailto://a@acme.example", "rua-invalid@3", "reject reject reject"},
		{"a comma at the end", "v=DMARC1; p=reject; rua=mailto:a@acme.example,", "rua-invalid@3", "reject reject reject"},
		{"ruf bad", "v=DMARC1; p=reject; ruf=f@acme.example" + rua, "ruf-invalid@3", "reject reject reject"},
		{"invalid p and bad reports", "v=DMARC1; p=x; rua=d@acme.example", "rua-invalid@3 policy-invalid@2", "-"},
		// The rest.
		{"adkim", "v=DMARC1; p=reject; adkim=strict" + rua, "value-invalid@3", "reject reject reject"},
		{"aspf empty", "v=DMARC1; p=reject; aspf=" + rua, "value-invalid@3", "reject reject reject"},
		{"t", "v=DMARC1; p=reject; t=yes" + rua, "value-invalid@3", "reject reject reject"},
		{"psd", "v=DMARC1; p=reject; psd=1" + rua, "value-invalid@3", "reject reject reject"},
		{"psd=y", "v=DMARC1; p=reject; psd=y" + rua, "psd@3", "reject reject reject"},
		{"fo", "v=DMARC1; p=reject; fo=2; ruf=mailto:f@acme.example" + rua, "value-invalid@3", "reject reject reject"},
		{"fo 0 and 1", "v=DMARC1; p=reject; fo=0:1; ruf=mailto:f@acme.example" + rua, "value-invalid@3", "reject reject reject"},
		{"fo with commas", "v=DMARC1; p=reject; fo=d,s; ruf=mailto:f@acme.example" + rua, "value-invalid@3", "reject reject reject"},
		{"twice p", "v=DMARC1; p=reject; p=none" + rua, "duplicate@3", "reject reject reject"},
		{"twice v", "v=DMARC1; v=DMARC1; p=reject" + rua, "duplicate@2", "reject reject reject"},
		{"two semicolons", "v=DMARC1;; p=reject" + rua, "syntax@2", "reject reject reject"},
		{"no value", "v=DMARC1; p=reject; hello" + rua, "syntax@3", "reject reject reject"},
		{"not ASCII", "v=DMARC1; p=reject; x=\u00e9" + rua, "syntax@3", "reject reject reject"},
		{"capital V", "V=DMARC1; p=reject" + rua, "version-case@1", "reject reject reject"},
		{"capital P", "v=DMARC1; P=reject" + rua, "syntax@2", "reject reject reject"},
		{"no record", "v=dmarc1; p=reject", "not-a-record@0", "-"},
		{"empty", "", "not-a-record@0", "-"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, problems := mailrecord.ParseDMARC(strings.Split(tt.record, "|")...)
			if got := brief(problems); got != tt.want {
				t.Errorf("%q, want %q\n%+v", got, tt.want, problems)
			}
			policies := fmt.Sprintf("%s %s %s", d.P, d.SP, d.NP)
			if d.Ignored {
				policies = "-"
			}
			if policies != tt.policies {
				t.Errorf("policies %q, want %q", policies, tt.policies)
			}
		})
	}
}

func TestDMARCFields(t *testing.T) {
	t.Parallel()
	d, _ := mailrecord.ParseDMARC("v=DMARC1; p=reject; t=y; psd=n; adkim=s; rua=mailto:a@One.example!10m,mailto:b@two.example; ruf=mailto:c@one.example")
	if d.Effective(d.P) != mailrecord.PolicyQuarantine || !d.Enforced() || d.PSD != 'n' || d.ADKIM != 's' || d.ASPF != 'r' {
		t.Errorf("%+v", d)
	}
	if got := d.ReportDomains(); !slices.Equal(got, []string{"one.example", "two.example"}) {
		t.Errorf("report domains %q", got)
	}
	if got := mailrecord.ReportName("Acme.example.", "two.example"); got != "acme.example._report._dmarc.two.example" {
		t.Errorf("report name %q", got)
	}
	if !mailrecord.IsDMARC("v=DMARC1") || !mailrecord.IsDMARC("v=DMARC1", ";") || mailrecord.IsDMARC("v=DMARC12") || mailrecord.IsDMARC(" v=DMARC1") {
		t.Error("IsDMARC")
	}
	q, _ := mailrecord.ParseDMARC("v=DMARC1; p=quarantine; t=y")
	if q.Enforced() {
		t.Error("a quarantine under test is enforced")
	}
}

func TestFindDMARC(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		txts  []string
		found int
		want  string
	}{
		{"none", nil, 0, ""},
		{"other texts", []string{"hello", "google-site-verification=x", "p=1"}, 0, ""},
		{"one", []string{"v=DMARC1; p=none"}, 1, ""},
		{"one beside other texts", []string{"hello", "v=DMARC1; p=none"}, 1, ""},
		{"two", []string{"v=DMARC1; p=none", "v=DMARC1; p=reject"}, 2, "multiple@0"},
		{"wildcard SPF", []string{"v=spf1 -all"}, 0, "not-a-record@0"},
		{"blank first", []string{" v=DMARC1; p=none"}, 0, "not-a-record@0"},
		{"quoted", []string{`"v=DMARC1; p=none"`}, 0, "not-a-record@0"},
		{"lower case", []string{"v=dmarc1; p=none"}, 0, "not-a-record@0"},
		{"another version", []string{"v=DMARC2; p=none"}, 0, "not-a-record@0"},
		{"v not first", []string{"p=none; v=DMARC1"}, 0, "not-a-record@0"},
		{"no v", []string{"p=none; rua=mailto:a@acme.example"}, 0, "not-a-record@0"},
		{"no v=", []string{"DMARC1; p=none"}, 0, "not-a-record@0"},
		{"commas", []string{"v=DMARC1, p=none"}, 0, "not-a-record@0"},
		{"no semicolon", []string{"v=DMARC1 p=none"}, 0, "not-a-record@0"},
		{"escaped semicolon", []string{`v=DMARC1\; p=none`}, 0, "not-a-record@0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			found, problems := mailrecord.FindDMARC(txts(tt.txts...))
			if got := brief(problems); got != tt.want || len(found) != tt.found {
				t.Errorf("%d, %q, want %d, %q", len(found), got, tt.found, tt.want)
			}
		})
	}
}

func TestDMARCNames(t *testing.T) {
	t.Parallel()
	tests := []struct{ domain, want string }{
		{"Acme.example.", "acme.example example"},
		{"a.mail.example.com", "a.mail.example.com mail.example.com example.com com"},
		{"a.b.c.d.e.f.example.com", "a.b.c.d.e.f.example.com b.c.d.e.f.example.com c.d.e.f.example.com d.e.f.example.com e.f.example.com f.example.com example.com com"},
		{"a.b.c.d.e.f.g.h.i.j.mail.example.com", "a.b.c.d.e.f.g.h.i.j.mail.example.com g.h.i.j.mail.example.com h.i.j.mail.example.com i.j.mail.example.com j.mail.example.com mail.example.com example.com com"},
		{"com", "com"},
		{"", ""},
		{"a..b", ""},
	}
	for _, tt := range tests {
		if got := strings.Join(mailrecord.DMARCNames(tt.domain), " "); got != tt.want {
			t.Errorf("%s: %q", tt.domain, got)
		}
	}
}

func TestWalkDMARC(t *testing.T) {
	t.Parallel()
	const ok = " TXT v=DMARC1; rua=mailto:d@acme.example; "
	tests := []struct{ name, zone, domain, at, policy, organization, want, unknown string }{
		{"own", "_dmarc.acme.example" + ok + "p=reject", "acme.example", "acme.example", "reject", "acme.example", "", ""},
		{"the parent's, which is enough", "_dmarc.acme.example" + ok + "p=reject", "mail.acme.example", "acme.example", "reject", "acme.example", "", ""},
		{"the parent's sp", "_dmarc.acme.example" + ok + "p=reject; sp=quarantine", "mail.acme.example", "acme.example", "quarantine", "acme.example", "subdomains-weaker@_dmarc.acme.example", ""},
		{"the parent's under test", "_dmarc.acme.example" + ok + "p=reject; t=y", "mail.acme.example", "acme.example", "quarantine", "acme.example", "testing@_dmarc.acme.example", ""},
		{"own before the parent's", "_dmarc.acme.example" + ok + "p=none\n_dmarc.mail.acme.example" + ok + "p=reject", "mail.acme.example", "mail.acme.example", "reject", "acme.example", "", ""},
		{"an intermediate one does not apply", "_dmarc.acme.example" + ok + "p=reject\n_dmarc.b.acme.example" + ok + "p=quarantine", "a.b.acme.example", "acme.example", "reject", "acme.example", "", ""},
		{"unless it has psd=n", "_dmarc.acme.example" + ok + "p=reject\n_dmarc.b.acme.example" + ok + "p=quarantine; psd=n", "a.b.acme.example", "b.acme.example", "quarantine", "b.acme.example", "", ""},
		{"public suffix", "_dmarc.bank.example" + ok + "p=reject; psd=y", "acme.bank.example", "bank.example", "reject", "acme.bank.example", "missing@_dmarc.acme.bank.example", ""},
		{"below a public suffix", "_dmarc.bank.example" + ok + "p=none; psd=y\n_dmarc.acme.bank.example" + ok + "p=reject", "mail.acme.bank.example", "acme.bank.example", "reject", "acme.bank.example", "", ""},
		{"none", "", "acme.example", "", "", "acme.example", "missing@_dmarc.acme.example", ""},
		{"none on any step", "", "mail.acme.example", "", "", "mail.acme.example", "missing@_dmarc.mail.acme.example", ""},
		{"not known", "_dmarc.acme.example unknown", "acme.example", "", "", "acme.example", "", "acme.example"},
		{"own not known, the parent's there", "_dmarc.mail.acme.example unknown\n_dmarc.acme.example" + ok + "p=reject", "mail.acme.example", "", "", "acme.example", "", "mail.acme.example"},
		{"the parent's not known", "_dmarc.acme.example unknown", "mail.acme.example", "", "", "mail.acme.example", "", "acme.example"},
		{"own there, the parent's not known", "_dmarc.example unknown\n_dmarc.acme.example" + ok + "p=reject", "acme.example", "acme.example", "reject", "acme.example", "", "example"},
		{"two", "_dmarc.acme.example" + ok + "p=reject\n_dmarc.acme.example" + ok + "p=none", "acme.example", "", "", "acme.example", "multiple@_dmarc.acme.example", ""},
		{"two, and the parent's", "_dmarc.mail.acme.example" + ok + "p=reject\n_dmarc.mail.acme.example" + ok + "p=none\n_dmarc.acme.example" + ok + "p=reject", "mail.acme.example", "acme.example", "reject", "acme.example", "multiple@_dmarc.mail.acme.example", ""},
		{"two at the parent", "_dmarc.acme.example" + ok + "p=reject\n_dmarc.acme.example" + ok + "p=none", "mail.acme.example", "", "", "mail.acme.example", "multiple@_dmarc.acme.example", ""},
		{"no record in its place", "_dmarc.acme.example TXT v=dmarc1; p=reject", "acme.example", "", "", "acme.example", "not-a-record@_dmarc.acme.example", ""},
		{"ignored", "_dmarc.acme.example TXT v=DMARC1; p=rejekt", "acme.example", "acme.example", "", "acme.example", "rua-missing@_dmarc.acme.example policy-invalid@_dmarc.acme.example", ""},
		{"no name", "", "a..b", "", "", "a..b", "", "a..b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := mailrecord.WalkDMARC(t.Context(), tt.domain, newZone(tt.zone))
			if r.Found != (tt.at != "") || r.At != tt.at || string(r.Policy) != tt.policy || r.Organization != tt.organization {
				t.Errorf("at %q, policy %q, organization %q", r.At, r.Policy, r.Organization)
			}
			if got := where(r.Problems); got != tt.want {
				t.Errorf("problems %q, want %q", got, tt.want)
			}
			if got := strings.Join(r.Unknown, " "); got != tt.unknown {
				t.Errorf("unknown %q, want %q", got, tt.unknown)
			}
		})
	}
}
