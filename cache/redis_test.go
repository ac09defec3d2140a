package cache_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/internal/redistest"
)

func TestReplicasShareThePagesAndThePurges(t *testing.T) {
	t.Parallel()
	addr := redistest.Start(t)
	var data atomic.Int64
	handler := func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, data.Load()) }
	a := newSite(t, cache.Config{Store: redisStore(t, addr)}, handler)
	b := newSite(t, cache.Config{Store: redisStore(t, addr)}, handler)
	a.get("/list", "Host: market.example")
	if got := b.get("/list", "Host: market.example"); !strings.HasPrefix(got.says(), "hit") {
		t.Errorf("the other replica: %s", got.says())
	}
	for i := range 200 {
		data.Add(1)
		if err := a.cache.Purge(t.Context(), "list"); err != nil {
			t.Fatal(err)
		}
		if got := b.get("/list", "Host: market.example"); got.body != fmt.Sprint(i+1) {
			t.Fatalf("purge %d: got %s", i+1, got.body)
		}
	}
	// A replica with another policy has pages of its own.
	policies := pages()
	policies[0].TTL++
	c := newSite(t, cache.Config{Store: redisStore(t, addr), Policies: policies}, handler)
	if got := c.get("/list", "Host: market.example"); got.says() != "fwd=miss; stored" {
		t.Errorf("another policy: %s", got.says())
	}
}

func TestRedisExpiry(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	s := newSite(t, cache.Config{Store: redisStore(t, server.Addr())}, path)
	s.get("/list", "Host: market.example")
	server.FastForward(58 * time.Second)
	// Another replica: this one has the page near, and a clock that stood still.
	other := newSite(t, cache.Config{Store: redisStore(t, server.Addr())}, path)
	got := other.get("/list", "Host: market.example")
	if !strings.HasPrefix(got.says(), "hit; ttl=1") || got.header.Get("Age") != "58" {
		t.Errorf("got %s, Age %s", got.says(), got.header.Get("Age"))
	}
	server.FastForward(2 * time.Second)
	third := newSite(t, cache.Config{Store: redisStore(t, server.Addr())}, path)
	if got := third.get("/list", "Host: market.example"); got.says() != "fwd=miss; stored" {
		t.Errorf("got %s", got.says())
	}
	for _, key := range server.Keys() {
		if server.TTL(key) <= 0 {
			t.Errorf("%q never ends", key)
		}
		if strings.Contains(key, "market") {
			t.Errorf("%q holds what was asked for", key)
		}
	}
}

// Redis may evict any key at any time: that must end pages, never revive one.
func TestAnEvictedGenerationRevivesNothing(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	var data atomic.Int64
	s := newSite(t, cache.Config{Store: redisStore(t, server.Addr())}, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, data.Load())
	})
	evict := func() {
		for _, key := range server.Keys() {
			if strings.Contains(key, ":g:") {
				server.Del(key)
			}
		}
	}
	s.get("/list")
	pages := map[string]string{}
	for _, key := range server.Keys() {
		if strings.Contains(key, ":e:") {
			pages[key], _ = server.Get(key)
		}
	}
	data.Add(1)
	if err := s.cache.Purge(t.Context(), "list"); err != nil {
		t.Fatal(err)
	}
	evict()
	if got := s.get("/list"); got.body != "1" {
		t.Errorf("after the eviction: %s", got.body)
	}
	for key, page := range pages { // the old page again, under the new generations
		if err := server.Set(key, page); err != nil {
			t.Fatal(err)
		}
		server.SetTTL(key, time.Minute)
	}
	if got := s.get("/list"); got.body != "1" {
		t.Errorf("the old page: %s", got.body)
	}
}

