package cache_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/internal/conditional"
)

func TestHit(t *testing.T) {
	t.Parallel()
	s := newSite(t, cache.Config{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Of-Page", "1")
		w.Header().Add("Link", "</a>")
		w.Header().Add("Link", "</b>")
		w.Header().Set("X-Request-Id", "of the first one")
		path(w, r)
	})
	first := s.get("/list?q=1")
	if first.body != "/list?q=1" || first.says() != "fwd=miss; stored" || first.header.Get("X-Request-Id") == "" {
		t.Errorf("miss: %+v", first)
	}
	second := s.get("/list?q=1")
	if second.body != first.body || second.status != 200 {
		t.Errorf("hit: %+v", second)
	}
	if !strings.HasPrefix(second.says(), "hit; ttl=") || second.header.Get("Age") != "0" {
		t.Errorf("hit says %s, Age %s", second.says(), second.header.Get("Age"))
	}
	for _, name := range []string{"Etag", "Cache-Control", "Content-Type", "Content-Length", "X-Of-Page", "Link"} {
		if got, want := second.header.Values(name), first.header.Values(name); fmt.Sprint(got) != fmt.Sprint(want) || len(got) == 0 {
			t.Errorf("%s: the hit has %q, the miss had %q", name, got, want)
		}
	}
	if second.header.Get("Cache-Control") != "no-cache" || !conditional.StrongTag(second.header.Get("Etag")) {
		t.Errorf("got %v", second.header)
	}
	if second.header.Get("X-Request-Id") != "" {
		t.Error("the first request's id was replayed")
	}
	s.expectCalls(1)
}

// A proxy behind the cache takes off what Connection names, so that the page
// may be another one than the key says.
func TestConnectionNamesHeaders(t *testing.T) {
	t.Parallel()
	policies := []cache.Policy{{Pattern: "GET /list", Class: cache.ShortCache, TTL: time.Minute, Vary: []string{"Accept-Language"}, ExpiryOnly: "a test"}}
	s := newSite(t, cache.Config{Policies: policies}, func(w http.ResponseWriter, r *http.Request) {
		for name := range strings.SplitSeq(r.Header.Get("Connection"), ",") {
			r.Header.Del(strings.TrimSpace(name))
		}
		_, _ = io.WriteString(w, "in "+r.Header.Get("Accept-Language"))
	})
	for _, connection := range []string{"Accept-Language", "close, ACCEPT-LANGUAGE", "keep-alive,\taccept-language", "x, te"} {
		if got := s.get("/list", "Accept-Language: de", "Connection: "+connection); got.says() != "fwd=bypass; detail=connection" {
			t.Errorf("%s: %+v", connection, got)
		}
	}
	if got := s.get("/list", "Accept-Language: de"); got.body != "in de" || got.says() != "fwd=miss; stored" {
		t.Errorf("without Connection: %+v", got)
	}
	for _, connection := range []string{"close", "keep-alive", "Keep-Alive, TE", ""} {
		if got := s.get("/list", "Accept-Language: de", "Connection: "+connection); got.body != "in de" || !strings.HasPrefix(got.says(), "hit") {
			t.Errorf("%s: %+v", connection, got)
		}
	}
}

func TestHeadIsAnsweredFromGet(t *testing.T) {
	t.Parallel()
	s := newSite(t, cache.Config{}, path)
	if got := s.do(http.MethodHead, "/list"); got.says() != "fwd=bypass; detail=head" {
		t.Errorf("HEAD first: %+v", got)
	}
	get := s.get("/list")
	if get.body != "/list" || get.says() != "fwd=miss; stored" {
		t.Errorf("GET after HEAD: %+v", get)
	}
	head := s.do(http.MethodHead, "/list")
	if head.body != "" || !strings.HasPrefix(head.says(), "hit") || head.header.Get("Content-Length") != get.header.Get("Content-Length") {
		t.Errorf("HEAD after GET: %+v", head)
	}
	s.expectCalls(2)
}

