package cache_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/cache"
)

// What browsers and CDNs are told is the same however the answer came about.
func TestClientAndCDNTTL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name            string
		client, cdn     time.Duration
		says, cdnSays   string
		handler, header string // what the handler says itself, and where
	}{
		{"neither", 0, 0, "no-cache", "", "", ""},
		{"browsers", 10 * time.Second, 0, "private, max-age=10", "", "", ""},
		{"a CDN", 0, 365 * 24 * time.Hour, "no-cache", "max-age=31536000", "", ""},
		{"both", 24 * time.Hour, time.Second, "private, max-age=86400", "max-age=1", "", ""},
		{"whole seconds", 1999 * time.Millisecond, 1500 * time.Millisecond, "private, max-age=1", "max-age=1", "", ""},
		{"instead of the handler's", 10 * time.Second, 20 * time.Second, "private, max-age=10", "max-age=20", "public, max-age=7", "Cache-Control"},
		{"instead of its Expires", 10 * time.Second, 0, "private, max-age=10", "", httpNow, "Expires"},
		{"instead of its word to a CDN", 0, 0, "no-cache", "", "max-age=7", "CDN-Cache-Control"},
		{"instead of its word to another", 10 * time.Second, 0, "private, max-age=10", "", "max-age=7", "Surrogate-Control"},
	}
	for _, tt := range tests {
		for _, class := range []cache.Class{cache.ShortCache, cache.Revalidate} {
			for _, flush := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, flushed %t", tt.name, class, flush), func(t *testing.T) {
					t.Parallel()
					cfg := revalidated(func(p *cache.Policy) {
						p.ClientTTL, p.CDNTTL = tt.client, tt.cdn
						if p.Class = class; class == cache.Revalidate {
							p.StaleIfError = time.Hour
						}
					})
					s := newSite(t, cfg, func(w http.ResponseWriter, _ *http.Request) {
						if tt.header != "" {
							w.Header().Set(tt.header, tt.handler)
						}
						if _, _ = io.WriteString(w, "page"); flush {
							_ = http.NewResponseController(w).Flush()
						}
					})
					check := func(step string, status int, headers ...string) {
						t.Helper()
						got := s.get("/page/1", headers...)
						h := got.header
						if got.status != status || h.Get("Cache-Control") != tt.says || strings.Join(h["Cdn-Cache-Control"], "|") != tt.cdnSays || h["Expires"] != nil || h["Surrogate-Control"] != nil {
							t.Errorf("%s: %d %v", step, got.status, h)
						}
					}
					check("miss", 200)
					check("hit", 200)
					check("304", 304, "If-None-Match: *")
					check("206", 206, "Range: bytes=0-0")
					s.expectCalls(1)
				})
			}
		}
	}
}

// A declared time is counted from when the page was made: what is served later
// says how old it is.
func TestClientTTLIsCountedFromWhenThePageWasMade(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fails := false
		c := newCache(t, revalidated(func(p *cache.Policy) {
			p.ClientTTL, p.StaleWhileRevalidate, p.StaleIfError = time.Hour, time.Minute, time.Hour
		}))
		running(t, c)
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if fails {
				w.WriteHeader(http.StatusBadGateway)
			}
		}))
		request(t.Context(), h, "/page/1")
		fails = true
		for _, step := range []struct {
			wait      time.Duration
			age, says string
		}{
			{30 * time.Second, "30", "hit; ttl=30"},
			{time.Minute, "90", "hit; ttl=-30; detail=stale-while-revalidate"},
			{time.Minute, "150", "fwd=stale; fwd-status=502; detail=stale-if-error"},
		} {
			time.Sleep(step.wait)
			w := request(t.Context(), h, "/page/1")
			if w.Header().Get("Age") != step.age || w.Header().Get("Cache-Control") != "private, max-age=3600" || told(w) != step.says {
				t.Errorf("after %s: %v", step.wait, w.Header())
			}
		}
	})
}

