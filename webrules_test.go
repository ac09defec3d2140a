package readiness_test

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/internal/dnstest"
	"github.com/launchready/readiness/internal/webtest"
)

func TestWebAnswers(t *testing.T) {
	t.Parallel()
	const canonical = `, "hosts": ["@", "www"], "canonical": "@"`
	long := good(nil)
	for i := range 12 {
		long["https://acme.example/"+strings.Repeat("x", i)] = "301 /" + strings.Repeat("x", i+1)
	}
	runWeb(t, []webCase{
		{name: "http serves the site", config: canonical, pages: good(map[string]string{"http://acme.example/": "200\n\n" + words}), want: []string{"high web.http-open acme.example"}},
		{name: "http by 302", config: canonical, pages: good(map[string]string{"http://acme.example/": "302 https://acme.example/"}), want: []string{"medium web.temporary acme.example"}},
		{name: "www by 307", config: canonical, pages: good(map[string]string{"https://www.acme.example/": "307 https://acme.example/"}), want: []string{"medium web.temporary www.acme.example"}},
		{name: "both serve", config: canonical, pages: good(map[string]string{"https://www.acme.example/": page}), want: []string{"medium web.duplicate acme.example"}},
		{name: "both serve, undeclared", pages: good(map[string]string{"https://www.acme.example/": page}), want: []string{"medium web.duplicate acme.example"}},
		{name: "the other way round", config: `, "canonical": "www"`, pages: good(nil), want: []string{"high web.canonical www.acme.example"}},
		{name: "www leads elsewhere", config: canonical, pages: good(map[string]string{"https://www.acme.example/": "301 https://shop.test/", "https://shop.test/": page}), want: []string{"high web.canonical www.acme.example"}},
		{name: "loop", config: canonical, pages: good(map[string]string{"https://acme.example/": "301 https://www.acme.example/"}), want: []string{"blocker web.loop acme.example"}},
		{name: "Flexible", config: `, "proxied": ["@"]`, pages: good(map[string]string{"https://acme.example/": "301 https://acme.example/\nServer: cloudflare\nCF-Ray: 8f"}), want: []string{"blocker web.loop acme.example"}},
		{name: "12 redirects", config: canonical, pages: long, want: []string{"blocker web.too-many-redirects acme.example", "blocker web.too-many-redirects www.acme.example"}},
		{name: "downgrade", config: canonical, pages: good(map[string]string{
			"https://acme.example/": "301 http://acme.example/en", "http://acme.example/en": "301 https://acme.example/en", "https://acme.example/en": page,
		}), want: []string{"high web.downgrade acme.example"}},
		{name: "to a host that is none", config: canonical, pages: good(map[string]string{"https://acme.example/": "301 https://nowhere.test/"}), connect: []string{"nowhere.test:::1"}, want: []string{"high web.bad-redirect acme.example"}},
		{name: "to no web address", config: canonical, pages: good(map[string]string{"https://acme.example/": "301 tel:123"}), want: []string{"high web.bad-redirect acme.example"}},
		{name: "https is closed", config: canonical, pages: good(map[string]string{"http://acme.example/": "200\n\n" + words}), connect: []string{"acme.example:443:127.0.0.1:1"}, want: []string{"blocker web.no-https acme.example"}},
		{name: "https of the app is closed", config: `, "hosts": ["app"]`, pages: good(map[string]string{"http://app.acme.example/": "200\n\n" + words}), connect: []string{"app.acme.example:443:127.0.0.1:1"}, want: []string{"high web.no-https app.acme.example"}},
		{name: "all of the app is closed", config: `, "hosts": ["app"]`, pages: good(nil), zone: "app.acme.example. IN A 192.0.2.11\n", connect: []string{"app.acme.example::127.0.0.1:1"}, want: []string{"high web.no-https app.acme.example"}},
		{name: "the server fails", config: canonical, pages: good(map[string]string{"https://acme.example/": "503"}), want: []string{"blocker web.error acme.example"}},
		{name: "the name server fails", config: `, "hosts": ["broken"]`, pages: good(nil), connect: []string{"broken.acme.example:::"}, unknown: []string{"web.no-https broken.acme.example"}},
		{name: "noindex header", config: canonical, pages: good(map[string]string{"https://acme.example/": "200\nX-Robots-Tag: noindex\nStrict-Transport-Security: max-age=1\n\n" + words}), want: []string{"blocker web.noindex acme.example"}},
		{name: "noindex tag", config: canonical, pages: good(map[string]string{"https://acme.example/": page + `<meta name="robots" content="noindex">`}), want: []string{"blocker web.noindex acme.example"}},
		{name: "noindex beside a login form in the header", config: canonical, pages: good(map[string]string{"https://acme.example/": page + words + `<form><input type=password></form><meta name="robots" content="noindex">`}), want: []string{"blocker web.noindex acme.example"}},
		{name: "noindex of a page within one form", config: canonical, pages: good(map[string]string{"https://acme.example/": page + `<form><input type=password>` + strings.Repeat(words, 5) + `</form><meta name="robots" content="noindex">`}), want: []string{"blocker web.noindex acme.example"}},
		{name: "noindex of a login", config: canonical, pages: good(map[string]string{"https://acme.example/": strings.TrimSuffix(page, words) + `<h1>Acme</h1><form>` + words + `<input type=password></form><meta name="robots" content="noindex">`})},
		{name: "robots.txt beside a login", config: canonical, pages: good(map[string]string{"https://acme.example/": "302 /login", "https://acme.example/login": page + `<input type=password>`, "https://acme.example/robots.txt": "200\n\nUser-agent: *\nDisallow: /"}), want: []string{"blocker web.robots acme.example"}},
		{name: "HSTS of the app where the apex fails", config: `, "hosts": ["app"]`, pages: good(map[string]string{"https://acme.example/": "503", "http://app.acme.example/": "301 https://app.acme.example/", "https://app.acme.example/": "200\n\n" + words}), want: []string{"blocker web.error acme.example"}, unknown: []string{"hsts.missing app.acme.example"}},
		{name: "HSTS of the app where the apex hangs up", config: `, "hosts": ["app"]`, pages: good(map[string]string{"https://acme.example/": "0", "http://app.acme.example/": "301 https://app.acme.example/", "https://app.acme.example/": "200\n\n" + words}), unknown: []string{"hsts.missing app.acme.example", "web.no-https acme.example"}},
		{name: "HSTS of the app where the apex has none for it", config: `, "hosts": ["app"]`, pages: good(map[string]string{"http://app.acme.example/": "301 https://app.acme.example/", "https://app.acme.example/": "200\n\n" + words}), want: []string{"medium hsts.missing app.acme.example"}},
		{name: "robots.txt from staging", config: canonical, pages: good(map[string]string{"https://acme.example/robots.txt": "200\n\nUser-agent: *\nDisallow: /"}), want: []string{"blocker web.robots acme.example"}},
		{name: "robots.txt, undeclared, at www", pages: map[string]string{
			"http://acme.example/": "301 https://www.acme.example/", "https://acme.example/": "301 https://www.acme.example/",
			"http://www.acme.example/": "301 https://www.acme.example/", "https://www.acme.example/": page, "https://www.acme.example/robots.txt": "200\n\nUser-agent: *\nDisallow: /",
		}, want: []string{"blocker web.robots www.acme.example"}},
		{name: "a check is turned away", config: canonical, pages: good(map[string]string{"http://www.acme.example/": "403", "https://www.acme.example/": "403"}), unknown: []string{"web.canonical www.acme.example"}},
		{name: "no HSTS", config: canonical, pages: good(map[string]string{"https://acme.example/": "200\n\n" + words}), want: []string{"medium hsts.missing acme.example"}},
		{name: "HSTS that takes itself back", config: canonical, pages: good(map[string]string{"https://acme.example/": "200\nStrict-Transport-Security: max-age=0\n\n" + words}), want: []string{"medium hsts.missing acme.example"}},
		{name: "HSTS that browsers ignore", config: canonical, pages: good(map[string]string{"https://acme.example/": "200\nStrict-Transport-Security: max-age=1, includeSubDomains\n\n" + words}), want: []string{"medium hsts.missing acme.example"}},
	})
}

