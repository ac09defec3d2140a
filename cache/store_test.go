package cache_test

import (
	"context"
	"fmt"
	"io"
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

// server is something that holds pages.
type server struct {
	name string
	// start starts one for all tests of a group; the first returns a store on
	// it that meets no other.
	start func(t *testing.T) func(t *testing.T, cfg cache.RedisConfig) cache.Store
}

func servers() []server {
	single := func(start func(t *testing.T) string) func(t *testing.T) func(t *testing.T, cfg cache.RedisConfig) cache.Store {
		return func(t *testing.T) func(t *testing.T, cfg cache.RedisConfig) cache.Store {
			t.Helper()
			c := client(t, start(t))
			return func(_ *testing.T, cfg cache.RedisConfig) cache.Store { return cache.NewRedisStore(c, cfg) }
		}
	}
	return []server{
		{"memory", nil},
		{"miniredis", single(func(t *testing.T) string { t.Helper(); return miniredis.RunT(t).Addr() })},
		{"redis-server", single(func(t *testing.T) string { t.Helper(); return redistest.Start(t) })},
		{"ring", func(t *testing.T) func(t *testing.T, cfg cache.RedisConfig) cache.Store {
			t.Helper()
			c := redis.NewRing(&redis.RingOptions{
				Addrs:                 map[string]string{"a": redistest.Start(t), "b": redistest.Start(t)},
				ContextTimeoutEnabled: true,
			})
			t.Cleanup(func() { _ = c.Close() })
			return func(_ *testing.T, cfg cache.RedisConfig) cache.Store { return cache.NewRedisStore(c, cfg) }
		}},
		{"cluster", func(t *testing.T) func(t *testing.T, cfg cache.RedisConfig) cache.Store {
			t.Helper()
			c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: redistest.StartCluster(t), ContextTimeoutEnabled: true})
			t.Cleanup(func() { _ = c.Close() })
			return func(_ *testing.T, cfg cache.RedisConfig) cache.Store { return cache.NewRedisStore(c, cfg) }
		}},
	}
}

// backends are stores of one process, nil for the one in memory.
func backends() map[string]func(t *testing.T) cache.Store {
	return map[string]func(t *testing.T) cache.Store{
		"memory":       func(*testing.T) cache.Store { return nil },
		"miniredis":    func(t *testing.T) cache.Store { t.Helper(); return redisStore(t, miniredis.RunT(t).Addr()) },
		"redis-server": func(t *testing.T) cache.Store { t.Helper(); return redisStore(t, redistest.Start(t)) },
	}
}

// modes are the ways to use a Redis.
var modes = []struct {
	name   string
	cfg    cache.RedisConfig
	leased bool
}{
	{"strict", cache.RedisConfig{Strict: true}, true},
	{"not running", cache.RedisConfig{}, false},
	{"leased", cache.RedisConfig{}, true},
	{"compressed", cache.RedisConfig{Compress: true, NearBytes: 1}, true}, // nothing stays near
}

// patient is a timeout that a loaded machine keeps.
const patient = 10 * time.Second

// redisStore is a store with a timeout that a loaded machine keeps.
func redisStore(t testing.TB, addr string, hooks ...redis.Hook) cache.Store {
	t.Helper()
	return cache.NewRedisStore(client(t, addr, hooks...), cache.RedisConfig{Timeout: patient})
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

// inBackground runs the background work of c until the test ends or stop is called.
func inBackground(t testing.TB, c *cache.Cache) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := c.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

// leased is inBackground, and returns when the store answers without asking Redis.
func leased(t testing.TB, c *cache.Cache, s cache.Store) (stop func()) {
	t.Helper()
	stop = inBackground(t, c)
	until(t, func() bool { return cache.Leased(s) })
	return stop
}

// until waits for a condition, and fails the test where it does not come.
func until(t testing.TB, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("the condition does not come")
		}
	}
}

