package ratelimit_test

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-chi/httprate"

	"github.com/launchready/readiness/internal/redistest"
	"github.com/launchready/readiness/ratelimit"
)

// plainWriter costs nothing itself.
type plainWriter struct{ h http.Header }

func (w *plainWriter) Header() http.Header         { return w.h }
func (w *plainWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *plainWriter) WriteHeader(int)             {}

// peer limits by address on POST /login with httprate, as its documentation
// shows.
func peer(limit int) http.Handler {
	return httprate.LimitBy(limit, time.Minute, func(r *http.Request) (string, error) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		return httprate.CanonicalizeIP(host), err
	})(ok)
}

// ours does the same among ten patterns.
func ours(tb testing.TB, limit int) http.Handler {
	cfg := ratelimit.Config{Rules: []ratelimit.Rule{{Name: "login", Pattern: "POST /login", Limit: limit, Window: time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}}}}
	for _, p := range []string{"/signup", "/contact", "/listings", "/listings/{id}", "/listings/{id}/requests", "/webhooks/{provider}", "/admin/requests/{id}", "/reset", "/account/"} {
		cfg.Rules = append(cfg.Rules, ratelimit.Rule{Pattern: "POST " + p, Limit: limit, Window: time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}})
	}
	return mustNew(tb, cfg).Middleware(ok)
}

func BenchmarkLimit(b *testing.B) {
	remotes := make([]string, 100_000)
	for i := range remotes {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		remotes[i] = netip.AddrPortFrom(a, 40000).String()
	}
	for _, who := range []struct {
		name string
		make func(limit int) http.Handler
	}{
		{"readiness", func(limit int) http.Handler { return ours(b, limit) }},
		{"httprate", peer},
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
			b.Run(who.name+"-"+row.name, func(b *testing.B) {
				b.ReportAllocs()
				h := who.make(row.limit)
				var worker atomic.Int64
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
	b.Run("readiness-no-rule", func(b *testing.B) {
		b.ReportAllocs()
		h := ours(b, 1)
		w := &plainWriter{h: http.Header{}}
		r, _ := http.NewRequest("GET", "http://market.example/listings", nil)
		for b.Loop() {
			h.ServeHTTP(w, r)
		}
	})
}

// BenchmarkFlood counts keys that were never seen, far beyond the cap.
func BenchmarkFlood(b *testing.B) {
	b.ReportAllocs()
	l := mustNew(b, byAddress(5, time.Minute))
	i := 0
	for b.Loop() {
		flood(b, l, i, 1)
		i++
	}
}

func BenchmarkRedis(b *testing.B) {
	client := connect(b, redistest.Start(b))
	for _, rules := range []int{1, 3} {
		b.Run(strconv.Itoa(rules)+"-rules", func(b *testing.B) {
			b.ReportAllocs()
			cfg := ratelimit.Config{Store: ratelimit.NewRedisStore(client, ratelimit.RedisConfig{}), Secret: secret}
			for i := range rules {
				cfg.Rules = append(cfg.Rules, ratelimit.Rule{Name: strconv.Itoa(i), Limit: 1_000_000, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}})
			}
			h := mustNew(b, cfg).Middleware(ok)
			b.RunParallel(func(pb *testing.PB) {
				w := &plainWriter{h: http.Header{}}
				r, _ := http.NewRequest("POST", "http://market.example/login", nil)
				r.RemoteAddr = anna
				for pb.Next() {
					clear(w.h)
					h.ServeHTTP(w, r)
				}
			})
		})
	}
}
