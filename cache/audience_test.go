package cache_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/cache"
)

// tenantKey is where the middleware around the cache puts who asks, as one
// does that has verified the session.
type tenantKey struct{}

func tenant(r *http.Request) (string, bool) {
	name, ok := r.Context().Value(tenantKey{}).(string)
	return name, ok && name != "nobody"
}

// verified is that middleware: it believes X-Tenant, for the tests' sake.
func verified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name := r.Header.Get("X-Tenant"); name != "" {
			r = r.WithContext(context.WithValue(r.Context(), tenantKey{}, name))
		}
		next.ServeHTTP(w, r)
	})
}

// ofTenant answers with whose page it is.
func ofTenant(calls *atomic.Int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _ := tenant(r)
		w.Header().Set("Cache-Control", r.Header.Get("X-Says"))
		_, _ = fmt.Fprintf(w, "%s %d", name, calls.Add(1))
	})
}

// shared returns a Config whose pages are one tenant's.
func shared(class cache.Class) cache.Config {
	p := cache.Policy{Pattern: "GET /page/{id}", Class: class, Audience: tenant, Tags: []string{"page:{id}"}}
	switch class {
	case cache.ShortCache:
		p.TTL = time.Minute
	case cache.Revalidate:
		p.TTL, p.StaleWhileRevalidate, p.StaleIfError = time.Minute, time.Hour, time.Hour
	}
	return cache.Config{Policies: []cache.Policy{p}}
}

func TestAudience(t *testing.T) {
	t.Parallel()
	type step struct{ headers, body, says string }
	tests := []struct {
		name  string
		steps []step
	}{
		{"a page for each", []step{
			{"X-Tenant: a", "a 1", "fwd=miss; stored"},
			{"X-Tenant: b", "b 2", "fwd=miss; stored"},
			{"X-Tenant: a", "a 1", "hit; ttl="},
			{"X-Tenant: b", "b 2", "hit; ttl="},
			{"X-Tenant: a,b", "a,b 3", "fwd=miss; stored"},
			{"X-Tenant: A", "A 4", "fwd=miss; stored"},
		}},
		{"false passes by", []step{
			{"", " 1", "fwd=bypass; detail=audience"},
			{"X-Tenant: nobody", "nobody 2", "fwd=bypass; detail=audience"},
			{"X-Tenant: a", "a 3", "fwd=miss; stored"},
			{"", " 4", "fwd=bypass; detail=audience"},
		}},
		{"Authorization without public", []step{
			{"X-Tenant: a\nAuthorization: Bearer x", "a 1", "fwd=miss; detail=authorization"},
			{"X-Tenant: a", "a 2", "fwd=miss; stored"},
			{"X-Tenant: a\nAuthorization: Bearer x", "a 3", "fwd=miss; detail=authorization"},
			{"X-Tenant: a", "a 2", "hit; ttl="},
		}},
		{"Authorization with public", []step{
			{"X-Tenant: a\nAuthorization: Bearer x\nX-Says: public", "a 1", "fwd=miss; stored"},
			{"X-Tenant: a\nAuthorization: Bearer y", "a 1", "hit; ttl="},
			{"X-Tenant: b\nAuthorization: Bearer y\nX-Says: public, max-age=5", "b 2", "fwd=miss; stored"},
			{"X-Tenant: a", "a 1", "hit; ttl="},
			{"Authorization: Bearer x\nX-Says: public", " 3", "fwd=bypass; detail=audience"},
		}},
		{"private all the same", []step{
			{"X-Tenant: a\nX-Says: private", "a 1", "fwd=miss; detail=private"},
			{"X-Tenant: a\nAuthorization: Bearer x\nX-Says: public, private", "a 2", "fwd=miss; detail=private"},
			{"X-Tenant: a", "a 3", "fwd=miss; stored"},
		}},
		{"cookies still pass by", []step{
			{"X-Tenant: a\nCookie: session=1", "a 1", "fwd=bypass; detail=cookie"},
			{"X-Tenant: a", "a 2", "fwd=miss; stored"},
			{"X-Tenant: a\nCookie: session=1", "a 3", "fwd=bypass; detail=cookie"},
		}},
		{"another credential passes by", []step{
			{"X-Tenant: a\nX-Api-Key: 1", "a 1", "fwd=bypass; detail=x-api-key"},
			{"X-Tenant: a\nProxy-Authorization: 1", "a 2", "fwd=bypass; detail=proxy-authorization"},
		}},
	}
	for _, tt := range tests {
		for _, class := range []cache.Class{cache.ShortCache, cache.Revalidate} {
			t.Run(tt.name+", "+class.String(), func(t *testing.T) {
				t.Parallel()
				var calls atomic.Int64
				h := verified(newCache(t, shared(class)).Middleware(ofTenant(&calls)))
				for _, s := range tt.steps {
					expect(t, request(t.Context(), h, "/page/1", strings.Split(s.headers, "\n")...), s.body, s.says)
				}
			})
		}
	}
}