func TestStores(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, s *storeSite){
		"a page is stored whole": func(t *testing.T, s *storeSite) {
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
		"pages have keys of their own": func(t *testing.T, s *storeSite) {
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
		"a tag ends its pages and no other": func(t *testing.T, s *storeSite) {
			t.Helper()
			for _, target := range []string{"/page/1", "/page/2", "/list"} {
				s.get(target)
			}
			s.data.Add(1)
			if err := s.cache.Purge(t.Context(), "page:1"); err != nil {
				t.Fatal(err)
			}
			for target, want := range map[string]string{"/page/1": "/page/1 1", "/page/2": "/page/2 0", "/list": "/list 0"} {
				if got := s.get(target); got.body != want {
					t.Errorf("got %q, want %q", got.body, want)
				}
			}
		},
		"a path ends its pages and no other": func(t *testing.T, s *storeSite) {
			t.Helper()
			for _, target := range []string{"/list", "/list?q=1", "/page/1"} {
				s.get(target)
			}
			s.data.Add(1)
			if err := s.cache.PurgePath(t.Context(), "/list"); err != nil {
				t.Fatal(err)
			}
			for target, want := range map[string]string{"/list": "/list 1", "/list?q=1": "/list?q=1 1", "/page/1": "/page/1 0"} {
				if got := s.get(target); got.body != want {
					t.Errorf("got %q, want %q", got.body, want)
				}
			}
		},
		"everything ends": func(t *testing.T, s *storeSite) {
			t.Helper()
			s.get("/list")
			s.get("/page/1")
			s.data.Add(1)
			if err := s.cache.PurgeAll(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, target := range []string{"/list", "/page/1"} {
				if got := s.get(target); got.body != target+" 1" {
					t.Errorf("got %q", got.body)
				}
			}
		},
		"a purge of what was never stored": func(t *testing.T, s *storeSite) {
			t.Helper()
			if err := s.cache.Purge(t.Context(), "page:1", "page:"+strings.Repeat("long", 1000), "page:\x00{}\n"); err != nil {
				t.Fatal(err)
			}
			s.get("/page/1")
			if got := s.get("/page/1"); !strings.HasPrefix(got.says(), "hit") {
				t.Errorf("got %s", got.says())
			}
		},
		"a soft purge shows the page once more": func(t *testing.T, s *storeSite) {
			t.Helper()
			s.get("/old/1")
			s.data.Add(1)
			if err := s.cache.SoftPurge(t.Context(), "old"); err != nil {
				t.Fatal(err)
			}
			// Where Run is not running, the first request makes it anew itself.
			if got := s.get("/old/1"); got.body != "/old/1 0" && got.body != "/old/1 1" {
				t.Errorf("got %+v", got)
			}
			until(t, func() bool { return s.get("/old/1").body == "/old/1 1" })
			until(t, func() bool { return strings.HasPrefix(s.get("/old/1").says(), "hit") })
			calls := s.calls.Load()
			if err := s.cache.Purge(t.Context(), "old"); err != nil {
				t.Fatal(err)
			}
			s.get("/old/1")
			s.expectCalls(calls + 1)
		},
		"a status, a Vary and groups are stored": func(t *testing.T, s *storeSite) {
			t.Helper()
			for i, target := range []string{"/follow/1", "/follow/gone"} {
				for _, language := range []string{"de", "en"} {
					miss := s.get(target, "Accept-Language: "+language)
					hit := s.get(target, "Accept-Language: "+language)
					if miss.status != []int{200, 410}[i] || hit.status != miss.status || !strings.HasPrefix(hit.says(), "hit") || hit.body != miss.body {
						t.Errorf("%s: got %+v, then %+v", target, miss, hit)
					}
				}
			}
			s.expectCalls(4)
			s.data.Add(1)
			s.do(http.MethodPost, "/elsewhere") // invalidates the group "one"
			if got := s.get("/follow/1", "Accept-Language: de"); got.body != "/follow/1 1" {
				t.Errorf("after the group's purge: %+v", got)
			}
			if got := s.get("/follow/1", "Accept-Language: de"); !strings.HasPrefix(got.says(), "hit") {
				t.Errorf("the new page is not stored: %s", got.says())
			}
		},
		"a group is purged while its page is made": func(t *testing.T, s *storeSite) {
			t.Helper()
			purge := func() { s.do(http.MethodPost, "/elsewhere") }
			for range 3 { // with and without generations of the groups
				s.hold.Store(&purge)
				if got := s.get("/follow/1"); strings.Contains(got.says(), "stored") {
					t.Errorf("stored: %+v", got)
				}
				s.hold.Store(nil)
				s.data.Add(1)
				want := fmt.Sprintf("/follow/1 %d", s.data.Load())
				for range 2 {
					if got := s.get("/follow/1"); got.body != want {
						t.Errorf("got %q, want %q", got.body, want)
					}
				}
				purge()
			}
		},
		"a tag is purged while its page is made": func(t *testing.T, s *storeSite) {
			t.Helper()
			purge := func() {
				if err := s.cache.Purge(context.Background(), "page:1"); err != nil {
					t.Error(err)
				}
			}
			for range 3 { // with and without a generation of the tag
				s.hold.Store(&purge)
				if got := s.get("/page/1"); strings.Contains(got.says(), "stored") {
					t.Errorf("stored: %+v", got)
				}
				s.hold.Store(nil)
				s.data.Add(1)
				want := fmt.Sprintf("/page/1 %d", s.data.Load())
				for range 2 {
					if got := s.get("/page/1"); got.body != want {
						t.Errorf("got %q, want %q", got.body, want)
					}
				}
				if err := s.cache.Purge(t.Context(), "page:1"); err != nil {
					t.Fatal(err)
				}
			}
		},
		"values are stored and purged": func(t *testing.T, s *storeSite) {
			t.Helper()
			calls := 0
			load := func() int64 {
				v, err := cache.Load(t.Context(), s.cache, cache.LoadKey{Name: "rates", Args: []string{"eur"}}, func(context.Context) (int64, error) {
					calls++
					return s.data.Load(), nil
				})
				if err != nil {
					t.Error(err)
				}
				return v
			}
			load()
			load()
			s.data.Add(1)
			if err := s.cache.Purge(t.Context(), "rates:eur"); err != nil {
				t.Fatal(err)
			}
			if got := load(); got != 1 || calls != 2 {
				t.Errorf("got %d after %d calls", got, calls)
			}
		},
		"a page that the handler takes back is dropped": func(t *testing.T, s *storeSite) {
			t.Helper()
			s.get("/follow/1")
			if got := s.get("/follow/1"); !strings.HasPrefix(got.says(), "hit") {
				t.Errorf("got %s", got.says())
			}
			s.data.Add(1)
			if got := s.get("/follow/1", "Cache-Control: no-cache", "X-Private: 1"); got.body != "/follow/1 1" {
				t.Errorf("got %+v", got)
			}
			if got := s.get("/follow/1"); got.body != "/follow/1 1" || !strings.HasPrefix(got.says(), "fwd=miss") {
				t.Errorf("the page is still there: %+v", got)
			}
		},
		"a large page is stored whole": func(t *testing.T, s *storeSite) {
			t.Helper()
			miss, hit := s.get("/page/large"), s.get("/page/large")
			if len(miss.body) < 300_000 || hit.body != miss.body || !strings.HasPrefix(hit.says(), "hit") {
				t.Errorf("got %d bytes, then %d, %s", len(miss.body), len(hit.body), hit.says())
			}
		},
		"purges and pages at once": func(t *testing.T, s *storeSite) {
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
					n := s.data.Add(1)
					if err := s.cache.Purge(context.Background(), "page:1"); err != nil {
						t.Error(err)
					}
					purged.Store(n)
				}
			})
			wg.Wait()
		},
	}
	for _, on := range servers() {
		t.Run(on.name, func(t *testing.T) {
			t.Parallel()
			if on.start == nil {
				for name, test := range tests {
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						test(t, newStoreSite(t, nil))
					})
				}
				return
			}
			open := on.start(t)
			for i, mode := range modes {
				for name, test := range tests {
					t.Run(mode.name+"/"+name, func(t *testing.T) {
						t.Parallel()
						cfg := mode.cfg
						cfg.Prefix, cfg.Timeout = fmt.Sprintf("%d %s", i, name), patient
						store := open(t, cfg)
						cache.SetBlock(store, 50*time.Millisecond)
						s := newStoreSite(t, store)
						if mode.leased && !cfg.Strict {
							leased(t, s.cache, store)
						} else if mode.leased {
							inBackground(t, s.cache)
						}
						test(t, s)
					})
				}
			}
		})
	}
}

