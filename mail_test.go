package readiness_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/internal/dnstest"
)

func mailZones(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/zones/mail-*.zone")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d zones: %v", len(files), err)
	}
	return files
}

// TestMailZonesAreBothKinds keeps the zones that TestZones looks at honest: a
// false alarm is as bad as a miss.
func TestMailZonesAreBothKinds(t *testing.T) {
	t.Parallel()
	clean := 0
	for _, file := range mailZones(t) {
		c := readZone(t, file)
		named := strings.HasPrefix(filepath.Base(file), "mail-clean-")
		if named {
			clean++
		}
		if named && len(c.want)+len(c.unknown) > 0 {
			t.Errorf("%s is called clean and expects %q", file, c.want)
		}
	}
	if clean < 8 {
		t.Errorf("%d clean zones", clean)
	}
}

var address = regexp.MustCompile(`[^\s"'=:,<>…]+@[A-Za-z0-9.-]+`)

// TestMailShowsNoAddress looks for the e-mail addresses of the records, such
// as those for reports, in what a report shows. The record that a fix
// proposes has one that is nobody's.
func TestMailShowsNoAddress(t *testing.T) {
	t.Parallel()
	for _, file := range mailZones(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			checker, err := readiness.New(readZone(t, file).start(t))
			if err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(checker.Check(t.Context()))
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range address.FindAllString(string(data), -1) {
				if found != "NAME@DOMAIN" && !strings.HasPrefix(found, "dmarc@") {
					t.Errorf("shows %s", found)
				}
			}
		})
	}
}

const policyZone = `
$ORIGIN acme.example.
@ MX 1 smtp.google.com.
@ TXT "v=spf1 include:_spf.google.com ~all"
_spf.google.com. TXT "v=spf1 ip4:74.125.0.0/16 ~all"
smtp.google.com. A 142.250.102.26
_dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc-reports@acme.example"
mta-sts A 198.51.100.11
`

// TestMailPolicy serves MTA-STS policies.
func TestMailPolicy(t *testing.T) {
	t.Parallel()
	const (
		good   = "version: STSv1\nmode: enforce\nmx: smtp.google.com\nmax_age: 604800\n"
		record = `_mta-sts TXT "v=STSv1; id=20261101T000000;"`
		two    = "\n@ MX 10 smtp.other.test.\nsmtp.other.test. A 198.51.100.40\n"
	)
	tests := []struct {
		name, zone, body, contentType, redirect string
		status                                  int
		untrusted                               bool
		want                                    []string
	}{
		{name: "right", zone: record, body: good},
		{name: "charset and line ends", zone: record, body: strings.ReplaceAll(good, "\n", "\r\n"), contentType: "text/plain; charset=utf-8"},
		{name: "unknown and repeated keys", zone: record, body: good + "max_age: 1\nlater: yes\n"},
		{name: "star", zone: record, body: "version: STSv1\nmode: enforce\nmx: *.google.com\nmax_age: 604800\n"},
		{name: "none", zone: record, body: "version: STSv1\nmode: none\nmax_age: 604800\n"},
		{name: "no record", body: "not looked at"},
		{name: "another server, enforced", zone: record, body: "version: STSv1\nmode: enforce\nmx: mx.old.test\nmax_age: 604800\n", want: []string{"blocker mtasts.mx"}},
		{name: "another server, testing", zone: record, body: "version: STSv1\nmode: testing\nmx: mx.old.test\nmax_age: 604800\n", want: []string{"medium mtasts.mx"}},
		{name: "one of two servers", zone: record + two, body: good, want: []string{"blocker mtasts.mx"}},
		{name: "no max_age", zone: record, body: "version: STSv1\nmode: enforce\nmx: smtp.google.com\n", want: []string{"medium mtasts.policy"}},
		{name: "a page", zone: record, body: "<!doctype html>", contentType: "text/html", want: []string{"medium mtasts.policy-type"}},
		{name: "a policy of the wrong type", zone: record, body: good, contentType: "text/html; charset=utf-8", want: []string{"medium mtasts.policy-type"}},
		{name: "a wrong policy of the wrong type", zone: record, body: "version: STSv1\nmode: enforce\nmx: smtp.google.com\n", contentType: "application/octet-stream", want: []string{"medium mtasts.policy", "medium mtasts.policy-type"}},
		{name: "redirect", zone: record, body: good, redirect: "/policy.txt?token=hidden", want: []string{"medium mtasts.policy-redirect"}},
		{name: "not there", zone: record, status: http.StatusNotFound, want: []string{"medium mtasts.policy-missing"}},
		{name: "certificate", zone: record, body: good, untrusted: true, want: []string{"medium mtasts.certificate"}},
		{name: "no id", zone: `_mta-sts TXT "v=STSv1;"`, body: good, want: []string{"medium mtasts.syntax"}},
		{name: "two records", zone: record + "\n" + `_mta-sts TXT "v=STSv1; id=2;"`, body: good, want: []string{"medium mtasts.multiple"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tt.redirect != "" && r.URL.RequestURI() != tt.redirect {
					http.Redirect(w, r, tt.redirect, http.StatusMovedPermanently)
					return
				}
				w.Header().Set("Content-Type", "text/plain")
				if tt.contentType != "" {
					w.Header().Set("Content-Type", tt.contentType)
				}
				if tt.status != 0 {
					w.WriteHeader(tt.status)
				}
				_, _ = fmt.Fprint(w, tt.body)
			}))
			certificate, roots := selfSigned(t, "mta-sts.acme.example")
			web.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
			web.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake that is meant to fail
			web.StartTLS()
			t.Cleanup(web.Close)
			cfg := mailConfig(t, policyZone+tt.zone+"\n", nil)
			cfg.ConnectTo = []string{"mta-sts.acme.example:443:" + web.Listener.Addr().String()}
			if !tt.untrusted {
				cfg.RootCAs = roots
			}
			var got []string
			r := checkMail(t, cfg)
			for _, f := range r.Findings {
				got = append(got, f.Severity.String()+" "+f.Code)
			}
			slices.Sort(got)
			if !slices.Equal(slices.Compact(got), tt.want) || len(r.Unknown) > 0 {
				t.Errorf("found %q, want %q\n%s", got, tt.want, r)
			}
			for _, f := range r.Findings {
				if strings.Contains(strings.Join(f.Evidence, " "), "hidden") {
					t.Errorf("shows the query of a redirect: %q", f.Evidence)
				}
			}
		})
	}
}

