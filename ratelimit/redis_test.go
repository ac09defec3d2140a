package ratelimit_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/launchready/readiness/internal/redistest"
	"github.com/launchready/readiness/ratelimit"
)

var secret = []byte(strings.Repeat("s", 32))

// connect returns a patient client that is closed with the test.
func connect(tb testing.TB, addr string) *redis.Client {
	tb.Helper()
	c := redis.NewClient(&redis.Options{
		Addr: addr, ContextTimeoutEnabled: true, ReadTimeout: time.Minute, PoolTimeout: time.Minute,
	})
	tb.Cleanup(func() { _ = c.Close() })
	return c
}

// inRedis is one replica's limiter, with the rules r (by address) and site. It
// waits for Redis: a loaded test machine must not turn into a fallback.
func inRedis(tb testing.TB, client redis.UniversalClient, limit int, window time.Duration, log *zap.Logger) *ratelimit.Limiter {
	tb.Helper()
	return ratelimit.Patient(mustNew(tb, ratelimit.Config{
		Rules: []ratelimit.Rule{
			{Name: "r", Pattern: "POST /r", Limit: limit, Window: window, Keys: []ratelimit.Key{ratelimit.IP()}},
			{Name: "site", Limit: 1000, Window: window, Keys: []ratelimit.Key{ratelimit.IP()}},
		},
		Store:  ratelimit.NewRedisStore(client, ratelimit.RedisConfig{}),
		Secret: secret, Logger: log,
	}))
}

// The script decides as view and cell do: the same charges at the same times,
// counted by a plain log.
func TestScriptAgainstAPlainLog(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	const limit, window = 7, 10_000
	core, logs := observer.New(zap.WarnLevel)
	l := ratelimit.AlwaysAsk(inRedis(t, connect(t, server.Addr()), limit, window*time.Millisecond, zap.New(core)))
	now := time.UnixMilli(1_763_000_000_123)
	var log []int64
	seed := uint64(1)
	requests := 1500
	if testing.Short() {
		requests = 300
	}
	for range requests {
		seed = seed*6364136223846793005 + 1442695040888963407
		step := time.Duration(seed>>33%2500) * time.Millisecond
		now = now.Add(step)
		server.SetTime(now)
		server.FastForward(step)
		ms := now.UnixMilli()
		var cur, prev int64
		for _, at := range log {
			switch ms/window - at/window {
			case 0:
				cur++
			case 1:
				prev++
			}
		}
		used := ratelimit.Used(cur, prev, ms%window, window)
		d := allow(t, l, "192.0.2.1")
		if logs.Len() > 0 {
			t.Fatalf("fell back: %v", logs.All())
		}
		if want := used < limit; d.Allowed != want {
			t.Fatalf("at %d ms, used %d: allowed %t", ms, used, d.Allowed)
		}
		if d.Allowed {
			log = append(log, ms)
			cur, used = cur+1, used+1
		}
		if d.Remaining != int(limit-used) {
			t.Fatalf("at %d ms: remaining %d, want %d", ms, d.Remaining, limit-used)
		}
		if want := ratelimit.Until(cur, prev, ms%window, window, limit-1); d.RetryAfter.Milliseconds() != want {
			t.Fatalf("at %d ms: retry after %s, want %d ms", ms, d.RetryAfter, want)
		}
	}
	// A server whose clock goes back by two windows forgets nothing.
	for range limit {
		allow(t, l, "192.0.2.2")
	}
	server.SetTime(now.Add(-2 * window * time.Millisecond))
	if allow(t, l, "192.0.2.2").Allowed {
		t.Error("a clock that went back gave a fresh allowance")
	}
}

func TestReplicasShareOneLimit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		addr func(*testing.T) string
	}{
		{name: "miniredis", addr: func(t *testing.T) string { return miniredis.RunT(t).Addr() }},
		{name: "redis-server", addr: func(t *testing.T) string { return redistest.Start(t) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			addr := tt.addr(t)
			core, logs := observer.New(zap.WarnLevel)
			var admitted atomic.Int64
			var all sync.WaitGroup
			for range 4 { // replicas
				l := inRedis(t, connect(t, addr), 100, time.Hour, zap.New(core))
				for range 16 {
					all.Go(func() {
						for range 31 {
							if allow(t, l, "192.0.2.1").Allowed {
								admitted.Add(1)
							}
						}
					})
				}
			}
			all.Wait()
			if logs.Len() > 0 {
				t.Fatalf("fell back: %v", logs.All())
			}
			if got := admitted.Load(); got != 100 {
				t.Errorf("admitted %d of 1984, want exactly 100", got)
			}
		})
	}
}

