package cache_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/internal/redistest"
)

// backends are what the conformance tests run over: each makes a Store, nil
// for the one in memory.
func backends() map[string]func(t *testing.T) cache.Store {
	return map[string]func(t *testing.T) cache.Store{
		"memory": func(*testing.T) cache.Store { return nil },
		"miniredis": func(t *testing.T) cache.Store {
			t.Helper()
			return redisStore(t, miniredis.RunT(t).Addr())
		},
		"redis-server": func(t *testing.T) cache.Store {
			t.Helper()
			return redisStore(t, redistest.Start(t))
		},
	}
}

// redisStore is a store with a timeout that a loaded machine keeps.
func redisStore(t testing.TB, addr string, hooks ...redis.Hook) cache.Store {
	t.Helper()
	return cache.NewRedisStore(client(t, addr, hooks...), cache.RedisConfig{Timeout: 10 * time.Second})
}

func client(t testing.TB, addr string, hooks ...redis.Hook) *redis.Client {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: len(hooks) > 0}) // the copy with a timeout has no hooks
	for _, h := range hooks {
		c.AddHook(h)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestStores(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, s *site, data *atomic.Int64){
		"a page is stored whole": func(t *testing.T, s *site, _ *atomic.Int64) {
			t.Helper()
			miss, hit := s.get("/page/1"), s.get("/page/1")
			if miss.says() != "fwd=miss; stored" || !strings.HasPrefix(hit.says(), "hit; ttl=") || miss.body != hit.body {
				t.Errorf("got %+v, then %+v", miss, hit)
			}
			for _, name := range []string{"Etag", "X-Two", "Content-Type", "Content-Length", "Cache-Control"} {
				if fmt.Sprint(hit.header[name]) != fmt.Sprint(miss.header[name]) || len(hit.header[name]) == 0 {
					t.Errorf("%s: %q, then %q", name, miss.header[name], hit.header[name])
				}
			}
			if got := s.get("/page/1", "If-None-Match: "+miss.header.Get("Etag")); got.status != http.StatusNotModified {
				t.Errorf("got %d", got.status)
			}
		},
		"pages have keys of their own": func(t *testing.T, s *site, _ *atomic.Int64) {
			t.Helper()
			for range 2 {
				for _, target := range []string{"/page/1", "/page/2", "/list", "/list?q=1"} {
					if got := s.get(target); !strings.HasPrefix(got.body, target+" ") {
						t.Errorf("%s: got %q", target, got.body)
					}
				}
			}
			s.expectCalls(4)
		},
		"a tag ends its pages and no other": func(t *testing.T, s *site, data *atomic.Int64) {
			t.Helper()
			for _, target := range []string{"/page/1", "/page/2", "/list"} {
				s.get(target)
			}
			data.Add(1)
			if err := s.cache.Purge(t.Context(), "page:1"); err != nil {
				t.Fatal(err)
			}
			for target, want := range map[string]string{"/page/1": "/page/1 1", "/page/2": "/page/2 0", "/list": "/list 0"} {
				if got := s.get(target); got.body != want {
					t.Errorf("got %q, want %q", got.body, want)
				}
			}
		},
		"a path ends its pages and no other": func(t *testing.T, s *site, data *atomic.Int64) {
			t.Helper()
			for _, target := range []string{"/list", "/list?q=1", "/page/1"} {
				s.get(target)
			}
			data.Add(1)
			if err := s.cache.PurgePath(t.Context(), "/list"); err != nil {
				t.Fatal(err)
			}
			for target, want := range map[string]string{"/list": "/list 1", "/list?q=1": "/list?q=1 1", "/page/1": "/page/1 0"} {
				if got := s.get(target); got.body != want {
					t.Errorf("got %q, want %q", got.body, want)
				}
			}
		},
		"everything ends": func(t *testing.T, s *site, data *atomic.Int64) {
			t.Helper()
			s.get("/list")
			s.get("/page/1")
			data.Add(1)
			if err := s.cache.PurgeAll(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, target := range []string{"/list", "/page/1"} {
				if got := s.get(target); got.body != target+" 1" {
					t.Errorf("got %q", got.body)
				}
			}
		},
		"a purge of what was never stored": func(t *testing.T, s *site, _ *atomic.Int64) {
			t.Helper()
			if err := s.cache.Purge(t.Context(), "page:1", "page:"+strings.Repeat("long", 1000), "page:\x00{}\n"); err != nil {
				t.Fatal(err)
			}
			s.get("/page/1")
			if got := s.get("/page/1"); !strings.HasPrefix(got.says(), "hit") {
				t.Errorf("got %s", got.says())
			}
		},
		"purges and pages at once": func(t *testing.T, s *site, data *atomic.Int64) {
			t.Helper()
			var wg sync.WaitGroup
			var purged atomic.Int64
			for range 4 {
				wg.Go(func() {
					for range 50 {
						floor := purged.Load() // nothing older may come
						got := s.get("/page/1")
						var n int64
						if _, err := fmt.Sscanf(got.body, "/page/1 %d", &n); err != nil || n < floor {
							t.Errorf("got %q after the purge of %d (%v)", got.body, floor, got.err)
						}
					}
				})
			}
			wg.Go(func() {
				for range 50 {
					n := data.Add(1)
					if err := s.cache.Purge(context.Background(), "page:1"); err != nil {
						t.Error(err)
					}
					purged.Store(n)
				}
			})
			wg.Wait()
		},
	}
	for backend, open := range backends() {
		for name, test := range tests {
			t.Run(backend+"/"+name, func(t *testing.T) {
				t.Parallel()
				var data atomic.Int64
				s := newSite(t, cache.Config{Store: open(t)}, func(w http.ResponseWriter, r *http.Request) {
					w.Header()["X-Two"] = []string{"a", "b"}
					_, _ = fmt.Fprintf(w, "%s %d", r.URL.RequestURI(), data.Load())
				})
				test(t, s, &data)
			})
		}
	}
}
