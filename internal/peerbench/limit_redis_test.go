package peerbench_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-chi/httprate"
	httprateredis "github.com/go-chi/httprate-redis"
	"github.com/redis/go-redis/v9"

	"github.com/launchready/readiness/internal/redistest"
	"github.com/launchready/readiness/ratelimit"
)

// BenchmarkLimitRedis limits by address with counts in a real redis-server,
// from 64 goroutines: near ("near") and behind a proxy that adds 3 ms to each
// trip ("3ms"), for one key ("hot") and for 10,000 in turn ("10k"). No request
// is denied, so that none is answered without Redis.
func BenchmarkLimitRedis(b *testing.B) {
	const goroutines = 64
	remotes := make([]string, 10_000)
	for i := range remotes {
		remotes[i] = net.JoinHostPort(net.IPv4(10, 0, byte(i>>8), byte(i)).String(), "40000")
	}
	for _, place := range []struct {
		name  string
		delay time.Duration
	}{{"near", 0}, {"3ms", 3 * time.Millisecond}} {
		for _, keys := range []struct {
			name string
			n    int
		}{{"hot", 1}, {"10k", len(remotes)}} {
			for _, lib := range []struct {
				name string
				make func(tb testing.TB, addr string) http.Handler
			}{
				{"readiness", readinessRedis},
				{"httprate", httprateRedis},
			} {
				b.Run(lib.name+"-"+place.name+"-"+keys.name, func(b *testing.B) {
					addr := redistest.Start(b)
					if place.delay > 0 {
						addr = delayed(b, addr, place.delay)
					}
					h := lib.make(b, addr)
					if status := send(h, remotes[0]); status != http.StatusNoContent {
						b.Fatalf("the first request was answered %d", status)
					}
					b.SetParallelism((goroutines + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
					var worker, failed atomic.Int64
					b.ResetTimer()
					b.RunParallel(func(pb *testing.PB) {
						i := int(worker.Add(1)) * 157
						for pb.Next() {
							i++
							if send(h, remotes[i%keys.n]) != http.StatusNoContent {
								failed.Add(1)
							}
						}
					})
					b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
					if n := failed.Load(); n > 0 {
						b.Errorf("%d requests failed", n)
					}
				})
			}
		}
	}
}

func readinessRedis(tb testing.TB, addr string) http.Handler {
	client := redis.NewClient(&redis.Options{Addr: addr})
	tb.Cleanup(func() { _ = client.Close() })
	l, err := ratelimit.New(ratelimit.Config{
		Rules: []ratelimit.Rule{{Name: "login", Pattern: "POST /login", Limit: 1_000_000, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}}},
		Store: ratelimit.NewRedisStore(client, ratelimit.RedisConfig{Timeout: time.Second}), Secret: bytes.Repeat([]byte("s"), 32),
		OnEvent: func(e ratelimit.Event) {
			if e.Kind == ratelimit.StoreDown {
				tb.Errorf("Redis was given up: %s", e.Reason)
			}
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return l.Middleware(okHandler)
}

// httprateRedis has a long time-out, so that it does not fall back either. Its
// client is its own, because this version takes no other, and is never closed.
func httprateRedis(tb testing.TB, addr string) http.Handler {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		tb.Fatal(err)
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		tb.Fatal(err)
	}
	counter, err := httprateredis.NewRedisLimitCounter(&httprateredis.Config{
		Host: host, Port: uint16(port), FallbackDisabled: true, FallbackTimeout: 30 * time.Second,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return httprate.LimitBy(1_000_000, time.Hour, func(r *http.Request) (string, error) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		return httprate.CanonicalizeIP(host), err
	}, httprate.WithLimitCounter(counter))(okHandler)
}

// delayed starts a proxy before a server, which lets what is sent arrive half
// of the delay later in each direction.
func delayed(tb testing.TB, server string, delay time.Duration) (addr string) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", server)
			if err != nil {
				_ = near.Close()
				continue
			}
			go relay(far, near, delay/2)
			go relay(near, far, delay/2)
		}
	}()
	tb.Cleanup(func() { _ = l.Close() }) // what is connected ends with the server
	return l.Addr().String()
}

// relay copies one direction until it ends, and ends the other one with it.
func relay(to, from net.Conn, delay time.Duration) {
	type packet struct {
		data []byte
		due  time.Time
	}
	packets := make(chan packet, 1024)
	go func() {
		defer close(packets)
		for {
			buf := make([]byte, 64<<10)
			n, err := from.Read(buf)
			if n > 0 {
				packets <- packet{buf[:n], time.Now().Add(delay)}
			}
			if err != nil {
				return
			}
		}
	}()
	var err error
	for p := range packets {
		if err == nil {
			time.Sleep(time.Until(p.due))
			_, err = io.Copy(to, bytes.NewReader(p.data))
		}
	}
	_ = errors.Join(to.Close(), from.Close()) // the other direction may have done so
}
