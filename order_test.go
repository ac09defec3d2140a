package readiness_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/internal/dnstest"
)

// TestFindingsAreOrderedByGroup holds the order that Report.Findings documents.
func TestFindingsAreOrderedByGroup(t *testing.T) {
	t.Parallel()
	want := []string{
		"env.a", "dns.a", "cloudflare.a", "tls.a", "web.a", "web.b", "hsts.a", "origin.a", "private.a", "redirect.a", "mx.a", "spf.a", "dkim.a", "dmarc.a", "mtasts.a", "tlsrpt.a",
		"caa.a", "custom.a", "own.a", "handover.a",
	}
	all := func(context.Context) ([]readiness.Finding, error) {
		var found []readiness.Finding
		for _, code := range slices.Backward(want) {
			found = append(found, readiness.Finding{Code: code, Subject: "x", Title: "t", Severity: readiness.High})
		}
		return append(found, readiness.Finding{Code: "own.z", Subject: "x", Title: "t", Severity: readiness.Blocker}), nil
	}
	r := newChecker(t, readiness.Config{Custom: []custom{{Name: "all", Func: all}}}).Check(t.Context())
	got := each(r.Findings, func(f readiness.Finding) string { return f.Code })
	if !slices.Equal(got, append([]string{"own.z"}, want...)) {
		t.Errorf("got %q", got)
	}
}

func each[T, U any](list []T, f func(T) U) []U {
	var out []U
	for _, v := range list {
		out = append(out, f(v))
	}
	return out
}

// TestDomainThatDoesNotExist holds that one cause is one finding.
func TestDomainThatDoesNotExist(t *testing.T) {
	t.Parallel()
	s := dnstest.Start(t, "example. SOA a.nic.example. host.nic.example. 1 1 1 1 1\nexample. NS a.nic.example.\na.nic.example. A 192.0.2.1\n", nil)
	r := newChecker(t, readiness.Config{
		Domain: "acme.example", Mail: []readiness.Mail{{Sends: true, Receives: true}}, Only: []string{"dns", "mail"},
		Resolvers: []string{s.Addr}, ConnectTo: []string{":53:" + s.Addr},
	}).Check(t.Context())
	if got := codes(r.Findings); !slices.Equal(got, []string{"dns.no-such-name acme.example"}) || !strings.Contains(r.Findings[0].Detail, "is not listed") {
		t.Errorf("got %+v", r.Findings)
	}
}

// TestCleanDomainSaysWhatWasChecked holds that a clean text names the families
// and hosts, and a map without a TTL does not say 0.
func TestCleanDomainSaysWhatWasChecked(t *testing.T) {
	t.Parallel()
	s := dnstest.Start(t, "acme.example. MX 0 .\nacme.example. TXT \"v=spf1 -all\"\n_dmarc.acme.example. TXT \"v=DMARC1; p=reject; rua=mailto:d@reports.test\"\nacme.example._report._dmarc.reports.test. TXT \"v=DMARC1;\"\nreports.test. MX 10 reports.test.\n", nil)
	r := newChecker(t, readiness.Config{Domain: "acme.example", Mail: []readiness.Mail{{}}, Only: []string{"mail"}, Resolvers: []string{s.Addr}}).Check(t.Context())
	if text := r.String(); len(r.Findings)+len(r.Unknown) > 0 || !strings.Contains(text, "\nchecked: mail; nothing found\n") || strings.Contains(text, "no variable") {
		t.Errorf("got %s%+v", text, r.Findings)
	}
	r.Map = []readiness.HostMap{{Name: "acme.example"}}
	var markdown, all strings.Builder
	if err := r.WriteMarkdown(&markdown); err != nil || !strings.Contains(markdown.String(), "| ? |\n") {
		t.Errorf("%v, %s", err, markdown.String())
	}
	if err := r.WriteStyled(&all, readiness.TextStyle{All: true}); err != nil || !strings.Contains(all.String(), "TTL ?") || !strings.Contains(all.String(), "1 host: acme.example") {
		t.Errorf("%v, %s", err, all.String())
	}
}

// TestAcceptanceThatMatchesNothing holds that it is told, and only where the
// check looked.
func TestAcceptanceThatMatchesNothing(t *testing.T) {
	t.Parallel()
	launch := newChecker(t, readiness.Config{
		Env: []readiness.EnvVar{{Name: "A"}}, LookupEnv: lookup(map[string]string{"A": "x"}),
		Accept: []readiness.Acceptance{{Code: "env.missing", Subject: "A", Until: "2999-12-31", Reason: "later"}, {Code: "dmarc.missing", Until: "2999-12-31", Reason: "later"}},
	})
	for name, r := range map[string]readiness.Report{"CheckEnv": launch.CheckEnv(), "Check": launch.Check(t.Context())} {
		if len(r.Accepted) != 1 || r.Accepted[0].Finding.Code != "env.missing" || !strings.HasPrefix(r.Accepted[0].Note, "matched nothing") {
			t.Fatalf("%s: %+v", name, r.Accepted)
		}
		var all, markdown strings.Builder
		text, err := json.Marshal(r)
		if err != nil || !strings.Contains(string(text), `"severity":"none","subject":"A"`) || !strings.Contains(string(text), `"note":"matched nothing`) {
			t.Errorf("%s: %v, %s", name, err, text)
		}
		if err := r.WriteStyled(&all, readiness.TextStyle{All: true}); err != nil || !strings.Contains(all.String(), "matched nothing") || strings.Contains(r.String(), "accepted risk") {
			t.Errorf("%s: %v, %s", name, err, all.String())
		}
		if err := r.WriteMarkdown(&markdown); err != nil || !strings.Contains(markdown.String(), "matched nothing") {
			t.Errorf("%s: %v, %s", name, err, markdown.String())
		}
	}
}

// TestOneCauseIsOneLine holds that what could not be looked at for one reason
// takes one line, and that All shows each.
func TestOneCauseIsOneLine(t *testing.T) {
	t.Parallel()
	r := readiness.Report{Domain: "acme.example", Unknown: []readiness.Finding{
		{Code: "dns.timeout", Subject: "acme.example", Title: "could not be looked at: no answer in time"},
		{Code: "mx.missing", Subject: "acme.example", Title: "could not be looked at: asked for the servers: no answer in time"},
	}}
	if got := r.String(); !strings.Contains(got, "UNKNOWN  2 things could not be looked at (no answer in time): dns.timeout acme.example, mx.missing acme.example\n") || strings.Count(got, "UNKNOWN") != 1 {
		t.Errorf("got %s", got)
	}
	r.Unknown[1].Title = "could not be looked at: the server failed"
	if got := r.String(); strings.Count(got, "UNKNOWN") != 2 {
		t.Errorf("two causes: %s", got)
	}
}