// TestMailEvidence looks at what findings show and propose.
func TestMailEvidence(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, zone, code string
		selector         string
		has, hasNot      []string
	}{
		{
			name: "an e-mail address for a mail server", zone: "@ MX 30 ann.lee@acme.example.\n", code: "mx.target-missing",
			has: []string{"acme.example MX 30 …@acme.example."}, hasNot: []string{"ann"},
		},
		{
			name: "a template of the check's own", zone: "", code: "dmarc.missing", has: []string{"rua=mailto:dmarc@acme.example"},
		},
		{
			name: "a key below the domain twice", zone: "gone._domainkey.acme.example TXT \"v=DKIM1; p=\"\n", selector: "gone", code: "dkim.missing",
			has: []string{"gone._domainkey.acme.example.acme.example has the key", "a second time"},
		},
		{
			name: "a wildcard below the domain", zone: "* TXT \"site-verification=1\"\nother._domainkey TXT \"x\"\n", selector: "gone", code: "dkim.missing",
			hasNot: []string{"acme.example.acme.example", "a second time"},
		},
		{
			name: "two SPF records", zone: "@ TXT \"v=spf1 include:another.test ~all\"\n", code: "spf.multiple",
			has: []string{"v=spf1 include:_spf.google.com include:another.test ~all"},
		},
		{
			name: "ptr", zone: "@ TXT \"v=spf1 ptr ~all\"\n", code: "spf.ptr", has: []string{"the first 10 names", "without a message"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			zone := policyZone
			switch tt.code {
			case "dmarc.missing":
				zone = zone[:strings.Index(zone, "_dmarc")]
			case "spf.ptr":
				zone = strings.Replace(zone, "@ TXT", "other TXT", 1)
			}
			cfg := mailConfig(t, zone+tt.zone, nil)
			if tt.selector != "" {
				cfg.Mail[0].DKIMSelectors = []string{tt.selector}
			}
			r := checkMail(t, cfg)
			i := slices.IndexFunc(r.Findings, func(f readiness.Finding) bool { return f.Code == tt.code })
			if i < 0 {
				t.Fatalf("not found: %s", r)
			}
			f := r.Findings[i]
			text := f.Detail + "\n" + strings.Join(f.Evidence, "\n") + "\n" + f.Fix
			for _, s := range tt.has {
				if !strings.Contains(text, s) {
					t.Errorf("without %q: %s", s, text)
				}
			}
			for _, s := range tt.hasNot {
				if strings.Contains(text, s) {
					t.Errorf("with %q: %s", s, text)
				}
			}
		})
	}
}

