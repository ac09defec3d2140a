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

// storing returns one policy of each class that stores, with pages that are
// fresh for a minute and carry the tag "page:{id}". The handler of Follow has
// to say "max-age=60" itself.
func storing() map[string]cache.Policy {
	p := cache.Policy{Pattern: "GET /page/{id}", TTL: time.Minute, Tags: []string{"page:{id}"}}
	short, while, onError, version, follow := p, p, p, p, p
	short.Class, while.Class, onError.Class, version.Class, follow.Class = cache.ShortCache, cache.Revalidate, cache.Revalidate, cache.Revalidate, cache.Follow
	while.StaleWhileRevalidate, onError.StaleIfError = time.Minute, time.Hour
	version.Version = func(*http.Request) (string, error) { return "the same", nil }
	follow.TTL = 0
	return map[string]cache.Policy{
		"ShortCache": short, "StaleWhileRevalidate": while, "StaleIfError": onError, "Version": version, "Follow": follow,
	}
}

// numbered answers with the number of its call, after the time given.
func numbered(calls *atomic.Int64, takes time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := calls.Add(1)
		time.Sleep(takes)
		w.Header().Set("Cache-Control", "max-age=60")
		w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT") // so that Follow keeps it beyond that
		_, _ = fmt.Fprint(w, n)
	})
}

func TestSoftPurge(t *testing.T) {
	t.Parallel()
	for name, p := range storing() {
		for _, run := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, Run %t", name, run), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					c := newCache(t, cache.Config{Policies: []cache.Policy{p}})
					if run {
						running(t, c)
					}
					var calls atomic.Int64
					h := c.Middleware(numbered(&calls, 5*time.Second))
					request(t.Context(), h, "/page/1")
					request(t.Context(), h, "/page/2")
					// Twice in a row is as good as once.
					for range 2 {
						if err := c.SoftPurge(t.Context(), "page:1"); err != nil {
							t.Fatal(err)
						}
					}
					begin := time.Now()
					bodies := map[string]int{}
					for _, w := range together(20, func(int) *httptest.ResponseRecorder {
						w := request(t.Context(), h, "/page/1")
						if soft := strings.HasSuffix(told(w), "; detail=soft-purge"); soft != (time.Since(begin) == 0) {
							t.Errorf("%q after %s", told(w), time.Since(begin))
						}
						return w
					}) {
						bodies[w.Body.String()]++
					}
					if run && bodies["1"] != 20 || !run && (bodies["1"] != 19 || bodies["3"] != 1) {
						t.Errorf("got %v", bodies)
					}
					time.Sleep(6 * time.Second)
					expect(t, request(t.Context(), h, "/page/1"), "3", "hit; ttl=")
					expect(t, request(t.Context(), h, "/page/2"), "2", "hit; ttl=") // of another tag
					if calls.Load() != 3 {
						t.Errorf("%d calls", calls.Load())
					}
				})
			})
		}
	}
}

// A soft purge takes, and gives nothing: a page that nobody would get without
// it is not served because of it.
func TestASoftPurgeMakesNoPageGoodForLonger(t *testing.T) {
	t.Parallel()
	for name, p := range storing() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCache(t, cache.Config{Policies: []cache.Policy{p}})
				running(t, c)
				var calls atomic.Int64
				h := c.Middleware(numbered(&calls, 0))
				request(t.Context(), h, "/page/1")
				time.Sleep(time.Minute + p.StaleWhileRevalidate - 1)
				if err := c.SoftPurge(t.Context(), "page:1"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Nanosecond)
				if w := request(t.Context(), h, "/page/1"); w.Body.String() != "2" {
					t.Errorf("got %q, which says %q", w.Body, told(w))
				}
			})
		})
	}
}

// What was softly purged and then purged has ended, in either order.
func TestASoftPurgeBesideAPurge(t *testing.T) {
	t.Parallel()
	type purge = func(c *cache.Cache) error
	soft := func(c *cache.Cache) error { return c.SoftPurge(context.Background(), "page:1") }
	tests := map[string][]purge{
		"soft, then hard": {soft, func(c *cache.Cache) error { return c.Purge(context.Background(), "page:1") }},
		"hard, then soft": {func(c *cache.Cache) error { return c.Purge(context.Background(), "page:1") }, soft},
		"soft, then path": {soft, func(c *cache.Cache) error { return c.PurgePath(context.Background(), "/page/1") }},
		"soft, then all":  {soft, func(c *cache.Cache) error { return c.PurgeAll(context.Background()) }},
	}
	for name, purges := range tests {
		for class, p := range storing() {
			t.Run(name+", "+class, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					c := newCache(t, cache.Config{Policies: []cache.Policy{p}})
					running(t, c)
					var calls atomic.Int64
					h := c.Middleware(numbered(&calls, 0))
					request(t.Context(), h, "/page/1")
					for _, purge := range purges {
						if err := purge(c); err != nil {
							t.Fatal(err)
						}
					}
					expect(t, request(t.Context(), h, "/page/1"), "2", "fwd=miss; stored")
					expect(t, request(t.Context(), h, "/page/1"), "2", "hit; ttl=60")
				})
			})
		}
	}
}

