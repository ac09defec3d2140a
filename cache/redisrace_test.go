package cache_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/internal/redistest"
)

// after calls a function when Redis has answered a pipeline, and before the
// store hears of it.
type after struct{ then atomic.Pointer[func()] }

func (*after) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (*after) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (a *after) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		if then := a.then.Load(); then != nil && (cmds[0].Name() == "get" || cmds[0].Name() == "set") {
			a.then.Store(nil)
			(*then)()
		}
		return err
	}
}

// A page that was read from Redis or stored there before a purge, and reaches
// the process after the tail has heard of it, is not served from there.
func TestAPageOvertakenByItsPurge(t *testing.T) {
	t.Parallel()
	const host = "Host: market.example"
	for _, target := range []string{"/page/1", "/follow/1"} {
		for name, purge := range map[string]func(s *storeSite) error{
			"by another replica": nil,
			"by this replica":    func(s *storeSite) error { return s.cache.PurgePath(context.Background(), target) },
		} {
			for _, stored := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s stored here %t %s", target, stored, name), func(t *testing.T) {
					t.Parallel()
					addr := redistest.Start(t)
					var hook after
					store := redisStore(t, addr, &hook)
					near, far := newStoreSite(t, store), newStoreSite(t, redisStore(t, addr))
					tail := cache.NewTail(store)
					advance := func() {
						if err := tail.Advance(t.Context()); err != nil {
							t.Error(err)
						}
					}
					advance()
					// What the page needs is opened, and a signpost is near.
					near.get(target, host)
					if err := far.cache.PurgePath(t.Context(), target); err != nil {
						t.Fatal(err)
					}
					advance()
					advance()
					if !stored {
						far.get(target, host)
					}
					then := func() {
						near.data.Add(1)
						far.data.Add(1)
						var err error
						if purge == nil {
							err = far.cache.PurgePath(context.Background(), target)
						} else {
							err = purge(near)
						}
						if err != nil {
							t.Error(err)
						}
						advance()
					}
					hook.then.Store(&then)
					near.get(target, host) // it may be the old one: it was asked for before
					if hook.then.Load() != nil {
						t.Fatal("the page was not overtaken")
					}
					if got := near.get(target, host); got.body != target+" 1" {
						t.Errorf("got %+v", got)
					}
				})
			}
		}
	}
}

// A hard purge that is owed stays one whatever is owed after it, and a soft
// one becomes one.
func TestWhatIsOwedIsNeverLess(t *testing.T) {
	t.Parallel()
	hard := func(s *storeSite) error { return s.cache.Purge(context.Background(), "old") }
	soft := func(s *storeSite) error { return s.cache.SoftPurge(context.Background(), "old") }
	for name, purges := range map[string][]func(*storeSite) error{
		"hard, soft": {hard, soft}, "soft, hard": {soft, hard}, "hard": {hard},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var redisIs dead
			addr := redistest.Start(t)
			store := cache.NewRedisStore(client(t, addr, &redisIs), cache.RedisConfig{Timeout: patient})
			clock := &clock{}
			cache.SetClock(store, clock.now)
			s := newStoreSite(t, store)
			other := newStoreSite(t, redisStore(t, addr))
			s.get("/old/1", "Host: h")
			other.get("/old/1", "Host: h")
			redisIs.refuse.Store(true)
			s.data.Add(1)
			other.data.Add(1)
			for _, purge := range purges {
				if purge(s) == nil {
					t.Error("the purge says that it was taken")
				}
			}
			if n := cache.Owed(store); n != 1 {
				t.Errorf("%d purges are owed", n)
			}
			redisIs.refuse.Store(false)
			clock.add(cache.Rest)
			for _, s := range []*storeSite{s, other} {
				got := s.get("/old/1", "Host: h")
				if got.body != "/old/1 1" || strings.Contains(got.says(), "soft") {
					t.Errorf("got %+v", got)
				}
			}
		})
	}
}