// storeSite is a site whose handler answers with the state of some data.
type storeSite struct {
	*site
	data *atomic.Int64
	// hold, where it is set, is called while a handler runs, which has read
	// the data.
	hold atomic.Pointer[func()]
}

func newStoreSite(t *testing.T, store cache.Store) *storeSite {
	t.Helper()
	s := &storeSite{data: new(atomic.Int64)}
	cfg := cache.Config{
		Store: store,
		Policies: append(pages(),
			cache.Policy{Pattern: "GET /old/", Class: cache.Revalidate, TTL: time.Minute, StaleWhileRevalidate: time.Minute, Tags: []string{"old"}},
			cache.Policy{Pattern: "GET /follow/", Class: cache.Follow, ExpiryOnly: "the handler says"}),
		Loads: []cache.LoadPolicy{{Name: "rates", Args: []string{"of"}, TTL: time.Minute, Tags: []string{"rates:{of}"}}},
	}
	s.site = newSite(t, cfg, func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["X-Two"] = []string{"a", "b"}
		switch {
		case r.Method == http.MethodPost:
			h.Set("Cache-Group-Invalidation", `"one"`)
			return
		case strings.HasPrefix(r.URL.Path, "/follow/"):
			h.Set("Cache-Control", "max-age=60")
			h.Set("Cache-Groups", `"one", "two"`)
			h.Set("Vary", "Accept-Language")
			if r.Header.Get("X-Private") != "" {
				h.Set("Cache-Control", "private")
			}
			if strings.HasSuffix(r.URL.Path, "/gone") {
				w.WriteHeader(http.StatusGone)
			}
		}
		body := fmt.Sprintf("%s %d", r.URL.RequestURI(), s.data.Load())
		if hold := s.hold.Load(); hold != nil {
			(*hold)()
		}
		if strings.HasSuffix(r.URL.Path, "/large") {
			body += strings.Repeat(" large", 50_000)
		}
		_, _ = io.WriteString(w, body)
	})
	return s
}