func TestWebCertificates(t *testing.T) {
	t.Parallel()
	const canonical = `, "hosts": ["@", "www"], "canonical": "@"`
	other := webtest.NewAuthority(t, "Nobody")
	apex := func(f certFunc) certs {
		return certs{"acme.example": f}
	}
	cases := []webCase{
		{name: "expired", certs: apex(days(90, -1)), want: []string{"blocker tls.expired acme.example"}},
		{name: "not yet", certs: apex(days(90, 91)), want: []string{"blocker tls.not-yet-valid acme.example"}},
		{name: "another name at www, which nobody declared", config: " ", certs: certs{"www.acme.example": with(func(c *x509.Certificate) { c.DNSNames = []string{"parking.test"} })}, want: []string{"high tls.wrong-name www.acme.example"}},
		{name: "13 days left", certs: apex(days(365, 13)), want: []string{"high tls.expiring acme.example"}},
		{name: "29 days left of 90", certs: apex(days(90, 29)), want: []string{"medium tls.expiring acme.example"}},
		{name: "13 days left of 90", certs: apex(days(90, 13)), want: []string{"high tls.expiring acme.example"}},
		{name: "half a day left of 6", certs: apex(days(6, 0.5)), want: []string{"high tls.expiring acme.example"}},
		{name: "another name", certs: apex(with(func(c *x509.Certificate) { c.DNSNames = []string{"parking.test"} })), want: []string{"blocker tls.wrong-name acme.example"}},
		{name: "unknown issuer", certs: apex(func(_ *webtest.Authority, host string) (tls.Certificate, error) { return other.Leaf(host, nil), nil }), want: []string{"blocker tls.unknown-issuer acme.example"}},
		{name: "self-signed", certs: apex(func(*webtest.Authority, string) (tls.Certificate, error) { return other.Self(), nil }), want: []string{"blocker tls.self-signed acme.example", "blocker tls.wrong-name acme.example"}},
		{name: "intermediate missing", certs: apex(func(ca *webtest.Authority, host string) (tls.Certificate, error) {
			return ca.Below("R3").Leaf(host, func(c *x509.Certificate) { c.IssuingCertificateURL = []string{"http://acme.example/gone.crt"} }), nil
		}), want: []string{"blocker tls.incomplete-chain acme.example"}},
		{name: "no certificate", certs: apex(func(*webtest.Authority, string) (tls.Certificate, error) {
			return tls.Certificate{}, errors.New("no such name")
		}), want: []string{"blocker tls.handshake acme.example"}},
		{name: "TLS 1.1", pages: good(nil), tls: func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, want: []string{"blocker tls.old-version acme.example", "blocker tls.old-version www.acme.example"}},
		{name: "CAA forbids", pages: good(nil), zone: `acme.example. IN CAA 0 issue "digicert.com"` + "\n", want: []string{"high caa.forbids-issuer acme.example"}},
		{name: "CAA forbids all", pages: good(nil), zone: `acme.example. IN CAA 0 issue ";"` + "\n", want: []string{"high caa.forbids-issuer acme.example"}},
		{name: "CAA forbids one host", pages: good(nil), zone: `www.acme.example. IN CAA 0 issue "pki.goog"` + "\n", want: []string{"high caa.forbids-issuer www.acme.example"}},
		{name: "CAA forbids wildcards", certs: apex(nil), pages: good(nil), zone: `acme.example. IN CAA 0 issue "letsencrypt.org"` + "\n" + `acme.example. IN CAA 0 issuewild "pki.goog"` + "\n", want: []string{"high caa.forbids-issuer acme.example"}},
		{name: "private", config: `, "private": ["staging"]`, pages: good(map[string]string{"https://staging.acme.example/": "401"}), want: []string{"high tls.self-signed staging.acme.example", "high tls.wrong-name staging.acme.example"}},
	}
	for i := range cases {
		c := &cases[i]
		c.config = cmp.Or(c.config, canonical)
		if c.pages == nil {
			c.pages = good(nil)
		}
	}
	cases[16].certs = certs{"www.acme.example": with(func(c *x509.Certificate) { c.DNSNames = []string{"*.acme.example"} })}
	cases[17].certs = certs{"staging.acme.example": func(*webtest.Authority, string) (tls.Certificate, error) { return other.Self(), nil }}
	runWeb(t, cases)
}