func TestAudienceUnderFollow(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	h := verified(newCache(t, shared(cache.Follow)).Middleware(ofTenant(&calls)))
	for _, s := range []struct{ headers, body, says string }{
		{"X-Tenant: a\nX-Says: max-age=60", "a 1", "fwd=miss; stored"},
		{"X-Tenant: b\nX-Says: max-age=60", "b 2", "fwd=miss; stored"},
		{"X-Tenant: a", "a 1", "hit; ttl="},
		{"X-Tenant: a\nAuthorization: Bearer x\nX-Says: max-age=60", "a 3", "fwd=miss; detail=authorization"},
		{"X-Says: max-age=60", " 4", "fwd=bypass; detail=audience"},
	} {
		expect(t, request(t.Context(), h, "/page/1", strings.Split(s.headers, "\n")...), s.body, s.says)
	}
}

func TestAudienceWithCookies(t *testing.T) {
	t.Parallel()
	cfg := shared(cache.ShortCache)
	cfg.Policies[0].SharedDespiteCookies = "the page is that of the tenant, and shows no user"
	var calls atomic.Int64
	h := verified(newCache(t, cfg).Middleware(ofTenant(&calls)))
	expect(t, request(t.Context(), h, "/page/1", "X-Tenant: a", "Cookie: session=1"), "a 1", "fwd=miss; stored")
	expect(t, request(t.Context(), h, "/page/1", "X-Tenant: a", "Cookie: session=2"), "a 1", "hit; ttl=")
	expect(t, request(t.Context(), h, "/page/1", "X-Tenant: b", "Cookie: session=1"), "b 2", "fwd=miss; stored")
}

