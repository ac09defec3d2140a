package cache_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/internal/redistest"
)

// trips notes what a client waits for: each element is one trip, with the
// names of its commands.
type trips struct {
	mu  sync.Mutex
	all []string
}

func (h *trips) note(cmds ...redis.Cmder) {
	names := make([]string, len(cmds))
	for i, cmd := range cmds {
		names[i] = cmd.Name()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, strings.Join(names, "+"))
}

func (h *trips) take() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.all
	h.all = nil
	return all
}

func (h *trips) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		h.note(cmd)
		return next(ctx, cmd)
	}
}

func (h *trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		h.note(cmds...)
		return next(ctx, cmds)
	}
}

// What each mode costs in waits for Redis, those of the tail apart.
func TestRedisTrips(t *testing.T) {
	t.Parallel()
	const (
		page  = "get+pttl+mget"
		store = "set+mget+pexpire+pexpire+pexpire"
	)
	fifty := make([]string, 50)
	for i := range fifty {
		fifty[i] = fmt.Sprintf("page:%d", i)
	}
	for _, mode := range []struct {
		name   string
		cfg    cache.RedisConfig
		leased bool
		hit    []string // in this process
		again  []string // a page of the process that has ended
	}{
		{"strict", cache.RedisConfig{Strict: true}, false, []string{"mget"}, []string{page, store}},
		{"not running", cache.RedisConfig{}, false, []string{"mget"}, []string{page, store}},
		{"leased", cache.RedisConfig{}, true, nil, []string{page, store}},
	} {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			addr := redistest.Start(t)
			replica := func(hooks ...redis.Hook) (*site, cache.Store) {
				cfg := mode.cfg
				cfg.Timeout = patient
				store := cache.NewRedisStore(client(t, addr, hooks...), cfg)
				s := newSite(t, cache.Config{Store: store}, path)
				if mode.leased {
					leased(t, s.cache, store)
				}
				return s, store
			}
			var count trips
			s, _ := replica(&count)
			other, _ := replica()
			const host = "Host: market.example"
			expect := func(what string, want []string, do func()) {
				t.Helper()
				count.take()
				do()
				if got := count.take(); !slices.Equal(got, want) {
					t.Errorf("%s: %q, want %q", what, got, want)
				}
			}
			// The first connection, and scripts that the server has not seen,
			// cost more, once.
			s.get("/page/0", host)
			_ = s.cache.Purge(t.Context(), "page:0")
			expect("a miss with new tags", []string{page, "evalsha", store}, func() { s.get("/page/1", host) })
			expect("a hit", mode.hit, func() { s.get("/page/1", host) })
			expect("a hit that is not modified", mode.hit, func() { s.get("/page/1", host, "If-None-Match: *") })
			expect("a purge of one tag", []string{"evalsha"}, func() { _ = s.cache.Purge(t.Context(), "page:1") })
			expect("a purge of 50 tags", []string{"evalsha"}, func() { _ = s.cache.Purge(t.Context(), fifty...) })
			expect("a soft purge of 50 tags", []string{"evalsha"}, func() { _ = s.cache.SoftPurge(t.Context(), fifty...) })
			expect("a miss after a purge", mode.again, func() { s.get("/page/1", host) })
			expect("a request that passes by", nil, func() { s.get("/page/1", "Cookie: a=b") })
			expect("a write to what is never stored", nil, func() { s.do(http.MethodPost, "/account/") })
			expect("a write, before its header and when it is done", []string{"evalsha", "evalsha"}, func() { s.do(http.MethodPost, "/page/1") })

			other.get("/page/2", host)
			expect("a hit of another replica's page", []string{page}, func() {
				if got := s.get("/page/2", host); !strings.HasPrefix(got.says(), "hit") {
					t.Errorf("got %s", got.says())
				}
			})
			expect("its second hit", mode.hit, func() { s.get("/page/2", host) })
			// Whatever the number of pages.
			for i := range 200 {
				s.get(fmt.Sprintf("/list?q=%d", i))
			}
			expect("a purge of 200 pages", []string{"evalsha"}, func() { _ = s.cache.Purge(t.Context(), "list") })
		})
	}
}

// A page with groups costs a trip more where its groups are not known yet, and
// none more where it is near.
func TestRedisTripsOfGroups(t *testing.T) {
	t.Parallel()
	addr := redistest.Start(t)
	var count trips
	store := cache.NewRedisStore(client(t, addr, &count), cache.RedisConfig{Timeout: patient})
	s := newStoreSite(t, store)
	other := newStoreSite(t, redisStore(t, addr))
	const host = "Host: market.example"
	for _, target := range []string{"/follow/0", "/follow/0", "/follow/1"} {
		other.get(target, host)
	}
	s.get("/follow/0", host) // the first connections cost more, once
	_ = s.cache.Purge(t.Context(), "old")
	count.take()
	for i, want := range [][]string{
		{"get+pttl+mget", "get+pttl+mget", "mget"}, // what says how the page varies, and the page
		{"mget", "mget"},
	} {
		if got := s.get("/follow/1", host); !strings.HasPrefix(got.says(), "hit") {
			t.Errorf("got %s", got.says())
		}
		if got := count.take(); !slices.Equal(got, want) {
			t.Errorf("hit %d: %q, want %q", i, got, want)
		}
	}
	leased(t, s.cache, store)
	s.get("/follow/1", host) // seen from now on
	s.get("/follow/1", host)
	count.take()
	s.get("/follow/1", host)
	if got := count.take(); len(got) != 0 {
		t.Errorf("a leased hit: %q", got)
	}
}