func TestIfNoneMatch(t *testing.T) {
	t.Parallel()
	s := newSite(t, cache.Config{}, path)
	tag := s.get("/list").header.Get("Etag")
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		got := s.do(method, "/list", `If-None-Match: "x", W/`+tag)
		if got.status != http.StatusNotModified || got.body != "" || got.header.Get("Etag") != tag || got.header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %+v", method, got)
		}
	}
	if got := s.get("/list", `If-None-Match: "other"`); got.status != 200 || got.body != "/list" {
		t.Errorf("another tag: %+v", got)
	}
	s.expectCalls(1)
	// On a miss too, from what the handler has just said.
	if err := s.cache.PurgeAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.get("/list", "If-None-Match: "+tag); got.status != http.StatusNotModified || got.says() != "fwd=miss; stored" {
		t.Errorf("miss: %+v", got)
	}
	s.expectCalls(2)
}

// Each request is sent twice; what passes by reaches the handler both times,
// and its answer is not what a plain request gets afterwards.
func TestRequestsThatPassBy(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, target, header, detail string
	}{
		{"authorization", "/list", "Authorization: Bearer x", "authorization"},
		{"cookie", "/list", "Cookie: session=1", "cookie"},
		{"one cookie of two", "/list", "Cookie: _ga=1; session=1", "cookie"},
		{"a cookie that net/http drops", "/list", `Cookie: _ga=1; "session"=1`, "cookie"},
		{"a cookie without a name", "/list", "Cookie: =1", "cookie"},
		{"if-match", "/list", `If-Match: "x"`, "if-match"},
		{"original host", "/list", "X-Original-Host: evil.example", "x-original-host"},
		{"forwarded", "/list", "Forwarded: host=evil.example", "forwarded"},
		{"original URL", "/list", "X-Original-URL: /account/", "x-original-url"},
		{"rewrite URL", "/list", "X-Rewrite-URL: /account/", "x-rewrite-url"},
		{"method override", "/list", "X-HTTP-Method-Override: POST", "x-http-method-override"},
		{"single sign-on", "/list", "X-Auth-Request-Email: a@b.example", "x-auth-request-email"},
		{"API key", "/list", "X-Api-Key: x", "x-api-key"},
		{"fragment for htmx", "/list", "HX-Request: true", "hx-request"},
		{"fragment for Turbo", "/list", "Turbo-Frame: results", "turbo-frame"},
		{"fragment for a script", "/list", "X-Requested-With: XMLHttpRequest", "x-requested-with"},
		{"fragment for pjax", "/list", "X-PJAX: true", "x-pjax"},
		{"fragment for Unpoly", "/list", "X-Up-Target: .results", "x-up-target"},
		{"data for Inertia", "/list", "X-Inertia: true", "x-inertia"},
		{"undeclared argument", "/list?q=1&utm=2", "", "query"},
		{"undeclared argument alone", "/page/1?x", "", "query"},
		{"semicolon", "/list?q=1;page=2", "", "query"},
		{"broken escape in a value", "/list?q=%zz", "", "query"},
		{"broken escape in a name", "/list?%zz=q", "", "query"},
		{"too many arguments", "/list?" + strings.Repeat("q=1&", 129), "", "query"},
		{"long key", "/list?q=" + strings.Repeat("x", 5000), "", "key-length"},
		{"spelling", "//list", "", "spelling"},
		{"escaped slash", "/page%2f1", "", "spelling"},
	}
	s := newSite(t, cache.Config{PublicCookies: []string{"_ga"}}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "%s %v", r.URL.RequestURI(), r.Header)
	})
	for _, tt := range tests { // in turn: they count the same calls
		t.Run(tt.name, func(t *testing.T) {
			before := s.calls.Load()
			for range 2 {
				var headers []string
				if tt.header != "" {
					headers = []string{tt.header}
				}
				got := s.get(tt.target, headers...)
				if got.says() != "fwd=bypass; detail="+tt.detail {
					t.Errorf("says %q", got.says())
				}
				if got.header.Get("Cache-Control") != "private, no-cache" {
					t.Errorf("Cache-Control %q", got.header.Get("Cache-Control"))
				}
			}
			if n := s.calls.Load() - before; n != 2 {
				t.Errorf("the handler ran %d times", n)
			}
		})
	}
	if got := s.get("/list", "Cookie: _ga=1"); got.says() != "fwd=miss; stored" {
		t.Errorf("a public cookie: %q", got.says())
	}
	if got := s.get("/list"); !strings.HasPrefix(got.says(), "hit") {
		t.Errorf("a plain request: %q", got.says())
	}
}