// Nor does a generation begin again at a value that it has had.
func TestAGenerationNeverReturns(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	var data atomic.Int64
	s := newSite(t, cache.Config{Store: redisStore(t, server.Addr())}, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, data.Load())
	})
	s.get("/list") // so that the other generations have values, which stay
	for i := range 3 {
		n := data.Add(1)
		for _, key := range server.Keys() {
			if strings.HasSuffix(key, ":g:t:list") {
				server.Del(key)
			}
		}
		if err := s.cache.Purge(t.Context(), "list"); err != nil {
			t.Fatal(err)
		}
		// Not even as a stale page: neither number has been there before.
		if got := s.get("/list"); got.body != fmt.Sprint(n) || got.says() != "fwd=miss; stored" {
			t.Errorf("eviction %d: got %+v, want %d", i, got, n)
		}
	}
}

// What stands in the place of a generation and is none keeps no page alive.
func TestAGenerationThatIsNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "x", "0 0", "7", "1 2 3", "-1 1"} {
		server := miniredis.RunT(t)
		if err := server.Set("{readiness:cache}:g:t:list", text); err != nil {
			t.Fatal(err)
		}
		s := newSite(t, cache.Config{Store: redisStore(t, server.Addr())}, path)
		for range 2 {
			if got := s.get("/list"); got.says() != "fwd=miss" {
				t.Errorf("%q: got %s", text, got.says())
			}
		}
		if err := s.cache.Purge(t.Context(), "list"); err != nil {
			t.Fatal(err)
		}
		s.get("/list")
		if got := s.get("/list"); !strings.HasPrefix(got.says(), "hit") {
			t.Errorf("%q, purged: got %s", text, got.says())
		}
	}
}

func TestAPageOfAnotherReleaseIsAMiss(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	newSite(t, cache.Config{Store: redisStore(t, server.Addr())}, path).get("/list", "Host: market.example")
	s := newSite(t, cache.Config{Store: redisStore(t, server.Addr())}, path)
	for _, key := range server.Keys() {
		if strings.Contains(key, ":e:") {
			page, err := server.Get(key)
			if err != nil {
				t.Fatal(err)
			}
			if err := server.Set(key, "\xff"+page[1:]); err != nil {
				t.Fatal(err)
			}
			server.SetTTL(key, time.Minute)
		}
	}
	if got := s.get("/list", "Host: market.example"); got.says() != "fwd=miss; stored" || got.body != "/list" {
		t.Errorf("got %+v", got)
	}
}

// dead is a Redis that a test can take away: failing at once, or silent.
type dead struct {
	refuse atomic.Bool
	hang   atomic.Bool
	calls  atomic.Int64
}

var errDead = errors.New("redis.internal.example:6379: refused")

func (d *dead) wait(ctx context.Context) error {
	d.calls.Add(1)
	if d.hang.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	if d.refuse.Load() {
		return errDead
	}
	return nil
}

func (d *dead) DialHook(next redis.DialHook) redis.DialHook { return next }

func (d *dead) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if err := d.wait(ctx); err != nil {
			cmd.SetErr(err)
			return err
		}
		return next(ctx, cmd)
	}
}

func (d *dead) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if err := d.wait(ctx); err != nil {
			for _, cmd := range cmds {
				cmd.SetErr(err)
			}
			return err
		}
		return next(ctx, cmds)
	}
}

