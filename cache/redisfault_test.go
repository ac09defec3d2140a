package cache_test

import (
	"fmt"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/internal/redistest"
)

// faulty is a replica with a Redis that a test takes away, and another
// replica that writes.
type faulty struct {
	addr         string
	admin        *redis.Client
	pid          int
	clock        *clock
	data         atomic.Int64
	store        cache.Store
	reads, write *site
}

const faultHost = "Host: market.example"

func newFaulty(t *testing.T, cfg cache.RedisConfig) *faulty {
	t.Helper()
	f := &faulty{addr: redistest.Start(t), clock: &clock{}}
	f.admin = client(t, f.addr)
	info := f.admin.Info(t.Context(), "server").Val()
	_, after, _ := strings.Cut(info, "process_id:")
	text, _, _ := strings.Cut(after, "\r\n")
	var err error
	if f.pid, err = strconv.Atoi(text); err != nil {
		t.Fatalf("no process in %q", info)
	}
	handler := func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, f.data.Load()) }
	replica := func() (*site, cache.Store) {
		cfg.Timeout = 2 * time.Second
		store := cache.NewRedisStore(client(t, f.addr), cfg)
		cache.SetBlock(store, 50*time.Millisecond)
		cache.SetClock(store, f.clock.now)
		s := newSite(t, cache.Config{Store: store}, handler)
		if cfg.Strict {
			inBackground(t, s.cache)
		} else {
			leased(t, s.cache, store)
		}
		return s, store
	}
	f.reads, f.store = replica()
	f.write, _ = replica()
	for range 3 { // the page is near, and seen since the lease began
		f.reads.get("/page/1", faultHost)
	}
	return f
}

func (f *faulty) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(f.pid, s); err != nil {
		t.Fatal(err)
	}
}

// recovers fails unless the replica serves pages again, by itself, and never
// one from before the last purge.
func (f *faulty) recovers(t *testing.T) {
	t.Helper()
	f.clock.add(cache.LeaseFor)
	until(t, func() bool {
		f.clock.add(cache.Rest)
		got := f.reads.get("/page/1", faultHost)
		if want := fmt.Sprint(f.data.Load()); got.body != want {
			t.Fatalf("got %+v, want %s", got, want)
		}
		return strings.HasPrefix(got.says(), "hit")
	})
}

func bothModes(t *testing.T, test func(t *testing.T, f *faulty, strict bool)) {
	t.Helper()
	for name, cfg := range map[string]cache.RedisConfig{"strict": {Strict: true}, "leased": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newFaulty(t, cfg), cfg.Strict)
		})
	}
}

// A Redis that has stopped answering: a page is served from the process for
// as long as the lease holds, and not after it.
func TestAStalledRedis(t *testing.T) {
	t.Parallel()
	bothModes(t, func(t *testing.T, f *faulty, strict bool) {
		t.Helper()
		f.signal(t, syscall.SIGSTOP)
		defer f.signal(t, syscall.SIGCONT)
		got := f.reads.get("/page/1", faultHost)
		if hit := strings.HasPrefix(got.says(), "hit"); hit == strict {
			t.Errorf("at once: %s", got.says())
		}
		f.clock.add(cache.LeaseFor)
		f.data.Add(1)
		if got := f.reads.get("/page/1", faultHost); got.body != "1" || got.says() != "fwd=miss; detail=store" {
			t.Errorf("after the lease: %+v", got)
		}
		if err := f.write.cache.Purge(t.Context(), "page:1"); err == nil {
			t.Error("the purge says that it was taken")
		}
		f.signal(t, syscall.SIGCONT)
		f.clock.add(cache.Rest)
		// What is owed is paid before anything else, or by the tail.
		f.write.get("/page/1", faultHost)
		f.recovers(t)
	})
}