func TestBodyPassesBy(t *testing.T) {
	t.Parallel()
	s := newSite(t, cache.Config{}, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	for range 2 {
		if got := s.with(t.Context(), http.MethodGet, "/list", strings.NewReader("poison")); got.body != "poison" || got.says() != "fwd=bypass; detail=body" {
			t.Errorf("got %+v", got)
		}
	}
	if got := s.get("/list"); got.body != "" {
		t.Errorf("got %q", got.body)
	}
}

func TestNothingIsStoredWithoutADecision(t *testing.T) {
	t.Parallel()
	s := newSite(t, cache.Config{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		path(w, r)
	})
	for range 2 {
		got := s.get("/other")
		if len(got.header["Cache-Status"]) > 0 || got.header.Get("Cache-Control") != "public, max-age=3600" {
			t.Errorf("touched: %v", got.header)
		}
	}
	s.expectCalls(2)
}

func TestNoCache(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, says, want string }{
		{"silent", "", "no-store"},
		{"public", "public, max-age=60", "no-store"},
		{"its own no-store", "no-store, private", "no-store, private"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, cache.Config{}, func(w http.ResponseWriter, _ *http.Request) {
				if w.Header().Del("Cache-Control"); tt.says != "" {
					w.Header().Set("Cache-Control", tt.says)
				}
				w.Header().Set("CDN-Cache-Control", "max-age=60")
				w.Header().Set("Expires", "Fri, 01 Jan 2100 00:00:00 GMT")
			})
			// /account/x.css: no extension makes a page of it; the last two are
			// spellings that some router takes for the account, and the last one
			// is a page to others.
			for _, target := range []string{"/account/", "/account/x.css", "//account/x", "/dir/../account/x"} {
				for _, method := range []string{http.MethodGet, http.MethodPost} {
					got := s.do(method, target)
					if got.header.Get("Cache-Control") != tt.want || got.header.Get("Cdn-Cache-Control") != "" || got.header.Get("Expires") != "" {
						t.Errorf("%s %s: %v", method, target, got.header)
					}
				}
			}
			s.expectCalls(8)
		})
	}
}

