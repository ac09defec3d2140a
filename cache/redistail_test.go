package cache_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/internal/redistest"
)

// What may happen to the log between two reads of it. A page that a purge may
// have ended unheard costs a look at Redis; every other page costs none.
func TestTail(t *testing.T) {
	t.Parallel()
	const logKey = "{readiness:cache}:log"
	type world struct {
		*testing.T
		admin *redis.Client
		purge func(tags ...string)
		tail  *cache.Tail
	}
	do := func(w world, args ...any) {
		w.Helper()
		if err := w.admin.Do(w.Context(), args...).Err(); err != nil {
			w.Error(err)
		}
	}
	tests := []struct {
		name  string
		do    func(w world)
		ended bool // a purge of the page was among it
		looks bool // Redis is asked about the page
	}{
		{name: "nothing", do: func(world) {}},
		{name: "a purge of another page", do: func(w world) { w.purge("page:2") }},
		{name: "a purge of the page", do: func(w world) { w.purge("page:1") }, ended: true, looks: true},
		{name: "purges of both", do: func(w world) { w.purge("page:1"); w.purge("page:2") }, ended: true, looks: true},
		{name: "more purges than one read returns", do: func(w world) {
			for range 600 {
				w.purge("page:2")
			}
			w.purge("page:1")
			if err := w.tail.Advance(w.Context()); err != nil {
				w.Error(err)
			}
		}, ended: true, looks: true},
		{name: "a purge of more names than an entry holds", do: func(w world) {
			tags := []string{"page:1"}
			for i := range 1000 {
				tags = append(tags, fmt.Sprintf("page:%d %s", i, strings.Repeat("x", 100)))
			}
			w.purge(tags...)
		}, ended: true, looks: true},
		{name: "the purge is trimmed away", do: func(w world) {
			w.purge("page:1")
			do(w, "XTRIM", logKey, "MAXLEN", "0")
		}, ended: true, looks: true},
		{name: "the purge is trimmed away before another", do: func(w world) {
			w.purge("page:1")
			w.purge("page:2")
			do(w, "XTRIM", logKey, "MAXLEN", "1")
		}, ended: true, looks: true},
		{name: "what was read is trimmed away", do: func(w world) { do(w, "XTRIM", logKey, "MAXLEN", "0") }, looks: true},
		{name: "the log is deleted", do: func(w world) { do(w, "DEL", logKey) }, looks: true},
		{name: "the log is deleted and begun anew", do: func(w world) {
			w.purge("page:1")
			do(w, "DEL", logKey)
			w.purge("page:2")
		}, ended: true, looks: true},
		{name: "the log is an older one", do: func(w world) {
			w.purge("page:1")
			do(w, "DEL", logKey)
			do(w, "XADD", logKey, "1-1", "before", "", "names", "")
		}, ended: true, looks: true},
		{name: "the log has an entry that is not ours", do: func(w world) {
			w.purge("page:1")
			do(w, "XADD", logKey, "*", "names", "\xff\xff")
			if err := w.tail.Advance(w.Context()); err == nil {
				w.Error("it is read")
			}
		}, ended: true, looks: true},
		{name: "everything is flushed", do: func(w world) {
			w.purge("page:1")
			do(w, "FLUSHALL")
		}, ended: true, looks: true},
		{name: "everything is flushed before a purge", do: func(w world) {
			do(w, "FLUSHALL")
			w.purge("page:1")
		}, ended: true, looks: true},
		{name: "scripts are flushed", do: func(w world) {
			do(w, "SCRIPT", "FLUSH")
			w.purge("page:1")
			do(w, "SCRIPT", "FLUSH")
		}, ended: true, looks: true},
		{name: "every connection is killed", do: func(w world) {
			do(w, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
			w.purge("page:2")
			do(w, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
		}},
		{name: "the log is something else", do: func(w world) {
			do(w, "DEL", logKey)
			do(w, "SET", logKey, "x")
			if err := w.tail.Advance(w.Context()); err == nil {
				w.Error("it is read")
			}
			do(w, "DEL", logKey)
		}, looks: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			addr := redistest.Start(t)
			var data atomic.Int64
			handler := func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, data.Load()) }
			var count trips
			store := cache.NewRedisStore(client(t, addr, &count), cache.RedisConfig{Timeout: patient})
			near := newSite(t, cache.Config{Store: store}, handler)
			far := newSite(t, cache.Config{Store: redisStore(t, addr)}, handler)
			tail := cache.NewTail(store)
			advance := func() {
				t.Helper()
				if err := tail.Advance(t.Context()); err != nil {
					t.Error(err)
				}
			}
			const host = "Host: market.example"
			get := func(want int64) (trips int) {
				t.Helper()
				count.take()
				if got := near.get("/page/1", host); got.body != fmt.Sprint(want) {
					t.Errorf("got %q, want %d", got.body, want)
				}
				for _, names := range count.take() {
					if !strings.Contains(names, "client") && names != "hello" { // a new connection
						trips++
					}
				}
				return trips
			}

			advance()
			get(0)
			if n := get(0); n != 0 {
				t.Fatalf("a page under the lease: %d trips", n)
			}
			w := world{t, client(t, addr), func(tags ...string) {
				t.Helper()
				if err := far.cache.Purge(t.Context(), tags...); err != nil && !strings.Contains(err.Error(), "no policy") {
					t.Error(err)
				}
			}, tail}
			tt.do(w)
			want := int64(0)
			if tt.ended {
				want = data.Add(1)
			}
			advance()
			advance() // where the first has found that something was missing
			if n := get(want); (n > 0) != tt.looks {
				t.Errorf("%d trips", n)
			}
			if n := get(want); n != 0 {
				t.Errorf("afterwards: %d trips", n)
			}
		})
	}
}

