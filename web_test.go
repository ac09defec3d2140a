package readiness_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/internal/dnstest"
	"github.com/launchready/readiness/internal/webtest"
)

// certFunc makes what a host presents; certs has them by host.
type (
	certFunc func(ca *webtest.Authority, host string) (tls.Certificate, error)
	certs    map[string]certFunc
)

// webCase is a launch domain with its web servers. Every host of certs and
// pages that the zone does not have gets an address.
type webCase struct {
	name   string
	config string            // site.json without the domain, which is acme.example
	zone   string            // more records
	pages  map[string]string // by URL: "STATUS", "STATUS LOCATION", header lines, a blank line, the body; "0" hangs up
	first  map[string]string // what the first request gets in place of pages
	// certs are what hosts present in place of a good certificate.
	certs certs
	tls   func(*tls.Config)
	// connect stands in front of the entries that lead to the servers; TLS and
	// PLAIN in it are their addresses, OTHER that of an origin, and SILENT that
	// of one which never answers.
	connect       []string
	want, unknown []string
}

// pageSet serves the pages of a case.
type pageSet map[string]string

func (p pageSet) ServeHTTP(w http.ResponseWriter, r *http.Request) { serve(w, r, p[urlOf(r)]) }

func urlOf(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + strings.TrimSuffix(r.Host, ":443") + r.RequestURI
}

// changing serves a page of first once, and then those of the set.
func (p pageSet) changing(first map[string]string) http.Handler {
	var mu sync.Mutex
	first = maps.Clone(first)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		page, ok := first[urlOf(r)]
		delete(first, urlOf(r))
		mu.Unlock()
		if !ok {
			page = p[urlOf(r)]
		}
		serve(w, r, page)
	})
}