func TestKeysOfPages(t *testing.T) {
	t.Parallel()
	s := newSite(t, cache.Config{Policies: []cache.Policy{
		{Pattern: "GET /list", Class: cache.ShortCache, TTL: 60e9, Query: []string{"q", "page"}, Tags: []string{"list"}},
		{Pattern: "GET /dropped", Class: cache.ShortCache, TTL: 60e9, Query: []string{"q"}, DropOtherQuery: true, ExpiryOnly: "test"},
		{Pattern: "GET /vary", Class: cache.ShortCache, TTL: 60e9, Vary: []string{"accept-language", "X-Forwarded-Proto"}, ExpiryOnly: "test"},
		{Pattern: "GET /parts", Class: cache.ShortCache, TTL: 60e9, Vary: []string{"HX-Request"}, ExpiryOnly: "test"},
		{Pattern: "GET /shared", Class: cache.ShortCache, TTL: 60e9, SharedDespiteCookies: "the page shows no user", ExpiryOnly: "test"},
		{Pattern: "GET /dir/", Class: cache.ShortCache, TTL: 60e9, ExpiryOnly: "test"},
	}}, path)
	tests := []struct {
		name   string
		a, b   string // target, then headers, by " | "
		shared bool
	}{
		{"order of names", "/list?q=1&page=2", "/list?page=2&q=1", true},
		{"empty pairs", "/list?q=1", "/list?&q=1&", true},
		{"order of values", "/list?q=1&q=2", "/list?q=2&q=1", false},
		{"twice", "/list?q=3", "/list?q=3&q=3", false},
		{"with and without =", "/list?q", "/list?q=", false},
		{"raw text", "/list?q=%3Cb", "/list?q=%3cb", false},
		{"escaped name", "/list?q=4", "/list?%71=4", false},
		{"delimiters", "/list?q=5%26page=6", "/list?q=5&page=6", false},
		{"host", "/list?q=7 | Host: a.example", "/list?q=7 | Host: b.example", false},
		{"dropped", "/dropped?q=1&utm=x", "/dropped?utm=y&q=1", true},
		{"dropped but declared", "/dropped?q=2&utm=x", "/dropped?q=3&utm=x", false},
		{"language", "/vary | Accept-Language: de", "/vary | Accept-Language: en", false},
		{"language given twice", "/vary | Accept-Language: fr, it", "/vary | Accept-Language: fr | Accept-Language: it", false},
		{"fragment and page", "/parts | HX-Request: true", "/parts", false},
		{"forwarding header in the key", "/vary | X-Forwarded-Proto: http", "/vary | X-Forwarded-Proto: https", false},
		{"forwarded host", "/list?q=8 | X-Forwarded-Host: evil.example", "/list?q=8", false},
		{"another forwarded host", "/list?q=8 | X-Forwarded-Host: other.example", "/list?q=8 | X-Forwarded-Host: evil.example, evil.example", false},
		{"the same proxy", "/list?q=9 | X-Forwarded-Proto: https | X-Forwarded-For: 192.0.2.1", "/list?q=9 | X-Forwarded-Proto: https | X-Forwarded-For: 192.0.2.2", true},
		{"one header for another", "/list?q=10 | X-Forwarded-Host: x", "/list?q=10 | X-Forwarded-Server: x", false},
		{"forwarded proto", "/list?q=11 | X-Forwarded-Proto: http", "/list?q=11 | X-Forwarded-Proto: https", false},
		{"cookies", "/shared | Cookie: a=1", "/shared | Cookie: b=2", true},
		{"escaped path", "/dir/a%21", "/dir/a!", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, b := strings.Split(tt.a, " | "), strings.Split(tt.b, " | ")
			if got := s.get(a[0], a[1:]...); got.says() != "fwd=miss; stored" {
				t.Fatalf("first: %s", got.says())
			}
			got := s.get(b[0], b[1:]...)
			if hit := strings.HasPrefix(got.says(), "hit"); hit != tt.shared {
				t.Errorf("second: %s", got.says())
			}
			if got := s.get(a[0], a[1:]...); !strings.HasPrefix(got.says(), "hit") {
				t.Errorf("first again: %s", got.says())
			}
		})
	}
	if got := s.get("/vary"); got.header.Get("Vary") != "Accept-Language" || len(got.header.Values("Vary")) != 2 {
		t.Errorf("Vary: %q", got.header.Values("Vary"))
	}
}

func TestAFatRequestURLIsPartOfTheKey(t *testing.T) {
	t.Parallel()
	p := cache.Policy{}
	plain, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "/x", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	absolute, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://h/x", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	absolute.Host, plain.Host = "h", "h"
	a, _ := cache.Key(p, plain)
	b, _ := cache.Key(p, absolute)
	if a == b {
		t.Error("a handler sees the difference, the key does not")
	}
}

// A gateway to CGI, WSGI or PHP does not tell X_Forwarded_Host from X-Forwarded-Host.
func TestANameWithAnUnderscorePassesBy(t *testing.T) {
	t.Parallel()
	s := newSite(t, cache.Config{}, path)
	s.get("/list", "X_Forwarded_Host: evil.example")
	if got := s.get("/list", "X_Forwarded_Host: other.example"); strings.HasPrefix(got.says(), "hit") {
		t.Errorf("got %s", got.says())
	}
}
