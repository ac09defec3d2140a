package peerbench_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gregjones/httpcache"

	"github.com/launchready/readiness/cache"
)

// discard is the ResponseWriter of every contestant: it keeps what a server
// keeps while it answers, the header map, and copies no body.
type discard struct {
	header http.Header
	status int
	bytes  int
}

func newDiscard() *discard { return &discard{header: http.Header{}} }

func (d *discard) Header() http.Header { return d.header }

func (d *discard) WriteHeader(status int) {
	if d.status == 0 {
		d.status = status
	}
}

func (d *discard) Write(p []byte) (int, error) {
	d.WriteHeader(http.StatusOK)
	d.bytes += len(p)
	return len(p), nil
}

// reset makes the writer that of another request.
func (d *discard) reset() {
	clear(d.header)
	d.status, d.bytes = 0, 0
}

// pageHeader are the five headers of the page.
var pageHeader = [...][2]string{
	{"Content-Type", "text/html; charset=utf-8"},
	{"Content-Language", "en"},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "same-origin"},
	{"Content-Security-Policy", "default-src 'self'"},
}

// page is a handler with a body of that many bytes and five headers.
func page(size int) http.Handler {
	body := bytes.Repeat([]byte("x"), size)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		for _, f := range pageHeader {
			h.Set(f[0], f[1])
		}
		_, _ = w.Write(body)
	})
}

// contestant is a cache around a handler. forget ends the page of path.
type contestant struct {
	handler http.Handler
	forget  func(path string)
}

// floor does what no cache can do without: it hands over headers and a body
// that were made before.
func floor(_ testing.TB, size int) contestant {
	body := bytes.Repeat([]byte("x"), size)
	header := make(map[string][]string, len(pageHeader))
	for _, f := range pageHeader {
		header[f[0]] = []string{f[1]}
	}
	return contestant{handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		maps.Copy(h, header)
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(body)
	})}
}

// readiness is this module's cache, in the process, with ten policies.
func readiness(tb testing.TB, size int) contestant {
	pages := tenPolicies(tb, 0)
	return contestant{
		handler: pages.Middleware(page(size)),
		forget: func(string) {
			if err := pages.Purge(context.Background(), "pages"); err != nil {
				tb.Fatal(err)
			}
		},
	}
}

// tenPolicies keeps /page/{id} and nine more. maxBytes is 0 for the default.
func tenPolicies(tb testing.TB, maxBytes int64) *cache.Cache {
	tb.Helper()
	policies := []cache.Policy{
		{Pattern: "GET /page/{id}", Class: cache.ShortCache, TTL: time.Hour, Tags: []string{"pages"}},
		{Pattern: "GET /other/{id}", Class: cache.ShortCache, TTL: time.Hour, Tags: []string{"others"}},
	}
	for i := len(policies); i < 10; i++ {
		policies = append(policies, cache.Policy{Pattern: fmt.Sprintf("GET /section%d/{id}", i), Class: cache.NoCache})
	}
	pages, err := cache.New(cache.Config{Policies: policies, MaxBytes: maxBytes})
	if err != nil {
		tb.Fatal(err)
	}
	return pages
}

// gregjones is a RoundTripper that caches what an origin answers, here with a
// handler that passes its answer on, as a proxy does. It says in a header which
// answers come from it, as ours does. The origin is a function call away.
func gregjones(_ testing.TB, size int) contestant {
	memory := httpcache.NewMemoryCache()
	transport := httpcache.NewTransport(memory)
	origin := page(size)
	transport.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		origin.ServeHTTP(w, r)
		res := w.Result()
		res.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
		res.Header.Set("Cache-Control", "max-age=3600")
		return res, nil
	})
	const host = "http://market.example"
	return contestant{
		handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			out := *r
			u := *r.URL
			u.Scheme, u.Host = "http", "market.example"
			out.URL, out.RequestURI = &u, ""
			res, err := transport.RoundTrip(&out)
			if err != nil {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			h := w.Header()
			maps.Copy(h, res.Header)
			w.WriteHeader(res.StatusCode)
			_, _ = io.Copy(w, res.Body) // to the end: that is when it stores
			_ = res.Body.Close()
		}),
		forget: func(path string) { memory.Delete(host + path) },
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

var contestants = []struct {
	name string
	make func(tb testing.TB, size int) contestant
}{{"floor", floor}, {"readiness", readiness}, {"gregjones", gregjones}}

var sizes = []int{1 << 10, 64 << 10}

func sized(name string, size int) string { return name + "-" + strconv.Itoa(size>>10) + "KiB" }

const benchPath = "/page/1"

func request(path string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	r.Header.Set("Accept", "text/html")
	r.Header.Set("User-Agent", "peerbench")
	return r
}

// BenchmarkCacheHit answers the same request again and again from the cache.
func BenchmarkCacheHit(b *testing.B) {
	for _, c := range contestants {
		for _, size := range sizes {
			b.Run(sized(c.name, size), func(b *testing.B) {
				contestant, w, r := c.make(b, size), newDiscard(), request(benchPath)
				contestant.handler.ServeHTTP(w, r) // a miss
				runtime.GC()
				b.ReportAllocs()
				for b.Loop() {
					w.reset()
					contestant.handler.ServeHTTP(w, r)
				}
				checkPage(b, w, size)
			})
		}
	}
}

