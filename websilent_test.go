package readiness_test

import (
	"testing"
	"time"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/internal/dnstest"
	"github.com/launchready/readiness/internal/webtest"
)

// TestWebSilence has servers that take connections and say nothing: what is
// not known by the end is unknown, and never a risk.
func TestWebSilence(t *testing.T) {
	t.Parallel()
	silent := webtest.Silent(t)
	dns := dnstest.Start(t, "acme.example. IN A 192.0.2.10\nstaging.acme.example. IN A 192.0.2.10\n", nil)
	checker, err := readiness.New(readiness.Config{
		Domain: "acme.example", Hosts: []string{"@"}, Private: []string{"staging"}, Only: []string{"web"}, Timeout: 300 * time.Millisecond,
		Origins: []string{"203.0.113.9"}, Redirects: []readiness.Redirect{{From: "http://acme.example/a", To: "https://acme.example/b"}},
		Resolvers: []string{dns.Addr}, ConnectTo: []string{"::" + silent},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := checker.Check(t.Context())
	if len(r.Findings) != 0 || len(r.Unknown) < 4 {
		t.Errorf("%s", r)
	}
}

// TestWebSilentHosts has hosts of all kinds that take connections and never
// answer: neither closed nor fine.
func TestWebSilentHosts(t *testing.T) {
	t.Parallel()
	host := func(config, name string, ports ...string) webCase {
		c := webCase{name: config, config: config, pages: good(nil), zone: name + ". IN A 192.0.2.9\n"}
		for _, port := range ports {
			c.connect = append(c.connect, name+":"+port+":SILENT")
		}
		c.connect = append(c.connect, name+"::127.0.0.1:1")
		return c
	}
	private := host(`, "private": ["staging"]`, "staging.acme.example", "")
	private.unknown = []string{"private.open staging.acme.example", "tls.handshake staging.acme.example"}
	http := host(`, "private": ["admin"]`, "admin.acme.example", "80")
	http.unknown = []string{"private.open admin.acme.example"}
	mail := host(`, "dns_only": ["mail"]`, "mail.acme.example", "")
	mail.unknown = []string{"tls.handshake mail.acme.example", "web.no-https mail.acme.example"}
	runWeb(t, []webCase{private, http, mail})
}