// mailConfig declares acme.example with a name server of its own.
func mailConfig(t testing.TB, zone string, faults map[string]dnstest.Fault) readiness.Config {
	t.Helper()
	return readiness.Config{
		Domain: "acme.example", Mail: []readiness.Mail{{Sends: true, Receives: true, Senders: []string{"google"}}},
		Only: []string{"mail"}, Resolvers: []string{dnstest.Start(t, zone, faults).Addr}, Timeout: 30 * time.Second,
	}
}

func checkMail(t testing.TB, cfg readiness.Config) readiness.Report {
	t.Helper()
	checker, err := readiness.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return checker.Check(t.Context())
}

// selfSigned returns a certificate for a host, and who trusts it.
func selfSigned(t testing.TB, host string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// TestMailUnknownIsNoRisk fails every question about each kind of record: no
// finding may come of it, and each kind must be named as not looked at.
func TestMailUnknownIsNoRisk(t *testing.T) {
	t.Parallel()
	for _, fault := range []dnstest.Fault{dnstest.ServFail, dnstest.Refused, dnstest.OtherName} {
		faults := map[string]dnstest.Fault{}
		for _, name := range []string{"", "_dmarc.", "google._domainkey.", "_mta-sts.", "_smtp._tls."} {
			faults[name+"acme.example"] = fault
		}
		cfg := mailConfig(t, policyZone, faults)
		cfg.Mail[0].DKIMSelectors = []string{"google"}
		r := checkMail(t, cfg)
		if len(r.Findings) > 0 {
			t.Errorf("fault %d: a failure is taken for a fact:\n%s", fault, r)
		}
		var unknown []string
		for _, f := range r.Unknown {
			unknown = append(unknown, f.Subject)
		}
		slices.Sort(unknown)
		want := []string{"_dmarc.acme.example", "_mta-sts.acme.example", "_smtp._tls.acme.example", "acme.example", "acme.example", "google._domainkey.acme.example"}
		if !slices.Equal(unknown, want) {
			t.Errorf("fault %d: unknown %q, want %q", fault, unknown, want)
		}
	}
}

// TestMailOfAHostileZoneIsBounded counts the questions that a zone made to
// cause many can cause.
func TestMailOfAHostileZoneIsBounded(t *testing.T) {
	t.Parallel()
	var zone strings.Builder
	zone.WriteString("$ORIGIN acme.example.\n")
	for i := range 400 {
		fmt.Fprintf(&zone, "@ MX %d mx%d\nmx%d A 198.51.100.%d\n", i, i, i, i%250+1)
	}
	fmt.Fprintf(&zone, "@ TXT \"v=spf1 %s ~all\"\n", strings.Join(slices.Repeat([]string{"mx a include:x.acme.example"}, 5), " "))
	zone.WriteString("x TXT \"v=spf1 include:acme.example mx:acme.example ~all\"\n")
	zone.WriteString("_dmarc TXT \"v=DMARC1; p=none; rua=" + strings.TrimSuffix(strings.Repeat("mailto:a@b.test,", 12), ",") + "\"\n")
	data, err := json.Marshal(checkMail(t, mailConfig(t, zone.String(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	var report struct{ Lookups int }
	if err := json.Unmarshal(data, &report); err != nil {
		t.Fatal(err)
	}
	if report.Lookups == 0 || report.Lookups > 300 {
		t.Errorf("%d lookups", report.Lookups)
	}
}

// TestMailEndsAtTheDeadline asks a server that never answers.
func TestMailEndsAtTheDeadline(t *testing.T) {
	t.Parallel()
	silent := map[string]dnstest.Fault{}
	for _, name := range []string{"acme.example", "_dmarc.acme.example", "_dmarc.example", "google._domainkey.acme.example", "_mta-sts.acme.example", "_smtp._tls.acme.example"} {
		silent[name] = dnstest.Silent
	}
	cfg := mailConfig(t, policyZone, silent)
	cfg.Mail[0].DKIMSelectors, cfg.Timeout = []string{"google"}, 200*time.Millisecond
	r := checkMail(t, cfg)
	if len(r.Findings) > 0 || len(r.Unknown) == 0 {
		t.Errorf("%s", r)
	}
}

func BenchmarkCheckMail(b *testing.B) {
	server := dnstest.Start(b, policyZone, nil)
	checker, err := readiness.New(readiness.Config{
		Domain: "acme.example", Mail: []readiness.Mail{{Sends: true, Receives: true, Senders: []string{"google"}, DKIMSelectors: []string{"google"}}},
		Only: []string{"mail"}, Resolvers: []string{server.Addr},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if r := checker.Check(context.Background()); len(r.Findings) != 1 { // the key is not there
			b.Fatal(r)
		}
	}
}