func serve(w http.ResponseWriter, r *http.Request, page string) {
	head, body, _ := strings.Cut(page, "\n\n")
	lines := strings.Split(head, "\n")
	code, location, _ := strings.Cut(lines[0], " ")
	status, err := strconv.Atoi(code)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	if status == 0 {
		panic(http.ErrAbortHandler)
	}
	if location != "" {
		w.Header().Set("Location", location)
	}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		w.Header().Set(name, value)
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

const words = "<p>Welcome to the marketplace for equipment and services that teams offer and request from each other.</p>"

// page is a good page over https.
const page = "200\nStrict-Transport-Security: max-age=31536000\n\n" + words

// good is a site as it should be; more is laid over it.
func good(more map[string]string) map[string]string {
	pages := map[string]string{
		"http://acme.example/": "301 https://acme.example/", "https://acme.example/": page,
		"http://www.acme.example/": "301 https://www.acme.example/", "https://www.acme.example/": "301 https://acme.example/",
	}
	maps.Copy(pages, more)
	return pages
}

// with returns a certificate changed by f.
func with(f func(*x509.Certificate)) func(*webtest.Authority, string) (tls.Certificate, error) {
	return func(ca *webtest.Authority, host string) (tls.Certificate, error) { return ca.Leaf(host, f), nil }
}

// days returns a certificate of a life that ends in so many days.
func days(life, left float64) certFunc {
	const day = float64(24 * time.Hour)
	return with(func(c *x509.Certificate) {
		c.NotAfter = time.Now().Add(time.Duration(left * day))
		c.NotBefore = c.NotAfter.Add(-time.Duration(life * day))
	})
}

func (c webCase) check(t *testing.T) readiness.Report {
	t.Helper()
	ca := webtest.NewAuthority(t, "Let's Encrypt")
	cfg := &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		cert, err := tls.Certificate{}, error(nil)
		if special := c.certs[hello.ServerName]; special != nil {
			cert, err = special(ca, hello.ServerName)
		} else {
			cert = ca.Leaf(hello.ServerName, nil)
		}
		return &cert, err
	}}
	if c.tls != nil {
		c.tls(cfg)
	}
	pages := pageSet(c.pages).changing(c.first)
	secure := webtest.Serve(t, pages, cfg)
	_, port, _ := net.SplitHostPort(secure)
	servers := strings.NewReplacer("TLSPORT", port, "TLS", secure, "PLAIN", webtest.Plain(t, pages), "OTHER", webtest.Serve(t, pages, cfg.Clone()), "SILENT", webtest.Silent(t))
	site, err := readiness.Load(strings.NewReader(`{"domain": "acme.example"` + c.config + `}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range append(slices.Clone(c.connect), ":443:TLS", ":80:PLAIN") {
		site.ConnectTo = append(site.ConnectTo, servers.Replace(to))
	}
	hosts := map[string]string{}
	for url := range c.pages {
		host := strings.Split(url, "/")[2]
		if line := host + ". IN A "; !strings.Contains(c.zone, line) && !strings.HasPrefix(host, "nowhere.") {
			hosts[host] = line + "192.0.2.10"
		}
	}
	zone := c.zone + strings.Join(slices.Sorted(maps.Values(hosts)), "\n") + "\n"
	site.Resolvers = []string{dnstest.Start(t, zone, map[string]dnstest.Fault{"broken.acme.example": dnstest.ServFail}).Addr}
	site.RootCAs, site.Only, site.Timeout, site.AllowPrivate = ca.Pool(), []string{"web"}, 20*time.Second, true
	checker, err := readiness.New(site)
	if err != nil {
		t.Fatal(err)
	}
	return checker.Check(t.Context())
}

func runWeb(t *testing.T, cases []webCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := c.check(t)
			var found, unknown []string
			for _, f := range r.Findings {
				found = append(found, fmt.Sprint(f.Severity, " ", f.Code, " ", f.Subject))
				if f.Title == "" || f.Detail == "" || f.Fix == "" {
					t.Errorf("%s %s: without title, detail or fix: %+v", f.Code, f.Subject, f)
				}
				if strings.Contains(fmt.Sprint(f), "s3cret") {
					t.Errorf("shows a query: %+v", f)
				}
			}
			for _, f := range r.Unknown {
				unknown = append(unknown, f.Code+" "+f.Subject)
			}
			slices.Sort(found)
			slices.Sort(unknown)
			slices.Sort(c.want)
			slices.Sort(c.unknown)
			if !slices.Equal(found, c.want) || !slices.Equal(unknown, c.unknown) {
				t.Errorf("found %q, unknown %q\nwant  %q, unknown %q\n%s", found, unknown, c.want, c.unknown, r)
			}
		})
	}
}

func TestWebClean(t *testing.T) {
	t.Parallel()
	const canonical = `, "hosts": ["@", "www"], "canonical": "@"`
	runWeb(t, []webCase{
		{name: "apex", config: canonical, pages: good(nil)},
		{name: "www", config: `, "hosts": ["@", "www"], "canonical": "www"`, pages: map[string]string{
			"http://acme.example/": "301 https://acme.example/", "https://acme.example/": "308 https://www.acme.example/",
			"http://www.acme.example/": "301 https://www.acme.example/", "https://www.acme.example/": page,
		}},
		{name: "straight to the canonical host", config: canonical, pages: good(map[string]string{"http://www.acme.example/": "301 https://acme.example/"})},
		{name: "login by 302", config: canonical, pages: good(map[string]string{
			"https://acme.example/":      "302 /login",
			"https://acme.example/login": "200\nStrict-Transport-Security: max-age=1000\nX-Robots-Tag: noindex\n\n<input type=password>",
		})},
		{name: "language by 302", config: canonical, pages: good(map[string]string{"https://acme.example/": "302 /en/", "https://acme.example/en/": page})},
		{name: "http and language in one 302", config: canonical, pages: good(map[string]string{"http://acme.example/": "302 https://acme.example/en/", "https://acme.example/en/": page})},
		{name: "nothing declared", pages: good(nil)},
		{name: "no www", pages: map[string]string{"http://acme.example/": "301 https://acme.example/", "https://acme.example/": page}},
		{name: "an API that has no first page", config: canonical[:len(canonical)-19] + `, "api"], "canonical": "@"`, pages: good(map[string]string{
			"http://api.acme.example/": "404", "https://api.acme.example/": "404",
		})},
		{name: "an API that asks for a token", config: `, "hosts": ["api"]`, pages: good(map[string]string{
			"http://api.acme.example/": "403", "https://api.acme.example/": "401\nWWW-Authenticate: Bearer",
		})},
		{name: "HSTS of the apex covers all", config: `, "hosts": ["app"]`, pages: good(map[string]string{
			"https://acme.example/":    "200\nStrict-Transport-Security: max-age=100; includeSubDomains\n\n" + words,
			"http://app.acme.example/": "301 https://app.acme.example/", "https://app.acme.example/": "200\n\n" + words,
		})},
		{name: "noindex on the app only", config: `, "hosts": ["app"]`, pages: good(map[string]string{
			"http://app.acme.example/":  "308 https://app.acme.example/",
			"https://app.acme.example/": "200\nX-Robots-Tag: noindex\nStrict-Transport-Security: max-age=100\n\n" + words,
		})},
		{name: "robots.txt with rules", config: canonical, pages: good(map[string]string{"https://acme.example/robots.txt": "200\n\nUser-agent: *\nDisallow: /admin\n\nUser-agent: GPTBot\nDisallow: /\n"})},
		{name: "robots.txt is the app's page", config: canonical, pages: good(map[string]string{"https://acme.example/robots.txt": page})},
		{name: "cookie wall", config: canonical, pages: good(map[string]string{"https://acme.example/": "302 /?s3cret\nSet-Cookie: a=1", "https://acme.example/?s3cret": page})},
		{name: "certificate of 6 days", config: canonical, pages: good(nil), certs: each2(days(6.66, 4))},
		{name: "certificate of 47 days", config: canonical, pages: good(nil), certs: each2(days(47, 20))},
		{name: "certificate of 90 days, 31 left", config: canonical, pages: good(nil), certs: each2(days(90, 31))},
		{name: "certificate of a year, 20 left", config: canonical, pages: good(nil), certs: each2(days(365, 20))},
		{name: "old TLS beside the new", config: canonical, pages: good(nil), tls: func(c *tls.Config) { c.MinVersion = tls.VersionTLS10 }},
		{name: "CAA names the issuer", config: canonical, pages: good(nil), zone: `acme.example. IN CAA 0 issue "pki.goog"` + "\n" + `acme.example. IN CAA 0 issue "LetsEncrypt.org; validationmethods=dns-01"` + "\n" + `acme.example. IN CAA 0 iodef "mailto:a@acme.example"` + "\n"},
		{name: "CAA about wildcards only", config: canonical, pages: good(nil), zone: `acme.example. IN CAA 0 issuewild ";"` + "\n"},
		{name: "CAA nearer than the one that forbids", config: canonical, pages: good(nil), zone: `example. IN CAA 0 issue ";"` + "\n" + `acme.example. IN CAA 0 issue "letsencrypt.org"` + "\n"},
		{name: "old addresses", config: canonical + `, "redirects": [{"from": "http://acme.example/old?x=s3cret&y=2", "to": "https://acme.example/new?y=2&x=s3cret"}]`, pages: good(map[string]string{
			"http://acme.example/old?x=s3cret&y=2": "301 https://acme.example/old?x=s3cret&y=2", "https://acme.example/old?x=s3cret&y=2": "308 /new?x=s3cret&y=2", "https://acme.example/new?x=s3cret&y=2": page,
		})},
		{name: "an old address that ends at a login", config: canonical + `, "redirects": [{"from": "https://acme.example/old", "to": "https://acme.example/inbox"}]`, pages: good(map[string]string{
			"https://acme.example/old": "301 /inbox", "https://acme.example/inbox": "302 /login", "https://acme.example/login": page,
		})},
		{name: "a mail host declared as no host for browsers", config: `, "dns_only": ["mail"]`, pages: good(nil), zone: "mail.acme.example. IN A 192.0.2.25\n", connect: []string{"mail.acme.example::127.0.0.1:1"}},
	})
}

// each2 gives both hosts of a good site the same kind of certificate.
func each2(f certFunc) certs {
	return certs{"acme.example": f, "www.acme.example": f}
}
