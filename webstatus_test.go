package readiness_test

import (
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/internal/webtest"
)

func TestWebStatus(t *testing.T) {
	t.Parallel()
	const (
		pair = `, "hosts": ["@", "www"], "canonical": "@"`
		app  = `, "hosts": ["@", "www", "app"], "canonical": "@"`
	)
	apex := func(page string) map[string]string { return good(map[string]string{"https://acme.example/": page}) }
	apps := func(page string) map[string]string {
		return good(map[string]string{"http://app.acme.example/": "301 https://app.acme.example/", "https://app.acme.example/": page})
	}
	www := func(page string) map[string]string {
		return map[string]string{
			"http://acme.example/": "301 https://acme.example/", "https://acme.example/": "301 https://www.acme.example/",
			"http://www.acme.example/": "301 https://www.acme.example/", "https://www.acme.example/": page,
		}
	}
	runWeb(t, []webCase{
		{name: "the apex fails", config: pair, pages: apex("500"), want: []string{"blocker web.error acme.example"}},
		{name: "the apex fails behind a redirect", config: pair, pages: good(map[string]string{"https://acme.example/": "302 /shop", "https://acme.example/shop": "502"}), want: []string{"blocker web.error acme.example"}},
		{name: "the canonical www fails", config: `, "canonical": "www"`, pages: www("500"), want: []string{"blocker web.error www.acme.example"}},
		{name: "the app fails", config: app, pages: apps("503"), want: []string{"high web.error app.acme.example"}},
		{name: "another path of the apex fails, for www", config: pair, pages: good(map[string]string{"https://www.acme.example/": "301 https://acme.example/broken", "https://acme.example/broken": "500"}), want: []string{"high web.error www.acme.example"}},
		{name: "fails once", config: app, pages: good(map[string]string{"https://app.acme.example/": page}), first: map[string]string{"https://app.acme.example/": "503"}},
		{name: "fails, and then says nothing", config: app, pages: good(map[string]string{"https://app.acme.example/": "0"}), first: map[string]string{"https://app.acme.example/": "503"}, unknown: []string{"web.error app.acme.example"}},
		{name: "a private host fails", config: `, "private": ["staging"]`, pages: good(map[string]string{"https://staging.acme.example/": "500"})},
		{name: "a challenge in place of the app", config: app, pages: apps("503\nCf-Mitigated: challenge"), unknown: []string{"web.error app.acme.example"}},

		{name: "no page", config: pair, pages: apex("404"), want: []string{"high web.not-served acme.example"}},
		{name: "no page any more", config: pair, pages: apex("410"), want: []string{"high web.not-served acme.example"}},
		{name: "forbidden", config: pair, pages: apex("403"), want: []string{"high web.not-served acme.example"}},
		{name: "a password", config: pair, pages: apex("401\nWWW-Authenticate: Basic"), want: []string{"high web.not-served acme.example"}},
		{name: "empty", config: pair, pages: apex("200\nStrict-Transport-Security: max-age=1\n\n \n"), want: []string{"high web.not-served acme.example"}},
		{name: "empty, but it goes on", config: pair, pages: apex("200\nStrict-Transport-Security: max-age=1\nRefresh: 0; url=/en\n\n")},
		{name: "a body that breaks off", config: pair, pages: apex("200\nStrict-Transport-Security: max-age=1\nContent-Length: 10\n\n")},
		{name: "a challenge", config: pair, pages: apex("403\nCf-Mitigated: challenge"), unknown: []string{"web.not-served acme.example"}},
		{name: "too many requests", config: pair, pages: apex("429"), unknown: []string{"web.not-served acme.example"}},
		{name: "the canonical www has no page", config: `, "canonical": "www"`, pages: www("404"), want: []string{"high web.not-served www.acme.example"}},
		{name: "www leads the apex to no page, undeclared", pages: www("404"), want: []string{"high web.not-served acme.example"}},
		{name: "the apex beside a canonical www has no page", config: `, "canonical": "www"`, pages: func() map[string]string {
			pages := www(page)
			pages["https://acme.example/"] = "404"
			return pages
		}(), want: []string{"high web.not-served acme.example"}},
		{name: "the apex is private", config: `, "private": ["@"]`, pages: map[string]string{"http://acme.example/": "301 https://acme.example/", "https://acme.example/": "401"}},
		{name: "the app has no first page", config: app, pages: apps("404")},
		{name: "the app forbids", config: app, pages: apps("403")},
		{name: "somebody else forbids", pages: good(map[string]string{"https://acme.example/": "301 https://profiles.test/acme", "https://profiles.test/acme": "403"}), unknown: []string{"web.not-served acme.example"}},
	})
}