func TestWebIPv6(t *testing.T) {
	t.Parallel()
	const zone = "acme.example. IN A 127.0.0.1\nacme.example. IN AAAA 2001:db8::1\nwww.acme.example. IN A 127.0.0.1\nwww.acme.example. IN AAAA 2001:db8::2\n"
	runWeb(t, []webCase{
		{name: "one is closed", pages: good(nil), zone: zone, connect: []string{"[2001:db8::1]:443:127.0.0.1:1", "[2001:db8::2]:443:TLS", ":443::TLSPORT"}, want: []string{"high web.ipv6 acme.example"}},
		{name: "all answer", pages: good(nil), zone: zone, connect: []string{"[2001:db8::1]:443:TLS", "[2001:db8::2]:443:TLS", ":443::TLSPORT"}},
	})
}

func TestWebPrivate(t *testing.T) {
	t.Parallel()
	const private = `, "private": ["staging"]`
	const form = "<form><input name=user><input type=password></form>"
	staging := func(more map[string]string) map[string]string {
		pages := good(map[string]string{"http://staging.acme.example/": "301 https://staging.acme.example/"})
		for url, p := range more {
			pages["https://staging.acme.example"+url] = p
		}
		return pages
	}
	const noindex = "\nX-Robots-Tag: noindex\n\n"
	runWeb(t, []webCase{
		{name: "open", config: private, pages: staging(map[string]string{"/": "200\n\n" + words}), want: []string{"high private.open staging.acme.example"}},
		{name: "open with noindex", config: private, pages: staging(map[string]string{"/": "200" + noindex + words}), want: []string{"high private.open staging.acme.example"}},
		{name: "open with a noindex tag", config: private, pages: staging(map[string]string{"/": "200\n\n<meta name=robots content=noindex>" + words}), want: []string{"high private.open staging.acme.example"}},
		{name: "open with robots.txt", config: private, pages: staging(map[string]string{"/": "200\n\n" + words, "/robots.txt": "200\n\nUser-agent: *\nDisallow: /"}), want: []string{"high private.open staging.acme.example"}},
		{name: "open behind a redirect", config: private, pages: staging(map[string]string{"/": "302 /dashboard", "/dashboard": "200" + noindex + words}), want: []string{"high private.open staging.acme.example"}},
		{name: "open over http only", config: private, pages: good(map[string]string{"http://staging.acme.example/": "200" + noindex + words}), connect: []string{"staging.acme.example:443:127.0.0.1:1"}, want: []string{"high private.open staging.acme.example"}},
		{name: "basic", config: private, pages: staging(map[string]string{"/": "401\nWWW-Authenticate: Basic realm=\"staging\""})},
		{name: "forbidden", config: private, pages: staging(map[string]string{"/": "403"})},
		{name: "login form", config: private, pages: staging(map[string]string{"/": "200" + noindex + form})},
		{name: "login form that is listed", config: private, pages: staging(map[string]string{"/": "200\n\n" + form}), want: []string{"medium private.indexable staging.acme.example"}},
		{name: "redirect to a login", config: private, pages: staging(map[string]string{"/": "302 /login", "/login": "200" + noindex + form})},
		{name: "redirect to a login elsewhere", config: private, pages: staging(map[string]string{"/": "302 https://acme.cloudflareaccess.com/cdn-cgi/access/login/x", "x": ""}), connect: []string{"acme.cloudflareaccess.com:443:127.0.0.1:1"}},
		{name: "refresh to a login", config: private, pages: staging(map[string]string{"/": "200" + noindex + `<meta http-equiv=refresh content="0;url=/users/sign_in">`})},
		{name: "drawn by scripts", config: private, pages: staging(map[string]string{"/": "200" + noindex + `<div id=app></div><script src=/app.js></script>`}), unknown: []string{"private.open staging.acme.example"}},
		{name: "a session in the path", config: private, pages: staging(map[string]string{"/": "302 /auth/sessions/cas", "/auth/sessions/cas": "200" + noindex + words}), want: []string{"high private.open staging.acme.example"}},
		{name: "a login in the path without a field", config: private, pages: staging(map[string]string{"/": "302 /login", "/login": "200" + noindex + words}), unknown: []string{"private.open staging.acme.example"}},
		{name: "open, and goes to a login later", config: private, pages: staging(map[string]string{"/": "200" + noindex + words + words + `<meta http-equiv=refresh content="1800;url=/login">`}), want: []string{"high private.open staging.acme.example"}},
		{name: "a host named like a login", config: `, "private": ["auth"]`, pages: good(map[string]string{"https://auth.acme.example/": "302 /dashboard", "https://auth.acme.example/dashboard": "200" + noindex + words}), want: []string{"high private.open auth.acme.example"}},
		{name: "robots.txt fails", config: private, pages: staging(map[string]string{"/": "200\n\n" + form, "/robots.txt": "503"}), unknown: []string{"private.indexable staging.acme.example"}},
		{name: "robots.txt hangs up", config: private, pages: staging(map[string]string{"/": "200\n\n" + form, "/robots.txt": "0"}), unknown: []string{"private.indexable staging.acme.example"}},
		{name: "robots.txt is not there", config: private, pages: staging(map[string]string{"/": "200\n\n" + form, "/robots.txt": "403"}), want: []string{"medium private.indexable staging.acme.example"}},
		{name: "sends strangers to the site", config: private, pages: staging(map[string]string{"/": "301 https://acme.example/"})},
		{name: "closed", config: private, pages: good(nil), zone: "staging.acme.example. IN A 192.0.2.12\n", connect: []string{"staging.acme.example::127.0.0.1:1"}},
		{name: "does not exist", config: private, pages: good(nil), connect: []string{"staging.acme.example:::"}},
		{name: "wants a client certificate", config: private, pages: staging(map[string]string{"/": "200\n\n" + words}), tls: func(c *tls.Config) {
			c.MaxVersion = tls.VersionTLS12
			own := c.GetCertificate
			c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
				if hello.ServerName != "staging.acme.example" {
					return nil, nil // as everywhere
				}
				return &tls.Config{GetCertificate: own, ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}, nil
			}
		}},
	})
}