// A dead Redis costs the handler nothing but its pages; what was purged in the
// meantime is not served when it comes back, and it comes back by itself.
func TestRedisDown(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"refuse", "hang"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			server := miniredis.RunT(t)
			var redisIs dead
			core, logs := observer.New(zapcore.DebugLevel)
			var data atomic.Int64
			clock := &clock{}
			store := cache.NewRedisStore(client(t, server.Addr(), &redisIs), cache.RedisConfig{Timeout: time.Second})
			cache.SetClock(store, clock.now)
			s := newSite(t, cache.Config{Store: store, Logger: zap.New(core)}, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = fmt.Fprint(w, data.Load())
			})
			s.get("/list")
			s.get("/page/1")

			redisIs.refuse.Store(how == "refuse")
			redisIs.hang.Store(how == "hang")
			before := redisIs.calls.Load()
			for range 20 {
				if got := s.get("/list"); got.body != "0" || got.says() != "fwd=miss; detail=store" || got.header.Get("Cache-Control") != "private, no-cache" {
					t.Errorf("down: %+v", got)
				}
			}
			if n := redisIs.calls.Load() - before; n > 5 {
				t.Errorf("%d calls for 20 requests: it is not left alone", n)
			}
			data.Add(1)
			if err := s.cache.Purge(t.Context(), "list"); err == nil {
				t.Error("the purge says that it was taken")
			}
			s.do(http.MethodPost, "/page/1") // purges its own path

			redisIs.refuse.Store(false)
			redisIs.hang.Store(false)
			clock.add(cache.Rest)
			for _, target := range []string{"/list", "/page/1"} {
				if got := s.get(target); got.body != "1" || got.says() != "fwd=miss; stored" {
					t.Errorf("%s back: %+v", target, got)
				}
			}
			if n := logs.Len(); n != 1 {
				t.Errorf("%d lines in the log", n)
			}
			for _, line := range logs.All() {
				for name, value := range line.ContextMap() {
					if strings.Contains(fmt.Sprint(value), "example") {
						t.Errorf("%s holds the driver's text: %v", name, value)
					}
				}
			}
			if n := s.cache.Snapshot().StoreFailures; n == 0 {
				t.Error("nothing was counted")
			}
		})
	}
}

// More purges than are kept become one of everything.
func TestOwedPurgesAreBounded(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	var redisIs dead
	clock := &clock{}
	store := cache.NewRedisStore(client(t, server.Addr(), &redisIs), cache.RedisConfig{Timeout: 10 * time.Second})
	cache.SetClock(store, clock.now)
	var data atomic.Int64
	s := newSite(t, cache.Config{Store: store}, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, data.Load()) })
	s.get("/page/1")
	redisIs.refuse.Store(true)
	data.Add(1)
	for i := range 2 * cache.MaxOwed {
		_ = s.cache.Purge(t.Context(), fmt.Sprintf("page:%d", i))
	}
	if n := cache.Owed(store); n > cache.MaxOwed {
		t.Errorf("%d purges are kept", n)
	}
	redisIs.refuse.Store(false)
	clock.add(cache.Rest)
	if got := s.get("/page/1"); got.body != "1" {
		t.Errorf("got %s", got.body)
	}
	if n := cache.Owed(store); n != 0 {
		t.Errorf("%d purges are still owed", n)
	}
}

// A server that accepts and never answers, as behind a broken network: the
// timeout holds although the client was made without one.
func TestASilentServerIsBounded(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		var conns []net.Conn
		for {
			conn, err := l.Accept()
			if err != nil {
				for _, c := range conns {
					_ = c.Close()
				}
				return
			}
			conns = append(conns, conn)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	rdb := redis.NewClient(&redis.Options{Addr: l.Addr().String(), ReadTimeout: time.Hour}) // its own would hold the test up
	t.Cleanup(func() { _ = rdb.Close() })
	s := newSite(t, cache.Config{Store: cache.NewRedisStore(rdb, cache.RedisConfig{})}, path)
	if got := s.get("/list"); got.body != "/list" {
		t.Errorf("got %+v", got)
	}
}

// A cluster client, which has no copy with a timeout, works once its contexts
// count.
func TestClusterClient(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{server.Addr()}, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = c.Close() })
	s := newSite(t, cache.Config{Store: cache.NewRedisStore(c, cache.RedisConfig{Timeout: 10 * time.Second})}, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "page") })
	s.get("/list")
	if got := s.get("/list"); !strings.HasPrefix(got.says(), "hit") {
		t.Errorf("got %s", got.says())
	}
	if err := s.cache.Purge(t.Context(), "list"); err != nil {
		t.Error(err)
	}
	if got := s.get("/list"); got.says() != "fwd=miss; stored" {
		t.Errorf("got %s", got.says())
	}
}