// A page that was begun before a soft purge is stale when it is stored, and one
// who asks after the purge does not wait for it.
func TestASoftPurgeWhileThePageIsMade(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, cache.Config{Policies: []cache.Policy{storing()["ShortCache"]}})
		running(t, c)
		var data, calls atomic.Int64
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			calls.Add(1)
			read := data.Load()
			time.Sleep(4 * time.Second)
			_, _ = fmt.Fprint(w, read)
		}))
		answers := together(3, func(i int) *httptest.ResponseRecorder {
			time.Sleep(time.Duration(i) * time.Second)
			if i == 1 {
				data.Store(1)
				if err := c.SoftPurge(t.Context(), "page:1"); err != nil {
					t.Error(err)
				}
			}
			return request(t.Context(), h, "/page/1")
		})
		expect(t, answers[0], "0", "fwd=miss; stored")
		expect(t, answers[1], "1", "fwd=miss; stored")
		expect(t, answers[2], "1", "fwd=miss; collapsed")
		if calls.Load() != 2 {
			t.Errorf("%d calls", calls.Load())
		}
		expect(t, request(t.Context(), h, "/page/1"), "1", "hit; ttl=")
		// The same, and nobody has asked in between.
		answers = together(2, func(i int) *httptest.ResponseRecorder {
			if i == 0 {
				return request(t.Context(), h, "/page/2")
			}
			time.Sleep(time.Second)
			data.Store(2)
			if err := c.SoftPurge(t.Context(), "page:2"); err != nil {
				t.Error(err)
			}
			return httptest.NewRecorder()
		})
		expect(t, answers[0], "1", "fwd=miss; stored")
		expect(t, request(t.Context(), h, "/page/2"), "1", "hit; ttl=56; detail=soft-purge")
		time.Sleep(5 * time.Second)
		expect(t, request(t.Context(), h, "/page/2"), "2", "hit; ttl=")
	})
}

// A soft purge during a refresh: what it makes may be from before the purge, so
// that it is made once more.
func TestASoftPurgeDuringARefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, cache.Config{Policies: []cache.Policy{storing()["ShortCache"]}})
		running(t, c)
		var calls atomic.Int64
		h := c.Middleware(numbered(&calls, 5*time.Second))
		ask := func(want, says string) {
			t.Helper()
			expect(t, request(t.Context(), h, "/page/1"), want, says)
		}
		soft := func() {
			t.Helper()
			if err := c.SoftPurge(t.Context(), "page:1"); err != nil {
				t.Fatal(err)
			}
		}
		ask("1", "fwd=miss; stored")
		soft()
		ask("1", "hit; ttl=55; detail=soft-purge")
		time.Sleep(time.Second)
		soft()
		time.Sleep(5 * time.Second)
		ask("2", "hit; ttl=54; detail=soft-purge")
		time.Sleep(6 * time.Second)
		ask("3", "hit; ttl=54")
	})
}

// Under Follow the response has the last word.
func TestASoftPurgeOfAPageThatIsNeverStale(t *testing.T) {
	t.Parallel()
	for _, says := range []string{"max-age=60, must-revalidate", "max-age=60, proxy-revalidate", "s-maxage=60"} {
		synctest.Test(t, func(t *testing.T) {
			c := newCache(t, cache.Config{Policies: []cache.Policy{storing()["Follow"]}})
			running(t, c)
			var calls int
			h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("If-None-Match") != "" {
					t.Error("the handler is asked whether the purged page is still good")
				}
				calls++
				w.Header().Set("Cache-Control", says)
				w.Header().Set("Etag", `"a"`)
				_, _ = fmt.Fprint(w, calls)
			}))
			request(t.Context(), h, "/page/1")
			if err := c.SoftPurge(t.Context(), "page:1"); err != nil {
				t.Fatal(err)
			}
			expect(t, request(t.Context(), h, "/page/1"), "2", "fwd=stale; stored")
		})
	}
}

func TestSoftPurgeArguments(t *testing.T) {
	t.Parallel()
	c := newCache(t, cache.Config{})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.SoftPurge(ended, "list", "page:7"); err != nil {
		t.Errorf("after its ctx has ended: %v", err)
	}
	if err := c.SoftPurge(t.Context()); err != nil {
		t.Errorf("without a tag: %v", err)
	}
	if err := c.SoftPurge(t.Context(), "list", ""); err == nil {
		t.Error("an empty tag is none")
	}
	if err := c.SoftPurge(t.Context(), "lsit"); err == nil || err.Error() != `cache: purge of the tag "lsit", which no policy can carry` {
		t.Errorf("a misspelt tag: %v", err)
	}
}