func TestWebRedirects(t *testing.T) {
	t.Parallel()
	const move = `, "redirects": [{"from": "https://acme.example/old?x=1", "to": "https://acme.example/new?x=1"}]`
	to := func(url string) string {
		return `, "redirects": [{"from": "https://acme.example/old?x=1", "to": "` + url + `"}]`
	}
	wrong, wrongly := []string{"high redirect.wrong acme.example/old"}, []string{"redirect.wrong acme.example/old"}
	endless := good(map[string]string{"https://acme.example/old?x=1": "301 /0"})
	for i := range 12 {
		endless[fmt.Sprintf("https://acme.example/%d", i)] = fmt.Sprintf("301 /%d", i+1)
	}
	old := func(answers ...string) map[string]string {
		pages := good(map[string]string{"https://acme.example/new?x=1": page, "https://acme.example/new": page})
		for i, from := range []string{"/old?x=1", "/middle?x=1"}[:len(answers)] {
			pages["https://acme.example"+from] = answers[i]
		}
		return pages
	}
	runWeb(t, []webCase{
		{name: "right", config: move, pages: old("301 /new?x=1")},
		{name: "in two steps", config: move, pages: old("301 /middle?x=1", "308 https://acme.example:443/new?x=1")},
		{name: "query lost", config: move, pages: old("301 /new"), want: []string{"high redirect.query acme.example/old"}},
		{name: "query changed", config: move, pages: old("301 /new?x=s3cret"), want: []string{"high redirect.query acme.example/old"}},
		{name: "elsewhere", config: move, pages: old("301 /"), want: []string{"high redirect.wrong acme.example/old"}},
		{name: "nowhere", config: move, pages: old("404"), want: []string{"high redirect.wrong acme.example/old"}},
		{name: "no redirect", config: move, pages: old(page), want: []string{"high redirect.wrong acme.example/old"}},
		{name: "temporary", config: move, pages: old("302 /new?x=1"), want: []string{"medium redirect.temporary acme.example/old"}},
		{name: "a loop", config: move, pages: old("301 /old?x=1"), want: []string{"high redirect.wrong acme.example/old"}},
		{name: "no page at its end", config: `, "redirects": [{"from": "https://acme.example/old?x=1", "to": "https://acme.example/gone"}]`, pages: old("301 /gone"), want: []string{"high redirect.wrong acme.example/old"}},
		{name: "to a host that is none", config: to("https://nowhere.test/"), pages: old("301 https://nowhere.test/"), connect: []string{"nowhere.test:::1"}, want: wrong},
		{name: "to a host that is closed", config: to("https://closed.test/"), pages: old("301 https://closed.test/"), zone: "closed.test. IN A 192.0.2.9\n", connect: []string{"closed.test::127.0.0.1:1"}, want: wrong},
		{name: "to a host without TLS", config: to("https://plain.test/"), pages: old("301 https://plain.test/"), zone: "plain.test. IN A 192.0.2.9\n", connect: []string{"plain.test:443:PLAIN"}, want: wrong},
		{name: "to a loop", config: to("https://acme.example/middle?x=1"), pages: old("301 /middle?x=1", "301 /middle?x=1"), want: wrong},
		{name: "to a page that leads to no web address", config: to("https://acme.example/middle?x=1"), pages: old("301 /middle?x=1", "301 tel:1"), want: wrong},
		{name: "to redirects without end", config: to("https://acme.example/0"), pages: endless, want: wrong},
		{name: "to a page that leads to none", config: to("https://acme.example/middle?x=1"), pages: old("301 /middle?x=1", "301 /gone"), want: wrong},
		{name: "to a server that fails", config: to("https://acme.example/middle?x=1"), pages: old("301 /middle?x=1", "503"), unknown: wrongly},
		{name: "to a server that hangs up", config: to("https://acme.example/middle?x=1"), pages: old("301 /middle?x=1", "0"), unknown: wrongly},
		{name: "the server fails", config: move, pages: old("500"), unknown: []string{"redirect.wrong acme.example/old"}},
	})
}