// An answer that is not stored here must not be kept for that time elsewhere.
func TestClientTTLIsNotThatOfAnAnswerThatIsNotStored(t *testing.T) {
	t.Parallel()
	cfg := revalidated(func(p *cache.Policy) { p.ClientTTL, p.CDNTTL, p.StaleIfError = time.Hour, time.Hour, time.Hour })
	s := newSite(t, cfg, func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("X-Do") {
		case "cookie":
			w.Header().Set("Set-Cookie", "a=b")
		case "404":
			w.WriteHeader(404)
		case "says":
			w.Header().Set("Cache-Control", "private, max-age=5")
		}
	})
	for header, want := range map[string]string{
		"X-Do: cookie": "private, no-cache", "X-Do: 404": "private, no-cache", "X-Do: says": "private, max-age=5", "Cookie: a=1": "private, no-cache",
	} {
		got := s.get("/page/1", header)
		if got.header.Get("Cache-Control") != want || got.header["Cdn-Cache-Control"] != nil || got.header["Etag"] != nil {
			t.Errorf("%s: %v", header, got.header)
		}
	}
}

func TestDecisionsPrintAllTimes(t *testing.T) {
	t.Parallel()
	c := newCache(t, cache.Config{
		Policies: []cache.Policy{
			{Pattern: "GET /a/{id}", Class: cache.Revalidate, TTL: time.Minute, ClientTTL: 2 * time.Second, CDNTTL: 48 * time.Hour, StaleWhileRevalidate: 3 * time.Second, StaleIfError: 4 * time.Second, Version: func(*http.Request) (string, error) { return "", nil }, Vary: []string{"accept-language"}, Query: []string{"q"}, DropOtherQuery: true, Tags: []string{"a:{id}"}, SharedDespiteCookies: "none is read"},
			{Pattern: "GET /b", Class: cache.Follow, ExpiryOnly: "an upstream says"},
			{Pattern: "GET /c/", Class: cache.Immutable},
			{Pattern: "GET /d", Class: cache.NoCache},
		},
		Loads:  []cache.LoadPolicy{{Name: "listings of a category", Args: []string{"category", "page"}, TTL: time.Second, Tags: []string{"a:{category}"}}},
		Purges: []cache.Purge{{Pattern: "POST /a/{id}", Tags: []string{"a:{id}"}}},
	})
	var b strings.Builder
	if err := c.WriteDecisions(&b); err != nil {
		t.Fatal(err)
	}
	want := `PATTERN                 CLASS       TTL         BROWSER     CDN         BEYOND                                                                                   KEY                                                                   TAGS          REASON
GET /a/{id}             Revalidate  1m0s        2s          48h0m0s     while it is made anew 3s, on error 4s, while its version is the same                     host, path, ?q, Accept-Language, other arguments dropped    a:{id}        shared despite cookies: none is read
GET /b                  Follow      as it says  as it says  as it says  -                                                                                        host, path, query, the response's Vary                                -             an upstream says
GET /c/                 Immutable   -           8760h0m0s   8760h0m0s   -                                                                                        -                                                                     -             -
GET /d                  NoCache     -           -           -           -                                                                                        -                                                                     -             -
listings of a category  Load        1s          -           -           -                                                                                        type, category, page                                                  a:{category}  -

PATTERN       PURGES
POST /a/{id}  a:{id}
`
	squeeze := func(s string) string {
		var lines []string
		for line := range strings.Lines(s) {
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
		return strings.Join(lines, "\n")
	}
	if squeeze(b.String()) != squeeze(want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	for _, d := range c.Decisions() {
		if !strings.Contains(b.String(), d.Pattern) || !strings.Contains(b.String(), d.Class.String()) {
			t.Errorf("%+v is not printed", d)
		}
	}
	d := c.Decisions()[0]
	d.Tags[0] = "changed"
	if c.Decisions()[0].Tags[0] != "a:{id}" || d.TTL != time.Minute || d.ClientTTL != 2*time.Second || d.CDNTTL != 48*time.Hour {
		t.Errorf("got %+v", d)
	}
}

// broken is a writer that fails.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWriteDecisionsTellsTheWritersError(t *testing.T) {
	t.Parallel()
	if err := newCache(t, cache.Config{}).WriteDecisions(broken{}); err != io.ErrClosedPipe {
		t.Errorf("got %v", err)
	}
}