func TestWebClosedPorts(t *testing.T) {
	t.Parallel()
	const www = "www.acme.example. IN A 192.0.2.11\n"
	alone := map[string]string{"http://acme.example/": "301 https://acme.example/", "https://acme.example/": page}
	runWeb(t, []webCase{
		{name: "both of the apex", pages: alone, connect: []string{"acme.example::127.0.0.1:1"}, want: []string{"blocker web.no-https acme.example"}},
		{name: "both of www, undeclared", pages: alone, zone: www, connect: []string{"www.acme.example::127.0.0.1:1"}, want: []string{"high web.no-https www.acme.example"}},
		{name: "80 of both", pages: good(nil), connect: []string{":80:127.0.0.1:1"}, want: []string{"medium web.http-closed acme.example", "medium web.http-closed www.acme.example"}},
		{name: "80 of the app", config: `, "hosts": ["app"]`, pages: good(map[string]string{"https://app.acme.example/": page}), connect: []string{"app.acme.example:80:127.0.0.1:1"}},
	})
}

func TestWebForeign(t *testing.T) {
	t.Parallel()
	away := map[string]string{
		"http://www.acme.example/": "301 https://shop.test/", "https://www.acme.example/": "301 https://shop.test/", "https://shop.test/": page,
	}
	both := good(away)
	both["https://acme.example/"] = "301 https://shop.test/"
	through := good(map[string]string{"https://acme.example/": "301 https://shop.test/", "https://shop.test/": page})
	runWeb(t, []webCase{
		{name: "www alone", pages: good(away), want: []string{"high web.foreign www.acme.example"}},
		{name: "www alone, declared", config: `, "hosts": ["@", "www"]`, pages: good(away), want: []string{"high web.foreign www.acme.example"}},
		{name: "both", pages: both, want: []string{"medium web.foreign www.acme.example"}},
		{name: "through the apex", pages: through},
		{name: "to a host of the domain", pages: good(map[string]string{"https://www.acme.example/": "301 https://app.acme.example/", "https://app.acme.example/": page})},
		{name: "to a login elsewhere", pages: good(map[string]string{"https://www.acme.example/": "302 https://acme.auth0.com/login", "https://acme.auth0.com/login": page})},
	})
}

// TestWebOneCause checks that an issuer whom nobody knows is told once a host,
// and that no other rule adds to it.
func TestWebOneCause(t *testing.T) {
	t.Parallel()
	other := webtest.NewAuthority(t, "Nobody")
	bad := func(_ *webtest.Authority, host string) (tls.Certificate, error) { return other.Leaf(host, nil), nil }
	runWeb(t, []webCase{{
		name: "unknown issuer", config: `, "hosts": ["@", "www", "app"], "canonical": "@"`, pages: good(map[string]string{"http://app.acme.example/": "301 https://app.acme.example/", "https://app.acme.example/": page}),
		certs: certs{"acme.example": bad, "www.acme.example": bad, "app.acme.example": bad},
		want:  []string{"blocker tls.unknown-issuer acme.example", "blocker tls.unknown-issuer app.acme.example", "blocker tls.unknown-issuer www.acme.example"},
	}})
}