func TestWebOrigins(t *testing.T) {
	t.Parallel()
	const config = `, "proxied": ["@"], "origins": ["203.0.113.9"]`
	const plain = `, "proxied": ["@"], "origins": ["203.0.113.9:80"]`
	runWeb(t, []webCase{
		{name: "answers", config: config, pages: good(nil), connect: []string{"203.0.113.9:443:OTHER"}, want: []string{"high origin.open 203.0.113.9"}},
		{name: "answers on a port of its own", config: `, "origins": ["origin.test:8443"]`, pages: good(nil), connect: []string{"origin.test:8443:OTHER"}, want: []string{"high origin.open origin.test"}},
		{name: "leads to the login", config: config, pages: good(map[string]string{"https://acme.example/": "302 /login", "https://acme.example/login": page}), connect: []string{"203.0.113.9:443:OTHER"}, want: []string{"high origin.open 203.0.113.9"}},
		{name: "closed", config: config, pages: good(nil), connect: []string{"203.0.113.9:443:127.0.0.1:1"}},
		{name: "forbids", config: config, pages: good(map[string]string{"https://acme.example/": "403"}), connect: []string{"203.0.113.9:443:OTHER"}, want: []string{"high web.not-served acme.example"}},
		{name: "asks for https only", config: plain, pages: good(nil), connect: []string{"203.0.113.9:80:PLAIN"}},
		{name: "is the proxy itself", config: config, pages: good(map[string]string{"https://acme.example/": "200\nServer: cloudflare\nCF-Ray: 1\nStrict-Transport-Security: max-age=1\n\n" + words}), connect: []string{"203.0.113.9:443:OTHER"}},
		{name: "cannot be told apart", config: config, pages: good(nil), unknown: []string{"origin.open 203.0.113.9"}},
	})
}

