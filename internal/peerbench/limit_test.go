package peerbench_test

import (
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-chi/httprate"
	"github.com/sethvargo/go-limiter/httplimit"
	"github.com/sethvargo/go-limiter/memorystore"
	"github.com/throttled/throttled/v2"
	"github.com/throttled/throttled/v2/store/memstore"
	"github.com/ulule/limiter/v3"
	ululehttp "github.com/ulule/limiter/v3/drivers/middleware/stdlib"
	"github.com/ulule/limiter/v3/drivers/store/memory"

	"github.com/launchready/readiness/ratelimit"
)

// BenchmarkLimit limits by address, with the response fields that each library
// sets by default: one key ("hot"), 100,000 keys in turn ("100k") and one key
// that is over its limit ("denied"). Ours has its rule on POST /login among ten
// patterns; the others have no table and are put around one route.
func BenchmarkLimit(b *testing.B) {
	remotes := make([]string, 100_000)
	for i := range remotes {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		remotes[i] = netip.AddrPortFrom(a, 40000).String()
	}
	for _, lib := range []struct {
		name string
		make func(tb testing.TB, limit int) http.Handler
	}{
		{"readiness", readinessLimit},
		{"httprate", httprateLimit},
		{"ulule", ululeLimit},
		{"sethvargo", sethvargoLimit},
		{"throttled", throttledLimit},
	} {
		for _, row := range []struct {
			name  string
			limit int
			key   func(i int) int
		}{
			{"hot", 1_000_000, func(i int) int { return i / 200_000 }}, // another one before the limit is reached
			{"100k", 1_000_000, func(i int) int { return i }},
			{"denied", 1, func(int) int { return 0 }},
		} {
			b.Run(lib.name+"-"+row.name, func(b *testing.B) {
				b.ReportAllocs()
				h := lib.make(b, row.limit)
				denied := send(h, remotes[0]) // the first is never denied
				for range 3 {
					denied = send(h, remotes[0])
				}
				if (denied == http.StatusTooManyRequests) != (row.name == "denied") {
					b.Fatalf("the fourth request was answered %d", denied)
				}
				var worker atomic.Int64
				b.ResetTimer()
				b.RunParallel(func(pb *testing.PB) {
					i := int(worker.Add(1)) * 50_000
					w := &plainWriter{h: http.Header{}}
					r, _ := http.NewRequest("POST", "http://market.example/login", nil)
					for pb.Next() {
						i++
						r.RemoteAddr = remotes[row.key(i)%len(remotes)]
						clear(w.h)
						h.ServeHTTP(w, r)
					}
				})
			})
		}
	}
}

// plainWriter costs nothing itself.
type plainWriter struct {
	h      http.Header
	status int
}

func (w *plainWriter) Header() http.Header         { return w.h }
func (w *plainWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *plainWriter) WriteHeader(status int)      { w.status = status }

func send(h http.Handler, remote string) int {
	w := &plainWriter{h: http.Header{}}
	r, _ := http.NewRequest("POST", "http://market.example/login", nil)
	r.RemoteAddr = remote
	h.ServeHTTP(w, r)
	return w.status
}

var okHandler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })

func readinessLimit(tb testing.TB, limit int) http.Handler {
	var rules []ratelimit.Rule
	for _, p := range []string{"/login", "/signup", "/contact", "/listings", "/listings/{id}", "/listings/{id}/requests", "/webhooks/{provider}", "/admin/requests/{id}", "/reset", "/account/"} {
		rules = append(rules, ratelimit.Rule{Name: p[1:], Pattern: "POST " + p, Limit: limit, Window: time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}})
	}
	l, err := ratelimit.New(ratelimit.Config{Rules: rules})
	if err != nil {
		tb.Fatal(err)
	}
	return l.Middleware(okHandler)
}

func httprateLimit(_ testing.TB, limit int) http.Handler {
	return httprate.LimitBy(limit, time.Minute, func(r *http.Request) (string, error) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		return httprate.CanonicalizeIP(host), err
	})(okHandler)
}

func ululeLimit(_ testing.TB, limit int) http.Handler {
	l := limiter.New(memory.NewStore(), limiter.Rate{Period: time.Minute, Limit: int64(limit)})
	return ululehttp.NewMiddleware(l).Handler(okHandler)
}

func sethvargoLimit(tb testing.TB, limit int) http.Handler {
	store, err := memorystore.New(&memorystore.Config{Tokens: uint64(limit), Interval: time.Minute})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = store.Close(tb.Context()) })
	m, err := httplimit.NewMiddleware(store, httplimit.IPKeyFunc())
	if err != nil {
		tb.Fatal(err)
	}
	return m.Handle(okHandler)
}

func throttledLimit(tb testing.TB, limit int) http.Handler {
	store, err := memstore.NewCtx(0)
	if err != nil {
		tb.Fatal(err)
	}
	l, err := throttled.NewGCRARateLimiterCtx(store, throttled.RateQuota{MaxRate: throttled.PerMin(limit), MaxBurst: limit - 1})
	if err != nil {
		tb.Fatal(err)
	}
	h := throttled.HTTPRateLimiterCtx{RateLimiter: l, VaryBy: &throttled.VaryBy{RemoteAddr: true}}
	return h.RateLimit(okHandler)
}
