package ratelimit_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/ratelimit"
)

// Requests that come while calls are under way share the next ones, and each
// is answered once.
func TestQueueGathers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var q ratelimit.Queue
		var calls, flying, most, answered atomic.Int64
		var mu sync.Mutex
		sizes := map[int]int{}
		var all sync.WaitGroup
		for range 1000 {
			all.Go(func() {
				o := ratelimit.NewOrder()
				if orders := q.Join(o, time.Hour); orders != nil {
					if orders[0] != o {
						t.Error("sends the orders of others only")
					}
					calls.Add(1)
					most.Store(max(most.Load(), flying.Add(1)))
					mu.Lock()
					sizes[len(orders)]++
					mu.Unlock()
					time.Sleep(3 * time.Millisecond)
					for _, o := range orders {
						ratelimit.Answer(o)
					}
					flying.Add(-1)
					q.Pass(orders)
				}
				if ratelimit.Answered(o) != 1 {
					t.Errorf("answered %d times", ratelimit.Answered(o))
				}
				answered.Add(1)
			})
		}
		all.Wait()
		if answered.Load() != 1000 || most.Load() > ratelimit.MaxCalls {
			t.Errorf("%d answered, %d calls under way at once", answered.Load(), most.Load())
		}
		if n := calls.Load(); n > 1000/ratelimit.MaxOrders+2*ratelimit.MaxCalls {
			t.Errorf("%d calls: %v", n, sizes)
		}
		if calls, waiting := q.Len(); calls != 0 || waiting != 0 {
			t.Errorf("at the end %d calls are under way and %d wait", calls, waiting)
		}
	})
}

// Who waits too long goes, and whoever is sent meanwhile stays.
func TestQueueLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var q ratelimit.Queue
		var leaders [ratelimit.MaxCalls][]*ratelimit.Order
		for i := range leaders {
			leaders[i] = q.Join(ratelimit.NewOrder(), time.Second)
		}
		start := time.Now()
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				o := ratelimit.NewOrder()
				if q.Join(o, time.Second) != nil || ratelimit.OrderErr(o) == nil {
					t.Error("was sent")
				}
			})
		}
		all.Wait()
		if took := time.Since(start); took != time.Second {
			t.Errorf("waited for %s", took)
		}
		all.Go(func() {
			if o := ratelimit.NewOrder(); len(q.Join(o, time.Second)) != 1 {
				t.Error("was not sent alone")
			}
		})
		synctest.Wait()
		q.Pass(leaders[0])
		all.Wait()
		for _, l := range leaders[1:] {
			q.Pass(l)
		}
		if calls, waiting := q.Len(); calls != 1 || waiting != 0 {
			t.Errorf("%d calls are under way and %d wait", calls, waiting)
		}
	})
}

func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var q ratelimit.Queue
		var all sync.WaitGroup
		for range ratelimit.MaxCalls {
			q.Join(ratelimit.NewOrder(), time.Second)
		}
		for range ratelimit.MaxWaiting {
			all.Go(func() { q.Join(ratelimit.NewOrder(), time.Second) })
		}
		synctest.Wait()
		start := time.Now()
		o := ratelimit.NewOrder()
		if q.Join(o, time.Second) != nil || ratelimit.OrderErr(o) == nil || time.Since(start) != 0 {
			t.Error("one more waits")
		}
		all.Wait()
	})
}

// A denial is repeated for a second at most, and not beyond its wait or its
// window.
func TestDenialsEnd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                        string
		cur, prev, elapsed, blocked int64
		lasts                       time.Duration
	}{
		{name: "a long wait", cur: 10, elapsed: 1000, lasts: time.Second},
		{name: "a short wait", prev: 10, elapsed: 5700, lasts: 300 * time.Millisecond},
		{name: "the window's end", cur: 10, elapsed: 59_700, lasts: 300 * time.Millisecond},
		{name: "a penalty", cur: 10, elapsed: 1000, blocked: 400, lasts: 400 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			now := noon
			var d ratelimit.Denials
			r := d.Deny("k", 10, 60_000, tt.cur, tt.prev, tt.elapsed, tt.blocked, now)
			if !d.Repeat(r, now) || !d.Repeat(r, now.Add(tt.lasts-time.Millisecond)) {
				t.Error("not repeated")
			}
			if v := r.Verdicts()[0]; !v.Denied || v.Elapsed != tt.elapsed+tt.lasts.Milliseconds()-1 || tt.blocked > 0 && v.Blocked != 1 {
				t.Errorf("%+v", v)
			}
			if d.Repeat(r, now.Add(tt.lasts)) {
				t.Error("repeated for too long")
			}
		})
	}
	// A flood of denied keys takes no more room than that.
	var d ratelimit.Denials
	for i := range ratelimit.MaxDenials + 100 {
		d.Deny(string(rune(i)), 10, 60_000, 10, 0, 0, 0, noon)
	}
	if d.Len() > ratelimit.MaxDenials {
		t.Errorf("%d denials", d.Len())
	}
	r := d.Deny("later", 10, 60_000, 10, 0, 0, 0, noon.Add(2*time.Second))
	if d.Len() != 1 || !d.Repeat(r, noon.Add(2*time.Second)) {
		t.Errorf("%d denials after a second", d.Len())
	}
}
