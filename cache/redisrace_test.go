package cache_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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
			// The page is no stale one that is made anew, but none.
			if got := s.get("/old/1", "Host: h"); got.body != "/old/1 1" || got.says() != "fwd=miss; stored" {
				t.Errorf("got %+v", got)
			}
			if got := other.get("/old/1", "Host: h"); got.body != "/old/1 1" || !strings.HasPrefix(got.says(), "hit") {
				t.Errorf("the other replica: %+v", got)
			}
		})
	}
}

// The same where a replica has not heard of the purge yet: its lease lets it
// serve the page a little longer, and not as a new one.
func TestAVersionDoesNotOutliveAPurgeThatIsUnheard(t *testing.T) {
	t.Parallel()
	addr := redistest.Start(t)
	var data atomic.Int64
	store := redisStore(t, addr)
	site := func(store cache.Store) *site {
		return newSite(t, cache.Config{Store: store, Policies: []cache.Policy{{
			Pattern: "GET /a", Class: cache.Revalidate, TTL: time.Millisecond, Tags: []string{"page"},
			Version: func(*http.Request) (string, error) { return "the same", nil },
		}}}, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, data.Load()) })
	}
	const host = "Host: market.example"
	tail := cache.NewTail(store)
	near, far := site(store), site(redisStore(t, addr))
	if err := tail.Advance(t.Context()); err != nil {
		t.Fatal(err)
	}
	near.get("/a", host)
	time.Sleep(5 * time.Millisecond)
	if !cache.Leased(store) {
		t.Skip("the lease has run out: the machine is slow")
	}
	data.Add(1)
	if err := far.cache.Purge(t.Context(), "page"); err != nil {
		t.Fatal(err)
	}
	near.get("/a", host) // the tail has not heard: it may be the old one
	for range 2 {
		if err := tail.Advance(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := near.get("/a", host); got.body != "1" {
		t.Errorf("got %q, %s", got.body, got.says())
	}
}

// A version says that a page is as good as it was, and not that it was not
// purged: where the purge comes after the page was found, it has ended.
func TestAVersionDoesNotOutliveAPurge(t *testing.T) {
	t.Parallel()
	for name, purge := range map[string]func(*cache.Cache) error{
		"hard": func(c *cache.Cache) error { return c.Purge(context.Background(), "page") },
		"soft": func(c *cache.Cache) error { return c.SoftPurge(context.Background(), "page") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := redistest.Start(t)
			var hook after
			var data atomic.Int64
			site := func(hooks ...redis.Hook) *site {
				return newSite(t, cache.Config{Store: redisStore(t, addr, hooks...), Policies: []cache.Policy{{
					Pattern: "GET /a", Class: cache.Revalidate, TTL: time.Millisecond, Tags: []string{"page"},
					Version: func(*http.Request) (string, error) { return "the same", nil },
				}}}, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, data.Load()) })
			}
			const host = "Host: market.example"
			near, far := site(&hook), site()
			far.get("/a", host)
			time.Sleep(5 * time.Millisecond)
			then := func() {
				data.Add(1)
				if err := purge(far.cache); err != nil {
					t.Error(err)
				}
			}
			hook.then.Store(&then)
			near.get("/a", host) // it may be the old one: it was asked for before
			if hook.then.Load() != nil {
				t.Fatal("the page was not overtaken")
			}
			if got := near.get("/a", host); got.body != "1" {
				t.Errorf("got %q, %s", got.body, got.says())
			}
		})
	}
}
