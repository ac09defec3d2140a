package cache_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/internal/redistest"
)

// nearSite returns a cache over a Redis with a bound, around a handler of pages
// of random sizes.
func nearSite(t *testing.T, addr string, bound int64, body int) (cache.Store, http.Handler) {
	t.Helper()
	store := cache.NewRedisStore(client(t, addr), cache.RedisConfig{NearBytes: bound, Timeout: patient})
	c := newCache(t, cache.Config{
		Store:    store,
		Policies: []cache.Policy{{Pattern: "GET /{name}", Class: cache.ShortCache, TTL: time.Hour, Tags: []string{"all", "name:{name}"}}},
	})
	return store, c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := range rand.IntN(20) {
			w.Header().Set(fmt.Sprintf("X-Field-%d", i), strings.Repeat("v", rand.IntN(60)))
		}
		_, _ = w.Write(make([]byte, rand.IntN(body)))
	}))
}

// The pages in the process stay within the bound and are reckoned at what they
// take: those that were made here, and those that were read from Redis. It is
// not parallel: the memory of others would be counted.
func TestNearBytesStayWithinTheBound(t *testing.T) {
	if testing.Short() {
		t.Skip("measures the heap: not with -short")
	}
	const bound = 16 << 20
	for _, size := range []int{200, 5_000, 200_000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			addr := redistest.Start(t)
			_, other := nearSite(t, addr, 1, size)
			pages := 3 * bound / 2 / (2_000 + size/2)
			for i := range pages / 2 {
				other.ServeHTTP(&floor{http.Header{}}, httptest.NewRequest(http.MethodGet, fmt.Sprintf("/%d", i), http.NoBody))
			}
			before := heap()
			store, h := nearSite(t, addr, bound, size)
			w := &floor{http.Header{}}
			most := uint64(0)
			for i := range pages {
				for range 2 { // the second time it is a hit, which remembers what it says
					clear(w.header)
					h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, fmt.Sprintf("/%d", i), http.NoBody))
				}
				if i%max(1, pages/100) == 0 {
					held, _ := cache.Near(store)
					most = max(most, held)
				}
			}
			held, n := cache.Near(store)
			most = max(most, held)
			if most > bound || most < bound*8/10 {
				t.Errorf("%d bytes were held at most, the bound is %d", most, bound)
			}
			grown := heap() - before
			ratio := float64(grown) / float64(held)
			if float64(grown) > bound*1.05 || ratio < 0.75 {
				t.Errorf("%d pages are reckoned at %d bytes and take %d, %.2f as many; want 0.75 at least, and at most 1.05 of the bound", n, held, grown, ratio)
			}
			t.Logf("%d pages, %d bytes reckoned, %.2f of that in use", n, held, ratio)
			runtime.KeepAlive(store)
		})
	}
}

// When those who write at once are done, the bound holds.
func TestNearBytesAfterManyWrite(t *testing.T) {
	t.Parallel()
	const bound, writers = 1 << 20, 16
	store, h := nearSite(t, redistest.Start(t), bound, 30_000)
	for round := range 30 {
		var writing sync.WaitGroup
		for i := range writers {
			writing.Go(func() {
				h.ServeHTTP(&floor{http.Header{}}, httptest.NewRequest(http.MethodGet, fmt.Sprintf("/%d", round*writers+i), http.NoBody))
			})
		}
		writing.Wait()
		if held, _ := cache.Near(store); held > bound {
			t.Fatalf("round %d: %d bytes are held, the bound is %d", round, held, bound)
		}
	}
	if held, _ := cache.Near(store); held < bound*8/10 {
		t.Errorf("%d bytes are held in the end, the bound is %d", held, bound)
	}
}