// TestWebLoopNamesItsCause checks the words of the one finding that everybody
// behind Cloudflare needs.
func TestWebLoopNamesItsCause(t *testing.T) {
	t.Parallel()
	loop := "301 https://acme.example/"
	for header, want := range map[string]bool{"\nCF-Ray: 1-FRA\nServer: cloudflare": true, "": false} {
		r := webCase{pages: good(map[string]string{"https://acme.example/": loop + header})}.check(t)
		if len(r.Findings) != 1 || strings.Contains(r.Findings[0].Detail+r.Findings[0].Fix, "Flexible") != want || strings.Contains(r.Findings[0].Fix, "Full (strict)") != want {
			t.Errorf("%q: %s", header, r)
		}
	}
}

// TestWebMap checks what the web family writes into the launch map.
func TestWebMap(t *testing.T) {
	t.Parallel()
	r := webCase{pages: good(map[string]string{"https://acme.example/": "302 /login?next=s3cret", "https://acme.example/login?next=s3cret": page})}.check(t)
	if len(r.Map) != 2 {
		t.Fatalf("%s", r)
	}
	for i, want := range []string{"https://acme.example/login?…", "https://acme.example/login?…"} {
		if h := r.Map[i]; h.Redirect != want || h.CertificateIssuer != "Let's Encrypt" || h.CertificateEnds.Before(time.Now()) {
			t.Errorf("%+v", h)
		}
	}
}

// BenchmarkWeb looks at a clean domain of two hosts.
func BenchmarkWeb(b *testing.B) {
	ca := webtest.NewAuthority(b, "Let's Encrypt")
	pages := pageSet(good(nil))
	leaf := ca.Leaf("acme.example", func(c *x509.Certificate) { c.DNSNames = []string{"acme.example", "www.acme.example"} })
	dns := dnstest.Start(b, "acme.example. IN A 192.0.2.10\nwww.acme.example. IN A 192.0.2.10\n", nil)
	checker, err := readiness.New(readiness.Config{
		Domain: "acme.example", Only: []string{"web"}, Resolvers: []string{dns.Addr}, RootCAs: ca.Pool(),
		ConnectTo: []string{":443:" + webtest.Serve(b, pages, &tls.Config{Certificates: []tls.Certificate{leaf}}), ":80:" + webtest.Plain(b, pages)},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if r := checker.Check(b.Context()); len(r.Findings)+len(r.Unknown) > 0 {
			b.Fatalf("%s", r)
		}
	}
}