// TestWebWords checks what findings show beside their codes.
func TestWebWords(t *testing.T) {
	t.Parallel()
	const move = `, "redirects": [{"from": "https://acme.example/old?x=1", "to": "https://acme.example/new?y=2"}]`
	other := webtest.NewAuthority(t, "Nobody")
	apex := func(page string) map[string]string { return good(map[string]string{"https://acme.example/": page}) }
	old := func(page string) map[string]string {
		return good(map[string]string{"https://acme.example/old?x=1": page})
	}
	cert := func(f certFunc) certs { return certs{"acme.example": f} }
	for _, c := range []struct {
		webCase

		code string
		say  []string
	}{
		{webCase{name: "an error", pages: apex("503")}, "web.error", []string{"https://acme.example/: 503 Service Unavailable"}},
		{webCase{name: "two errors", pages: map[string]string{"https://acme.example/": "502"}, first: map[string]string{"https://acme.example/": "503"}}, "web.error", []string{"503 Service Unavailable", "asked again: 502 Bad Gateway"}},
		{webCase{name: "Cloudflare's error", pages: apex("521\nServer: cloudflare\nCF-Ray: 1")}, "web.error", []string{"521: Cloudflare gets no answer", "firewall lets Cloudflare in"}},
		{webCase{name: "a password", pages: apex("401")}, "web.not-served", []string{"401 Unauthorized", "asks for a password: closed to visitors"}},
		{webCase{name: "both ports", config: `, "hosts": ["app"]`, pages: good(nil), zone: "app.acme.example. IN A 192.0.2.9\n", connect: []string{"app.acme.example::127.0.0.1:1"}}, "web.no-https", []string{"port 443: connection refused", "port 80: connection refused"}},
		{webCase{name: "robots", pages: good(map[string]string{"https://acme.example/robots.txt": "200\n\nUser-agent: *\nDisallow: /"})}, "web.robots", []string{`delete the line "Disallow: /"`}},
		{webCase{name: "self-signed", pages: good(nil), certs: cert(func(*webtest.Authority, string) (tls.Certificate, error) { return other.Self(), nil })}, "tls.self-signed", []string{"issued by itself, Nobody", "presented at 127.0.0.1:"}},
		{webCase{name: "expired", pages: good(nil), certs: cert(days(90, -1))}, "tls.expired", []string{"ended on 2", "issued by Let's Encrypt", "presented at 127.0.0.1:"}},
		{webCase{name: "no certificate", pages: good(nil), certs: cert(func(*webtest.Authority, string) (tls.Certificate, error) {
			return tls.Certificate{}, errors.New("no such name")
		})}, "tls.handshake", []string{"no certificate covers this name", "has a certificate for exactly this name", "presented at 127.0.0.1:"}},
		{webCase{name: "no TLS", pages: good(nil), connect: []string{"acme.example:443:PLAIN"}}, "tls.handshake", []string{"does not speak TLS"}},
		{webCase{name: "kept", config: move, pages: old("301 /?x=1")}, "redirect.wrong", []string{"https://acme.example/old?x=1: 301 to https://acme.example/ (the query is kept)", "redirect https://acme.example/old?x=1 to https://acme.example/new?y=2 with"}},
		{webCase{name: "lost", config: move, pages: old("301 /")}, "redirect.wrong", []string{"to https://acme.example/ (the query is lost)"}},
		{webCase{name: "changed", config: move, pages: old("301 /?x=s3cret")}, "redirect.wrong", []string{"to https://acme.example/ (the query is changed)"}},
		{webCase{name: "lost at the right address", config: move, pages: old("301 /new")}, "redirect.query", []string{"to https://acme.example/new (the query is lost)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := c.check(t)
			i := slices.IndexFunc(r.Findings, func(f readiness.Finding) bool { return f.Code == c.code })
			if i < 0 {
				t.Fatalf("no %s\n%s", c.code, r)
			}
			f := r.Findings[i]
			text := strings.Join(append(f.Evidence, f.Detail, f.Fix), "\n")
			for _, s := range c.say {
				if !strings.Contains(text, s) {
					t.Errorf("does not say %q:\n%s", s, text)
				}
			}
			if strings.Contains(text, "s3cret") {
				t.Errorf("shows a query:\n%s", text)
			}
			if r.Blind() {
				t.Errorf("is blind\n%s", r)
			}
		})
	}
}
