//go:build unix

package ratelimit_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/launchready/readiness/ratelimit"
)

// outage is something that happens to a server.
type outage struct {
	name    string
	reasons []string // one of them is told; none: nothing is told, because Redis counts on
	begin   func(*testing.T, *servers)
	end     func(*testing.T, *servers)
	partial bool   // some nodes of a Cluster go on, and admit what is in flight while this process begins to count alone
	never   string // the world where it cannot happen, or cannot be mended
}

func each(f func(*testing.T, *redis.Client)) func(*testing.T, *servers) {
	return func(t *testing.T, s *servers) {
		t.Helper()
		for _, node := range s.nodes {
			f(t, node)
		}
	}
}

func config(name, value string) func(*testing.T, *servers) {
	return each(func(t *testing.T, node *redis.Client) {
		if err := node.ConfigSet(t.Context(), name, value).Err(); err != nil {
			t.Fatal(err)
		}
	})
}

func replicaOf(host, port string) func(*testing.T, *servers) {
	return each(func(t *testing.T, node *redis.Client) {
		if err := node.ReplicaOf(t.Context(), host, port).Err(); err != nil {
			t.Fatal(err)
		}
	})
}

func nothing(*testing.T, *servers) {}

func outages() []outage {
	var stopped []int
	return []outage{
		{
			name: "kill -9", reasons: []string{"connection", "timeout"}, never: "cluster", // whose client would have to know another one
			begin: each(func(t *testing.T, node *redis.Client) {
				if err := syscall.Kill(pid(t, node), syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			}),
			end: func(t *testing.T, s *servers) { s.replace(t) },
		},
		{
			name: "STOP", reasons: []string{"timeout"}, partial: true,
			begin: func(t *testing.T, s *servers) {
				node := pid(t, s.nodes[len(s.nodes)-1]) // the others of a Cluster go on
				stopped = append(stopped, node)
				if err := syscall.Kill(node, syscall.SIGSTOP); err != nil {
					t.Fatal(err)
				}
			},
			end: func(t *testing.T, _ *servers) {
				if err := syscall.Kill(stopped[0], syscall.SIGCONT); err != nil {
					t.Fatal(err)
				}
			},
		},
		{
			name: "read-only replica", reasons: []string{"READONLY", "timeout"}, never: "cluster", // which refuses the command
			begin: replicaOf("127.0.0.1", "1"),
			end:   replicaOf("no", "one"),
		},
		{
			name: "maxmemory with noeviction", reasons: []string{"OOM"},
			begin: config("maxmemory", "1"),
			end:   config("maxmemory", "0"),
		},
		{
			name: "FLUSHALL", end: nothing,
			begin: each(func(t *testing.T, node *redis.Client) {
				if err := node.FlushAll(t.Context()).Err(); err != nil {
					t.Fatal(err)
				}
			}),
		},
		{
			name: "SCRIPT FLUSH", end: nothing,
			begin: each(func(t *testing.T, node *redis.Client) {
				if err := node.ScriptFlush(t.Context()).Err(); err != nil {
					t.Fatal(err)
				}
			}),
		},
	}
}

// failures counts the requests whose calls have failed. Those that nobody
// waits for carry none.
type failures struct{ requests atomic.Int64 }

func (f *failures) look(cmd redis.Cmder, err error) {
	args := cmd.Args()
	number := func(i int) int {
		n, _ := strconv.Atoi(fmt.Sprint(args[i]))
		return n
	}
	if !strings.HasPrefix(cmd.Name(), "eval") || err == nil || redis.HasErrorPrefix(err, "NOSCRIPT") {
		return
	}
	at := 3 + number(2) // after the keys
	for at += 1 + 14*number(at); at < len(args); at += 1 + 14*number(at) {
		f.requests.Add(1)
	}
}

func (f *failures) DialHook(next redis.DialHook) redis.DialHook { return next }
func (f *failures) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		f.look(cmd, err)
		return err
	}
}

func (f *failures) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		for _, cmd := range cmds {
			f.look(cmd, cmd.Err())
		}
		return err
	}
}