// One purge reaches the pages of all tenants, and one tenant's miss is not
// waited for by another's.
func TestAudiencesShareTagsAndNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, shared(cache.ShortCache))
		var calls atomic.Int64
		inner := ofTenant(&calls)
		h := verified(c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Second)
			inner.ServeHTTP(w, r)
		})))
		for round := range 2 {
			for i, w := range together(30, func(i int) *httptest.ResponseRecorder {
				return request(t.Context(), h, "/page/1", fmt.Sprint("X-Tenant: ", i%3))
			}) {
				if name, _, _ := strings.Cut(w.Body.String(), " "); name != fmt.Sprint(i%3) {
					t.Errorf("tenant %d got the page of %s", i%3, name)
				}
			}
			if got := calls.Load(); got != int64(3*(round+1)) {
				t.Errorf("%d calls", got)
			}
			if err := c.Purge(t.Context(), "page:1"); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// The context of a refresh in the background is empty. Where the tenant stands
// in it, a handler would find none there and make the page of nobody under
// the key of this one.
func TestARefreshIsThatOfTheSameAudience(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		audience func(*http.Request) (string, bool)
		inside   bool // the refresh can be made in the background
	}{
		{"by the context", tenant, false},
		{"by the context, with a default", func(r *http.Request) (string, bool) { name, _ := tenant(r); return name, true }, false},
		{"by the context, without a look", func(r *http.Request) (string, bool) { return r.Context().Value(tenantKey{}).(string), true }, false},
		{"by the request", func(r *http.Request) (string, bool) { return r.Header.Get("X-Tenant"), true }, true},
	}
	for _, tt := range tests {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			t.Run(tt.name+", "+method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					cfg := shared(cache.Revalidate)
					cfg.Policies[0].Audience = tt.audience
					c := newCache(t, cfg)
					running(t, c)
					h := verified(c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						name, ok := tt.audience(r)
						_, _ = fmt.Fprint(w, name, ok)
					})))
					request(t.Context(), h, "/page/1", "X-Tenant: a")
					time.Sleep(2 * time.Minute)
					r := httptest.NewRequestWithContext(t.Context(), method, "/page/1", http.NoBody)
					r.Header.Set("X-Tenant", "a")
					w := httptest.NewRecorder()
					h.ServeHTTP(w, r)
					if stale := strings.HasSuffix(told(w), "stale-while-revalidate"); stale != (tt.inside || method == http.MethodHead) {
						t.Errorf("says %q", told(w))
					}
					synctest.Wait()
					says := "hit; ttl=60"
					if method == http.MethodHead && !tt.inside {
						says = "fwd=stale; stored" // nobody has made it yet
					}
					expect(t, request(t.Context(), h, "/page/1", "X-Tenant: a"), "atrue", says)
				})
			})
		}
	}
}

// Whatever two tenants are called, neither sees the other's page.
func FuzzAudience(f *testing.F) {
	f.Add("a", "b", "q", "q")
	f.Add("", "a", "", "a")
	f.Add("a\x00", "a", "", "\x00")
	f.Add("a\x01b", "a", "x", "\x01bx")
	f.Add(strings.Repeat("a", 127), strings.Repeat("a", 128), "", "")
	f.Add(strings.Repeat("a", 5000), "a", "", "")
	f.Fuzz(func(t *testing.T, one, other, varyOne, varyOther string) {
		cfg := cache.Config{Policies: []cache.Policy{{
			Pattern: "GET /page", Class: cache.ShortCache, TTL: time.Hour, Vary: []string{"Accept-Language"}, ExpiryOnly: "a test",
			Audience: func(r *http.Request) (string, bool) { return r.Context().Value(tenantKey{}).(string), true },
		}}}
		c, err := cache.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = fmt.Fprintf(w, "%q %q", r.Context().Value(tenantKey{}), r.Header["Accept-Language"])
		}))
		for range 2 {
			for _, who := range [][2]string{{one, varyOne}, {other, varyOther}} {
				r := httptest.NewRequestWithContext(context.WithValue(t.Context(), tenantKey{}, who[0]), http.MethodGet, "/page", http.NoBody)
				r.Header["Accept-Language"] = []string{who[1]}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if want := fmt.Sprintf("%q %q", who[0], []string{who[1]}); w.Body.String() != want {
					t.Fatalf("got the page of %s, want that of %s", w.Body, want)
				}
			}
		}
	})
}

// A CDN does not know of audiences: nothing in the answer says so.
func TestNoCDNKeepsThePageOfAnAudience(t *testing.T) {
	t.Parallel()
	_, err := cache.New(cache.Config{Policies: []cache.Policy{{
		Pattern: "/", Class: cache.ShortCache, TTL: time.Minute, CDNTTL: time.Hour, ExpiryOnly: "x", SharedDespiteCookies: "audience",
		Audience: func(r *http.Request) (string, bool) { k, e := r.Cookie("s"); return k.Value, e == nil },
	}}})
	if err == nil || !strings.Contains(err.Error(), "CDNTTL") {
		t.Errorf("got %v", err)
	}
}