// A read that returns a part of the log renews no lease.
func TestAPartOfTheLogIsNoLease(t *testing.T) {
	t.Parallel()
	addr := redistest.Start(t)
	clock := &clock{}
	store := redisStore(t, addr)
	cache.SetClock(store, clock.now)
	tail := cache.NewTail(store)
	far := newCache(t, cache.Config{Store: redisStore(t, addr)})
	advance := func(leased bool) {
		t.Helper()
		if err := tail.Advance(t.Context()); err != nil || cache.Leased(store) != leased {
			t.Errorf("%v, leased %t", err, cache.Leased(store))
		}
	}
	advance(true)
	for range 600 {
		if err := far.Purge(t.Context(), "list"); err != nil {
			t.Fatal(err)
		}
	}
	clock.add(cache.LeaseFor)
	advance(false)
	advance(true)
}

// A replica that is read only may lack any purge: nothing is leased there, and
// a purge is refused and kept.
func TestAReadOnlyReplica(t *testing.T) {
	t.Parallel()
	primary, addr := redistest.Start(t), redistest.Start(t)
	admin := client(t, addr)
	host, port, _ := strings.Cut(primary, ":")
	if err := admin.ReplicaOf(t.Context(), host, port).Err(); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool {
		return strings.Contains(admin.Info(t.Context(), "replication").Val(), "master_link_status:up")
	})
	clock := &clock{}
	store := redisStore(t, addr)
	cache.SetClock(store, clock.now)
	s := newSite(t, cache.Config{Store: store}, path)
	if err := cache.NewTail(store).Advance(t.Context()); err == nil || cache.Leased(store) {
		t.Errorf("it is leased: %v", err)
	}
	for range 2 {
		if got := s.get("/page/1"); got.body != "/page/1" || strings.Contains(got.says(), "stored") {
			t.Errorf("got %+v", got)
		}
		clock.add(cache.Rest)
	}
	if err := s.cache.Purge(t.Context(), "page:1"); err == nil || cache.Owed(store) == 0 {
		t.Errorf("the purge is taken: %v", err)
	}
	// It becomes the primary, as in a failover.
	if err := admin.ReplicaOf(t.Context(), "NO", "ONE").Err(); err != nil {
		t.Fatal(err)
	}
	clock.add(cache.Rest)
	s.get("/page/1")
	if got := s.get("/page/1"); !strings.HasPrefix(got.says(), "hit") || cache.Owed(store) != 0 {
		t.Errorf("got %s, %d purges owed", got.says(), cache.Owed(store))
	}
}

// One store that several Caches share is tailed once; when the one that does
// has ended, another goes on.
func TestTheTailIsHandedOn(t *testing.T) {
	t.Parallel()
	store := redisStore(t, redistest.Start(t))
	a, b := newSite(t, cache.Config{Store: store}, path), newSite(t, cache.Config{Store: store}, path)
	stop := leased(t, a.cache, store)
	inBackground(t, b.cache)
	stop()
	until(t, func() bool { return cache.Leased(store) })
}

// Run ends soon after its ctx, and the lease with it.
func TestTheLeaseEndsWithRun(t *testing.T) {
	t.Parallel()
	var count trips
	store := redisStore(t, redistest.Start(t), &count)
	s := newSite(t, cache.Config{Store: store}, path)
	stop := leased(t, s.cache, store)
	s.get("/page/1")
	stop()
	if cache.Leased(store) {
		t.Error("it is still leased")
	}
	count.take()
	s.get("/page/1")
	if got := count.take(); len(got) != 1 {
		t.Errorf("a hit without Run: %q", got)
	}
	if err := s.cache.Run(context.Background()); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("a second Run: %v", err)
	}
}