// Whatever happens to Redis, the limit of a key is its limit: nobody who has
// used it up gets more while Redis does not count, nor when it counts again,
// whether it has kept its counts or lost them. Only requests that were waiting
// for Redis at that moment pay a time-out.
func TestOutages(t *testing.T) {
	t.Parallel()
	const (
		limit   = 10
		keys    = 30 // on every node of a Cluster
		workers = 64
	)
	for _, w := range realWorlds {
		for i, o := range outages() {
			if o.never == w.name {
				continue
			}
			t.Run(w.name+"/"+o.name, func(t *testing.T) {
				t.Parallel()
				o := outages()[i] // with its own state
				s := w.start(t)
				o.partial = o.partial && len(s.nodes) > 1
				var failed failures
				s.client.AddHook(&failed)
				down, up := make(chan string, 1000), make(chan struct{}, 1000)
				l := ratelimit.AlwaysAsk(mustNew(t, ratelimit.Config{
					Rules: []ratelimit.Rule{
						{Name: "r", Limit: limit, Window: 30 * 24 * time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}},
						{Name: "sms", Limit: 1000, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}, FailClosed: true},
					},
					Store:  ratelimit.NewRedisStore(s.client, ratelimit.RedisConfig{Timeout: time.Second}),
					Secret: secret,
					OnEvent: func(e ratelimit.Event) {
						switch e.Kind {
						case ratelimit.StoreDown:
							down <- e.Reason
						case ratelimit.StoreUp:
							up <- struct{}{}
						}
					},
				}))
				var admitted [keys]atomic.Int64
				take := func(key int) {
					r := ratelimit.NewRequest(l, ratelimit.Charge{Key: fmt.Sprint("key ", key)})
					if ok, err := r.Take(t.Context()); err != nil {
						t.Error(err)
					} else if ok {
						admitted[key].Add(1)
					}
				}
				for key := range keys {
					for range 4 {
						take(key)
					}
				}
				if len(down) > 0 {
					t.Fatalf("down from the start: %s", <-down)
				}

				o.begin(t, s)
				var all sync.WaitGroup
				for worker := range workers {
					all.Go(func() {
						for i := range 3 * keys {
							if key := (worker + i) % keys; key != 0 { // nobody asks for the first meanwhile
								take(key)
							}
						}
					})
				}
				all.Wait()
				if o.reasons == nil {
					if len(down) > 0 {
						t.Errorf("Redis was given up: %s", <-down)
					}
				} else {
					if why := <-down; !slices.Contains(o.reasons, why) {
						t.Errorf("down by %q, want one of %q", why, o.reasons)
					}
					if n := failed.requests.Load(); n == 0 || n > workers {
						t.Errorf("%d requests have waited for nothing", n)
					}
					if st := ratelimit.State(l); st.Kind != "redis" || st.Breaker == "closed" || st.Outages == 0 {
						t.Errorf("state %+v", st)
					}
					sms := ratelimit.NewRequest(l, ratelimit.Charge{Key: "key 0"}, ratelimit.Charge{Rule: 1, Key: "key 0"})
					if ok, err := sms.Take(t.Context()); ok || err != nil || !sms.Verdicts()[1].Unavailable || sms.Verdicts()[0].Counted {
						t.Errorf("a rule that fails closed: %t, %v, %+v", ok, err, sms.Verdicts())
					}
				}

				o.end(t, s)
				if o.reasons != nil {
					recover := time.NewTimer(time.Minute)
					defer recover.Stop()
					tick := time.NewTicker(5 * time.Millisecond)
					defer tick.Stop()
					for counting := false; !counting; {
						take(1)
						select {
						case <-up:
							counting = ratelimit.State(l).Breaker == "closed"
						case <-tick.C:
						case <-recover.C:
							t.Fatalf("Redis does not count again: %+v", ratelimit.State(l))
						}
					}
				}
				// On a busy machine a request can run into the time-out once
				// more; what it owes is settled by those after it.
				for end := time.Now().Add(10 * time.Second); ratelimit.Owed(l) > 0 && o.name != "STOP" && time.Now().Before(end); {
					for key := range keys {
						take(key)
					}
				}
				if n := ratelimit.Owed(l); n > 0 && o.name != "STOP" {
					t.Errorf("%d keys are owed after the end", n)
				}
				over := 0
				for key := range keys {
					for range limit {
						take(key)
					}
					got := int(admitted[key].Load())
					if got < limit || got > limit && !o.partial {
						t.Errorf("key %d: admitted %d, want %d", key, got, limit)
					}
					over += got - limit
				}
				if over > workers {
					t.Errorf("%d were admitted over the limits", over)
				}
			})
		}
	}
}

// A refund whose call times out may still be carried out by a stalled Redis once
// it goes on: then it must not be owed to it besides.
func TestARefundThatTimesOutIsNotMadeTwice(t *testing.T) {
	t.Parallel()
	const limit, failedBefore, inFlight = 40, 20, 8
	s := oneRedis(t)
	up := make(chan struct{}, 10)
	l := ratelimit.AlwaysAsk(mustNew(t, ratelimit.Config{
		Secret: secret, Store: ratelimit.NewRedisStore(s.client, ratelimit.RedisConfig{}),
		Rules: []ratelimit.Rule{{Name: "f", Pattern: "POST /login", Limit: limit, Window: 30 * 24 * time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}, Count: ratelimit.Failures}},
		OnEvent: func(e ratelimit.Event) {
			if e.Kind == ratelimit.StoreUp {
				up <- struct{}{}
			}
		},
	}))
	hold, arrived := make(chan struct{}), make(chan struct{}, inFlight)
	h := l.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Right") != "" {
			arrived <- struct{}{}
			<-hold
			ratelimit.Succeed(w)
		}
	}))
	do := func(right string) bool {
		r := httptest.NewRequest("POST", "/login", nil)
		r.Header.Set("Right", right)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code == 200
	}
	failed := 0
	for range failedBefore {
		if do("") {
			failed++
		}
	}
	var wg sync.WaitGroup
	for range inFlight {
		wg.Go(func() { do("yes") })
	}
	for range inFlight {
		<-arrived
	}
	p := pid(t, s.nodes[0])
	if err := syscall.Kill(p, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	close(hold) // all succeed while Redis is stalled
	wg.Wait()
	_ = syscall.Kill(p, syscall.SIGCONT)
	for open := true; open; {
		_, _ = l.Allow(t.Context(), "f", "203.0.113.9") // whose try is the breaker's
		select {
		case <-up:
			open = false
		case <-t.Context().Done():
			t.Fatal("the breaker never closed")
		case <-time.After(10 * time.Millisecond):
		}
	}
	for range 3 * limit {
		if do("") {
			failed++
		}
	}
	if failed > limit || failed <= failedBefore {
		t.Errorf("%d failures admitted, limit %d", failed, limit)
	}
}