// BenchmarkCacheMiss makes each page anew: the page is forgotten, by a purge of
// its tag or by a deletion of its key, and asked for.
func BenchmarkCacheMiss(b *testing.B) {
	for _, c := range contestants[1:] {
		for _, size := range sizes {
			b.Run(sized(c.name, size), func(b *testing.B) {
				contestant, w, r := c.make(b, size), newDiscard(), request(benchPath)
				contestant.handler.ServeHTTP(w, r)
				runtime.GC()
				b.ReportAllocs()
				for b.Loop() {
					contestant.forget(benchPath)
					w.reset()
					contestant.handler.ServeHTTP(w, r)
				}
				checkPage(b, w, size)
			})
		}
	}
}

// held is how many pages the caches of BenchmarkCachePurge hold.
const held = 100_000

// BenchmarkCachePurge purges a tag of that many pages. Every cache holds as
// many pages, so that the garbage collector has the same to do for all.
func BenchmarkCachePurge(b *testing.B) {
	for _, tagged := range []int{10, 1_000, held} {
		b.Run(strconv.Itoa(tagged), func(b *testing.B) {
			pages := filled(b, tagged, held)
			runtime.GC() // what filling it has left behind
			b.ReportAllocs()
			for b.Loop() {
				if err := pages.Purge(b.Context(), "pages"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// filled returns a cache with that many pages, of which some have the tag
// "pages" and the rest the tag "others".
func filled(tb testing.TB, tagged, all int) *cache.Cache {
	tb.Helper()
	pages := tenPolicies(tb, 1<<30) // none is pushed out
	h := pages.Middleware(page(100))
	w, r := newDiscard(), request(benchPath)
	get := func(i int) {
		prefix := "/other/"
		if i < tagged {
			prefix = "/page/"
		}
		r.URL.Path = prefix + strconv.Itoa(i)
		w.reset()
		h.ServeHTTP(w, r)
	}
	for i := range all {
		get(i)
	}
	for _, i := range []int{0, tagged - 1, all - 1} { // they are there
		if get(i); !strings.Contains(w.header.Get("Cache-Status"), "; hit") {
			tb.Fatalf("page %d: %q", i, w.header.Get("Cache-Status"))
		}
	}
	return pages
}

// The benchmarks' figures that no clock has a part in. It is not parallel: the
// allocations of others would be counted.
func TestCacheAllocations(t *testing.T) {
	for _, size := range sizes {
		run := func(c contestant) float64 {
			w, r := newDiscard(), request(benchPath)
			c.handler.ServeHTTP(w, r) // a miss
			return testing.AllocsPerRun(200, func() {
				w.reset()
				c.handler.ServeHTTP(w, r)
				checkPage(t, w, size)
			})
		}
		ours, theirs := run(readiness(t, size)), run(gregjones(t, size))
		if ours > 2 || theirs < 10*ours {
			t.Errorf("a hit of %d bytes: %v allocations, gregjones/httpcache %v; want at most 2, and a tenth", size, ours, theirs)
		}
	}
	allocs := map[int]float64{}
	for _, tagged := range []int{10, 1_000, 10_000} {
		pages := filled(t, tagged, 10_000)
		allocs[tagged] = testing.AllocsPerRun(200, func() {
			if err := pages.Purge(context.Background(), "pages"); err != nil {
				t.Fatal(err)
			}
		})
	}
	if allocs[10] != allocs[1_000] || allocs[10] != allocs[10_000] {
		t.Errorf("allocations of a purge by its pages: %v, want the same for all", allocs)
	}
}

// A purge reaches every page of its tag and no other, however many there are:
// the benchmark measures one that works.
func TestCachePurgeReachesItsPages(t *testing.T) {
	t.Parallel()
	const tagged, all = 300, 1_000
	pages := filled(t, tagged, all)
	if err := pages.Purge(t.Context(), "pages"); err != nil {
		t.Fatal(err)
	}
	before := pages.Snapshot()
	h, w, r := pages.Middleware(page(100)), newDiscard(), request(benchPath)
	for i := range all {
		prefix := "/other/"
		if i < tagged {
			prefix = "/page/"
		}
		r.URL.Path = prefix + strconv.Itoa(i)
		w.reset()
		h.ServeHTTP(w, r)
	}
	after := pages.Snapshot()
	missed, hit := after.Policies[0].Misses-before.Policies[0].Misses, after.Policies[1].Hits-before.Policies[1].Hits
	if missed != tagged || hit < (all-tagged)*9/10 { // two names may share a counter
		t.Errorf("after the purge %d of %d pages were made anew, and %d of %d others were hits", missed, tagged, hit, all-tagged)
	}
}

// checkPage fails unless the writer holds the whole page.
func checkPage(tb testing.TB, w *discard, size int) {
	tb.Helper()
	if w.status != http.StatusOK || w.bytes != size {
		tb.Fatalf("status %d, %d bytes of %d", w.status, w.bytes, size)
	}
	for _, f := range pageHeader {
		if got := w.header.Get(f[0]); got != f[1] {
			tb.Fatalf("%s: %q", f[0], got)
		}
	}
}
