package readiness_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/internal/dnstest"
	"github.com/launchready/readiness/internal/webtest"
)

// TestRegistration asks a registry of its own.
func TestRegistration(t *testing.T) {
	t.Parallel()
	root := webtest.NewAuthority(t, "Root")
	iana, nic := root.Leaf("data.iana.org", nil), root.Leaf("rdap.nic.test", nil)
	const (
		list  = `{"services":[[["example"],["https://rdap.nic.test/v1/"]]]}`
		found = "high registration.ends acme.example"
		lost  = "registration.ends acme.example"
	)
	in := func(days int) string {
		return fmt.Sprintf(`{"objectClassName":"domain","ldhName":"acme.example","events":[{"eventAction":"expiration","eventDate":%q}],
			"entities":[{"roles":["registrar"],"vcardArray":["vcard",[["fn",{},"text","Good Registrar"]]]}]}`, time.Now().AddDate(0, 0, days).Format(time.RFC3339))
	}
	tests := []struct {
		name, domain, list, answer string
		status                     int
		redirect                   string
		untrusted                  bool
		want, unknown              []string
		registrar                  string // "" where it must not be told
	}{
		{name: "a year", answer: in(365), registrar: "Good Registrar"},
		{name: "31 days", answer: in(31), registrar: "Good Registrar"},
		{name: "29 days", answer: in(29), want: []string{found}, registrar: "Good Registrar"},
		{name: "3 days", answer: in(3), want: []string{found}, registrar: "Good Registrar"},
		{name: "over", answer: in(-3), want: []string{found}, registrar: "Good Registrar"},
		{name: "renewed in name only", answer: strings.Replace(in(300), `"events"`, `"status":["redemption period"],"events"`, 1), want: []string{found}, registrar: "Good Registrar"},
		{name: "below the domain", domain: "app.acme.example", answer: in(3), want: []string{found}, registrar: "Good Registrar"},
		{name: "another path on the way", answer: in(3), redirect: "https://rdap.nic.test/other", want: []string{found}, registrar: "Good Registrar"},
		{name: "without https on the way", answer: in(3), redirect: "http://rdap.nic.test/other", unknown: []string{lost}},
		{name: "no end", answer: strings.Replace(in(3), "expiration", "transfer", 1), unknown: []string{lost}, registrar: "Good Registrar"},
		{name: "about another domain", answer: strings.Replace(in(3), "acme.", "other.", 1), unknown: []string{lost}},
		{name: "not known there", status: http.StatusNotFound, answer: `{"errorCode":404}`, unknown: []string{lost}},
		{name: "too many questions", status: http.StatusTooManyRequests, answer: in(3), unknown: []string{lost}},
		{name: "a page", answer: "<!doctype html>", unknown: []string{lost}},
		{name: "too long", answer: in(3) + strings.Repeat(" ", 256<<10), unknown: []string{lost}},
		{name: "long, but not too long", answer: in(3) + strings.Repeat(" ", 200<<10), want: []string{found}, registrar: "Good Registrar"},
		{name: "no RDAP", list: strings.Replace(list, "example", "test", 1), answer: in(3), unknown: []string{lost}},
		{name: "no list", list: "no", answer: in(3), unknown: []string{lost}},
		{name: "nobody's certificate", answer: in(3), untrusted: true, unknown: []string{lost}},
		{name: "of a provider", domain: "acme.github.io", answer: in(3), unknown: []string{"registration.ends acme.github.io"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			serve := func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.Host == "data.iana.org" && r.URL.Path == "/rdap/dns.json":
					_, _ = fmt.Fprint(w, firstOf(tt.list, list))
				case tt.redirect != "" && r.URL.Path != "/other":
					http.Redirect(w, r, tt.redirect, http.StatusFound)
				case r.URL.Path == "/v1/domain/acme.example" || r.URL.Path == "/other":
					if !strings.HasPrefix(r.Header.Get("Accept"), "application/rdap+json") {
						t.Errorf("accepts %q", r.Header.Get("Accept"))
					}
					if tt.status != 0 {
						w.WriteHeader(tt.status)
					}
					_, _ = fmt.Fprint(w, tt.answer)
				default:
					t.Errorf("asked for %s%s", r.Host, r.URL)
				}
			}
			web := webtest.Serve(t, http.HandlerFunc(serve), &tls.Config{Certificates: []tls.Certificate{iana, nic}, MinVersion: tls.VersionTLS12})
			plain := webtest.Plain(t, http.HandlerFunc(serve))
			domain := firstOf(tt.domain, "acme.example")
			addr := dnstest.Start(t, domain+". A 203.0.113.10\nwww."+domain+". A 203.0.113.10\n", nil).Addr
			cfg := readiness.Config{
				Domain: domain, Registration: true, Resolvers: []string{addr}, Timeout: 30 * time.Second, RootCAs: root.Pool(),
				ConnectTo: []string{
					"data.iana.org:443:" + web, "rdap.nic.test:443:" + web, "rdap.nic.test:80:" + plain, ":53:" + addr, "::127.0.0.1:1",
				},
				Handover: readiness.Handover{Hosting: "somewhere"},
			}
			if tt.untrusted {
				cfg.RootCAs = webtest.NewAuthority(t, "Nobody").Pool()
			}
			launch, err := readiness.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			r := launch.Check(t.Context())
			var got, unknown []string
			for _, f := range r.Findings {
				if strings.HasPrefix(f.Code, "registration.") {
					got = append(got, f.Severity.String()+" "+f.Code+" "+f.Subject)
				}
			}
			for _, f := range r.Unknown {
				if strings.HasPrefix(f.Code, "registration.") {
					unknown = append(unknown, f.Code+" "+f.Subject)
				}
			}
			if !slices.Equal(got, tt.want) || !slices.Equal(unknown, tt.unknown) {
				t.Errorf("found %q, want %q; unknown %q, want %q\n%s", got, tt.want, unknown, tt.unknown, r)
			}
			i := slices.IndexFunc(r.Handover, func(h readiness.HandoverItem) bool { return h.Item == "registrar" })
			if i < 0 || strings.Contains(r.Handover[i].Detail, "Good Registrar") != (tt.registrar != "") {
				t.Errorf("handover %+v", r.Handover)
			}
		})
	}
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func TestOptInsNeedSomethingToLookAt(t *testing.T) {
	t.Parallel()
	_, err := readiness.New(readiness.Config{Registration: true})
	if err == nil || err.Error() != "readiness: Registration: needs Domain" {
		t.Errorf("%v", err)
	}
	_, err = readiness.Load(strings.NewReader(`{"domain": "acme.example", "mail": {"sends": true, "smtp": true}}`))
	if err == nil || err.Error() != "readiness: mail.receives: must be true where smtp is declared: there is no mail server to connect to otherwise" {
		t.Errorf("%v", err)
	}
	cfg, err := readiness.Load(strings.NewReader(`{"domain": "acme.example", "registration": true, "mail": {"receives": true, "smtp": true}}`))
	if err != nil || !cfg.Registration || !cfg.Mail[0].SMTP {
		t.Errorf("%+v, %v", cfg, err)
	}
	text, err := cfg.MarshalJSON()
	if err != nil || !strings.Contains(string(text), `"smtp":true`) || !strings.Contains(string(text), `"registration":true`) {
		t.Errorf("%s, %v", text, err)
	}
}