// One request is one trip, whatever the number of its rules; a denial charges
// nothing, and for a second there is no trip at all.
func TestOneTripAllOrNothing(t *testing.T) {
	t.Parallel()
	client := connect(t, redistest.Start(t)) // used itself, so that its hooks run
	var trips tripCounter
	client.AddHook(&trips)
	l := inRedis(t, client, 2, time.Hour, nil)
	h := l.Middleware(ok)
	send(h, "POST", "/r", anna) // dials, and loads the script
	trips.n.Store(0)
	for i, want := range []int{204, 429, 429} {
		if w := send(h, "POST", "/r", anna); w.Code != want {
			t.Errorf("request %d: %d, want %d", i, w.Code, want)
		}
	}
	if got := trips.n.Load(); got != 2 {
		t.Errorf("%d trips for 3 requests, of which one repeats a denial", got)
	}
	if d, err := l.Allow(t.Context(), "site", "192.0.2.1"); err != nil || d.Remaining != 1000-3 {
		t.Errorf("the denials charged the other rule: %+v, %v", d, err)
	}
}

type tripCounter struct{ n atomic.Int64 }

func (c *tripCounter) DialHook(next redis.DialHook) redis.DialHook { return next }
func (c *tripCounter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.n.Add(1)
		return next(ctx, cmd)
	}
}

func (c *tripCounter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.n.Add(1)
		return next(ctx, cmds)
	}
}

func TestRedisSeesNoAddress(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	l := inRedis(t, connect(t, server.Addr()), 2, time.Minute, nil)
	allow(t, l, "192.0.2.1")
	keys := server.Keys()
	if len(keys) != 1 || !strings.HasPrefix(keys[0], "{ratelimit}:") || len(keys[0]) != len("{ratelimit}:")+22 {
		t.Fatalf("keys %q", keys)
	}
	if dump := server.Dump(); strings.Contains(dump, "192.0.2") || strings.Contains(dump, "\xc0\x00\x02\x01") {
		t.Errorf("Redis sees the address:\n%s", dump)
	}
	if ttl := server.TTL(keys[0]); ttl != 2*time.Minute {
		t.Errorf("the key lives for %s, want two windows", ttl)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	other := bytes.Repeat([]byte("t"), 32)
	seen := map[string]string{}
	for _, tt := range []struct {
		name string
		key  string
	}{
		{"base", ratelimit.RedisName("p", secret, "ab", 1000, "key")},
		{"prefix", ratelimit.RedisName("q", secret, "ab", 1000, "key")},
		{"secret", ratelimit.RedisName("p", other, "ab", 1000, "key")},
		{"rule", ratelimit.RedisName("p", secret, "abc", 1000, "key")},
		{"window", ratelimit.RedisName("p", secret, "ab", 2000, "key")},
		{"key", ratelimit.RedisName("p", secret, "ab", 1000, "key2")},
		{"shifted", ratelimit.RedisName("p", secret, "a", 1000, "bkey")},
	} {
		if first, twice := seen[tt.key]; twice {
			t.Errorf("%s and %s have the same key", first, tt.name)
		}
		seen[tt.key] = tt.name
	}
	if again := ratelimit.RedisName("p", secret, "ab", 1000, "key"); seen[again] != "base" {
		t.Error("the key of another process would differ")
	}
}

// Who hangs up is counted all the same.
func TestAClientThatHangsUpIsCounted(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zap.WarnLevel)
	l := inRedis(t, connect(t, miniredis.RunT(t).Addr()), 5, time.Hour, zap.New(core))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for i := range 3 {
		if d, err := l.Allow(gone, "r", "192.0.2.1"); err != nil || d.Remaining != 4-i {
			t.Fatalf("call %d: %+v, %v", i, d, err)
		}
	}
	if logs.Len() > 0 {
		t.Errorf("fell back: %v", logs.All())
	}
}

