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
)

// load is a kind of pages: how long their keys, headers and bodies are at most.
type load struct {
	name  string
	bound int64
	key   int
	names int // of headers
	value int
	body  int
}

var loads = []load{
	{name: "tiny", bound: 8 << 20, key: 20, body: 50},
	{name: "small", bound: 8 << 20, key: 60, names: 8, value: 40, body: 2_000},
	{name: "headers", bound: 8 << 20, key: 100, names: 40, value: 100, body: 500},
	{name: "keys", bound: 8 << 20, key: 3_000, names: 3, value: 20, body: 100},
	{name: "ordinary", bound: 16 << 20, key: 60, names: 10, value: 60, body: 60_000},
	{name: "large", bound: 32 << 20, key: 60, names: 5, value: 40, body: 900_000},
}

// site returns a cache with the load's bound around a handler of such pages,
// each of random size.
func (l load) site(t *testing.T) (*cache.Cache, http.Handler) {
	t.Helper()
	c := newCache(t, cache.Config{
		MaxBytes: l.bound,
		Policies: []cache.Policy{{Pattern: "GET /{name}", Class: cache.ShortCache, TTL: time.Hour, Tags: []string{"all", "name:{name}"}}},
	})
	return c, c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := range l.names {
			w.Header().Set(fmt.Sprintf("X-Field-%d", i), strings.Repeat("v", rand.IntN(l.value)))
		}
		_, _ = w.Write(make([]byte, rand.IntN(l.body)))
	}))
}

// request asks for the page of that number.
func (l load) request(number int) *http.Request {
	return httptest.NewRequest(http.MethodGet, fmt.Sprintf("/%s%d", strings.Repeat("k", rand.IntN(l.key)), number), http.NoBody)
}

// visits is how many pages fill the bound once and a half.
func (l load) visits() int {
	return int(3 * l.bound / 2 / int64(1_000+l.key/2+l.names*(100+l.value/2)+l.body/2))
}

// heap returns how many bytes are in use.
func heap() int64 {
	runtime.GC()
	runtime.GC() // what the first one has queued for finalizers
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What the store reckons that it holds stays within its bound, and is what it
// holds. It is not parallel: the memory of others would be counted.
func TestBytesHeldStayWithinTheBound(t *testing.T) {
	if testing.Short() {
		t.Skip("measures the heap: not with -short")
	}
	for _, l := range loads {
		t.Run(l.name, func(t *testing.T) {
			c, h := l.site(t)
			w := &floor{http.Header{}}
			before := heap() // with the counters of purges, half a mebibyte in any case
			most, full := uint64(0), l.visits()
			for i := range full {
				r := l.request(i)
				for range 2 { // the second time it is a hit, which remembers what it says
					clear(w.header)
					h.ServeHTTP(w, r)
				}
				if i%max(1, full/100) == 0 {
					held, _ := cache.Held(c)
					most = max(most, held)
				}
			}
			held, pages := cache.Held(c)
			most = max(most, held)
			if most > uint64(l.bound) || most < uint64(l.bound)*8/10 {
				t.Errorf("%d bytes were held at most, the bound is %d", most, l.bound)
			}
			if sum := cache.Weight(c); sum != held {
				t.Errorf("the store's sum is %d, its pages make %d", sum, held)
			}
			grown := heap() - before
			ratio := float64(grown) / float64(held)
			if limit := float64(l.bound) * 1.05; float64(grown) > limit || ratio < 0.8 {
				t.Errorf("%d pages are reckoned at %d bytes and take %d, %.2f as many; want 0.8 at least, and at most 1.05 of the bound", pages, held, grown, ratio)
			}
			t.Logf("%d pages, %d bytes reckoned, %.2f of that in use", pages, held, ratio)
			runtime.KeepAlive(c)
		})
	}
}

// When those who write at once are done, the bound holds: none of them has
// left it to the next one to push out what is too much.
func TestBytesHeldAfterManyWrite(t *testing.T) {
	t.Parallel()
	l := load{bound: 4 << 20, key: 60, names: 10, value: 60, body: 60_000}
	c, h := l.site(t)
	const writers, rounds = 16, 150
	for round := range rounds {
		var writing sync.WaitGroup
		for i := range writers {
			writing.Go(func() { h.ServeHTTP(&floor{http.Header{}}, l.request(round*writers+i)) })
		}
		writing.Wait()
		if held, _ := cache.Held(c); held > uint64(l.bound) {
			t.Fatalf("round %d: %d bytes are held, the bound is %d", round, held, l.bound)
		}
	}
	if held, _ := cache.Held(c); held < uint64(l.bound)*8/10 {
		t.Errorf("%d bytes are held in the end, the bound is %d", held, l.bound)
	}
}
