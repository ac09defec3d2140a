package cache_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/cache"
)

// floor is a ResponseWriter that costs as little as one can.
type floor struct{ header http.Header }

func (f *floor) Header() http.Header       { return f.header }
func (*floor) Write(p []byte) (int, error) { return len(p), nil }
func (*floor) WriteHeader(int)             {}

// benchmarked is a cache with ten policies, around a handler whose page has
// five headers.
func benchmarked(b *testing.B, size int, cfg cache.Config) (*cache.Cache, http.Handler) {
	b.Helper()
	for i := range 8 {
		cfg.Policies = append(cfg.Policies, cache.Policy{Pattern: fmt.Sprintf("GET /other%d/{id}", i), Class: cache.NoCache})
	}
	cfg.Policies = append(cfg.Policies, pages()[:2]...)
	body := []byte(strings.Repeat("x", size))
	c := newCache(b, cfg)
	return c, c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Language", "en")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'self'")
		_, _ = w.Write(body)
	}))
}

func BenchmarkHit(b *testing.B) {
	for _, size := range []int{1 << 10, 64 << 10} {
		for _, target := range []string{"/page/1", "/list?q=chairs&page=2"} {
			b.Run(fmt.Sprintf("%dKiB%s", size>>10, target), func(b *testing.B) {
				_, h := benchmarked(b, size, cache.Config{})
				r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, target, http.NoBody)
				w := &floor{http.Header{}}
				h.ServeHTTP(w, r)
				clear(w.header)
				b.ReportAllocs()
				for b.Loop() {
					h.ServeHTTP(w, r)
					delete(w.header, "Cache-Status") // a server's map is empty each time
					delete(w.header, "Vary")
				}
			})
		}
	}
}

func BenchmarkHitParallel(b *testing.B) {
	_, h := benchmarked(b, 1<<10, cache.Config{})
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/page/1", http.NoBody)
	h.ServeHTTP(&floor{http.Header{}}, r)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		w := &floor{http.Header{}}
		for pb.Next() {
			h.ServeHTTP(w, r)
			delete(w.header, "Cache-Status")
		}
	})
}

func BenchmarkMiss(b *testing.B) {
	for _, size := range []int{1 << 10, 64 << 10} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			c, h := benchmarked(b, size, cache.Config{})
			r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/page/1", http.NoBody)
			w := &floor{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				_ = c.PurgeAll(b.Context())
				clear(w.header)
				h.ServeHTTP(w, r)
			}
		})
	}
}

func BenchmarkUnmatched(b *testing.B) {
	c := newCache(b, cache.Config{})
	h := c.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/elsewhere", http.NoBody)
	w := &floor{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}

func BenchmarkPurge(b *testing.B) {
	for _, entries := range []int{10, 1_000, 100_000} {
		b.Run(fmt.Sprint(entries), func(b *testing.B) {
			c, h := benchmarked(b, 100, cache.Config{MaxBytes: 1 << 30}) // all of them are held
			for i := range entries {
				h.ServeHTTP(&floor{http.Header{}}, httptest.NewRequestWithContext(b.Context(), http.MethodGet, fmt.Sprintf("/list?q=%d", i), http.NoBody))
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := c.Purge(b.Context(), "list"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A hit is the hot path: the key, and now and then a new second.
func TestAHitAllocatesLittle(t *testing.T) { // not parallel: others would be counted
	h := newCache(t, cache.Config{}).Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 64<<10))
	}))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/page/1", http.NoBody)
	w := &floor{http.Header{}}
	h.ServeHTTP(w, r)
	allocs := testing.AllocsPerRun(100, func() {
		delete(w.header, "Cache-Status")
		h.ServeHTTP(w, r)
	})
	if allocs > 2 {
		t.Errorf("%v allocations", allocs)
	}
}

// Keys that are not storable, before and after as many are remembered as may be.
func BenchmarkAloneFull(b *testing.B) {
	c, err := cache.New(cache.Config{Policies: []cache.Policy{{Pattern: "/", Class: cache.ShortCache, TTL: time.Minute, ExpiryOnly: "x"}}})
	if err != nil {
		b.Fatal(err)
	}
	h := c.Middleware(http.NotFoundHandler())
	i := 0
	one := func() {
		i++
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/"+strings.Repeat("x", i%97)+string(rune('a'+i%26))+time.Duration(i).String(), nil))
	}
	b.Run("room", func(b *testing.B) {
		for range b.N {
			one()
		}
	})
	b.Run("full", func(b *testing.B) {
		for range 5000 {
			one()
		}
		for b.Loop() {
			one()
		}
	})
}