// Whatever is wrong with Redis, the limit holds in this process, and the log
// says why, once and without the server's words.
func TestFallback(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, reason string
		addr         func(*testing.T) string
	}{
		{name: "down", reason: "connection", addr: func(t *testing.T) string {
			server := miniredis.RunT(t)
			addr := server.Addr()
			server.Close()
			return addr
		}},
		{name: "stalled", reason: "timeout", addr: func(t *testing.T) string { return serve(t, func(net.Conn) {}) }},
		{name: "read-only replica", reason: "READONLY", addr: func(t *testing.T) string {
			server := miniredis.RunT(t)
			server.SetError("READONLY You can't write against replica hunter2")
			return server.Addr()
		}},
		{name: "out of memory", reason: "OOM", addr: func(t *testing.T) string {
			addr := redistest.Start(t)
			if err := connect(t, addr).ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
				t.Fatal(err)
			}
			return addr
		}},
		{name: "chatty error", reason: "error reply", addr: func(t *testing.T) string {
			server := miniredis.RunT(t)
			server.SetError("hunter2 at 10.0.3.7 says no")
			return server.Addr()
		}},
		{name: "nonsense", reason: "unexpected reply", addr: func(t *testing.T) string {
			return serve(t, func(c net.Conn) { answerAll(c, "*4\r\n:1\r\n:-5\r\n:0\r\n:0\r\n") })
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			core, logs := observer.New(zap.WarnLevel)
			options := redis.Options{
				Addr: tt.addr(t), Protocol: 2, DisableIdentity: true, MaxRetries: -1, DialerRetries: 1,
				ContextTimeoutEnabled: true, ReadTimeout: time.Minute,
			}
			if tt.reason == "timeout" { // such as it is, but for its time-out, which would outlast the test
				options.ContextTimeoutEnabled, options.MaxRetries = false, 0
			}
			client := redis.NewClient(&options)
			t.Cleanup(func() { _ = client.Close() })
			l := mustNew(t, ratelimit.Config{
				Rules:  []ratelimit.Rule{{Name: "r", Limit: 3, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}}},
				Store:  ratelimit.NewRedisStore(client, ratelimit.RedisConfig{}),
				Secret: secret, Logger: zap.New(core),
			})
			if tt.reason != "timeout" {
				ratelimit.Patient(l)
			}
			for i, want := range []bool{true, true, true, false, false} {
				if d := allow(t, l, "192.0.2.1"); d.Allowed != want {
					t.Errorf("call %d: %+v", i, d)
				}
			}
			got := logs.All()
			if len(got) != 1 {
				t.Fatalf("%d lines in the log, want one: %v", len(got), got)
			}
			if r := got[0].ContextMap()["reason"]; r != tt.reason {
				t.Errorf("reason %q, want %q", r, tt.reason)
			}
			if text := fmt.Sprint(got[0].Message, got[0].ContextMap()); strings.Contains(text, "hunter2") || strings.Contains(text, "127.0.0.1") {
				t.Errorf("the log holds the server's words: %s", text)
			}
		})
	}
}

// serve accepts connections and gives each to handle.
func serve(t *testing.T, handle func(net.Conn)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var conns []net.Conn
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, c)
			mu.Unlock()
			all.Go(func() { handle(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, c := range conns {
			_ = c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return l.Addr().String()
}

// answerAll answers whatever comes with the same reply.
func answerAll(c net.Conn, reply string) {
	buf := make([]byte, 4096)
	for {
		if _, err := c.Read(buf); err != nil {
			return
		}
		if _, err := c.Write([]byte(reply)); err != nil {
			return
		}
	}
}

// The script on a real server, with its own Lua: cells of every age are read
// as view and cell read them.
func TestScriptReadsCells(t *testing.T) {
	t.Parallel()
	client := connect(t, redistest.Start(t))
	const limit, window = 1000, 3_600_000
	l := inRedis(t, client, limit, window*time.Millisecond, nil)
	for i, tt := range []struct {
		name   string
		age    int64 // of the cell's window
		c, p   int64
		cw, pw int64 // what counts
	}{
		{name: "this window", age: 0, c: 20, p: 600, cw: 20, pw: 600},
		{name: "the one before", age: 1, c: 700, p: 600, cw: 0, pw: 700},
		{name: "long ago", age: 2, c: 700, p: 600},
		{name: "the server's clock went back", age: -1, c: 20, p: 600, cw: 20, pw: 600},
	} {
		t.Run(tt.name, func(t *testing.T) {
			addr := fmt.Sprintf("192.0.2.%d", i)
			key := ratelimit.RedisName("ratelimit", secret, "r", window, ratelimit.AddressKey(addr))
			used := func() int64 {
				now, err := client.Time(t.Context()).Result()
				if err != nil {
					t.Fatal(err)
				}
				elapsed := now.UnixMilli() % window
				if tt.age < 0 {
					elapsed = 0
				}
				return ratelimit.Used(tt.cw+1, tt.pw, elapsed, window)
			}
			now, err := client.Time(t.Context()).Result()
			if err != nil {
				t.Fatal(err)
			}
			win := now.UnixMilli() / window
			if err := client.HSet(t.Context(), key, "w", win-tt.age, "c", tt.c, "p", tt.p).Err(); err != nil {
				t.Fatal(err)
			}
			most := used()
			d := allow(t, l, addr)
			least := used() // the weight falls in the meantime, by little
			if got := limit - int64(d.Remaining); !d.Allowed || got > most || got < least {
				t.Errorf("used %d, want %d to %d", got, least, most)
			}
			if ttl := client.PTTL(t.Context(), key).Val(); ttl > 2*window*time.Millisecond || ttl < window*time.Millisecond {
				t.Errorf("the key lives for %s", ttl)
			}
		})
	}
}