// A Redis that dies and comes back with nothing: no page of before is served
// once the lease has ended, and the purge that it did not take is not lost.
func TestARedisThatRestartsEmpty(t *testing.T) {
	t.Parallel()
	bothModes(t, func(t *testing.T, f *faulty, _ bool) {
		t.Helper()
		f.signal(t, syscall.SIGKILL)
		until(t, func() bool { return f.admin.Ping(t.Context()).Err() != nil })
		f.clock.add(cache.LeaseFor)
		f.data.Add(1)
		if err := f.write.cache.Purge(t.Context(), "page:1"); err == nil {
			t.Error("the purge says that it was taken")
		}
		if got := f.reads.get("/page/1", faultHost); got.body != "1" || got.says() != "fwd=miss; detail=store" {
			t.Errorf("while it is dead: %+v", got)
		}
		_, port, _ := strings.Cut(f.addr, ":")
		again := exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--dir", t.TempDir())
		if err := again.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = again.Process.Kill(); _ = again.Wait() })
		until(t, func() bool { return f.admin.Ping(t.Context()).Err() == nil })
		f.recovers(t)
		f.data.Add(1)
		f.clock.add(cache.Rest)
		if err := f.write.cache.Purge(t.Context(), "page:1"); err != nil {
			t.Fatal(err)
		}
		f.recovers(t)
	})
}

// A Redis that is full and evicts nothing: a purge is refused, said to be, and
// kept; until it is taken, this replica serves no page.
func TestAFullRedis(t *testing.T) {
	t.Parallel()
	bothModes(t, func(t *testing.T, f *faulty, _ bool) {
		t.Helper()
		set := func(bytes string) {
			t.Helper()
			if err := f.admin.ConfigSet(t.Context(), "maxmemory", bytes).Err(); err != nil {
				t.Fatal(err)
			}
		}
		set("1")
		if got := f.reads.get("/page/1", faultHost); !strings.HasPrefix(got.says(), "hit") {
			t.Errorf("what is stored is not served: %s", got.says())
		}
		if got := f.reads.get("/page/2", faultHost); got.body != "0" || strings.Contains(got.says(), "stored") {
			t.Errorf("a new page: %+v", got)
		}
		f.clock.add(cache.Rest)
		f.data.Add(1)
		if err := f.reads.cache.Purge(t.Context(), "page:1"); err == nil {
			t.Error("the purge says that it was taken")
		}
		if got := f.reads.get("/page/1", faultHost); got.body != "1" || got.says() != "fwd=miss; detail=store" {
			t.Errorf("after the purge: %+v", got)
		}
		set("0")
		until(t, func() bool {
			f.clock.add(cache.Rest)
			f.reads.get("/page/1", faultHost)
			return cache.Owed(f.store) == 0
		})
		// The others hear of it as of any purge.
		until(t, func() bool { return f.write.get("/page/1", faultHost).body == "1" })
		f.recovers(t)
	})
}

// Everything in Redis is deleted: pages end, and are made again.
func TestAFlushedRedis(t *testing.T) {
	t.Parallel()
	bothModes(t, func(t *testing.T, f *faulty, strict bool) {
		t.Helper()
		f.data.Add(1)
		if err := f.admin.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		if strict {
			if got := f.reads.get("/page/1", faultHost); got.body != "1" || got.says() != "fwd=miss; stored" {
				t.Errorf("got %+v", got)
			}
		}
		f.clock.add(cache.LeaseFor)
		until(t, func() bool { return f.reads.get("/page/1", faultHost).body == "1" })
		f.recovers(t)
	})
}

// What Redis is owed is paid by the tail where no request comes.
func TestTheTailPays(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, cache.RedisConfig{})
	f.signal(t, syscall.SIGSTOP)
	if err := f.reads.cache.Purge(t.Context(), "page:1"); err == nil || cache.Owed(f.store) != 1 {
		t.Errorf("the purge is taken: %v", err)
	}
	f.signal(t, syscall.SIGCONT)
	until(t, func() bool { f.clock.add(cache.Rest); return cache.Owed(f.store) == 0 })
}
