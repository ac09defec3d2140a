package ratelimit_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/launchready/readiness/ratelimit"
)

// cut is a hook that cuts a client off from its servers.
type cut struct {
	off    atomic.Bool
	panics bool
}

var errCut = errors.New("cut off at 10.0.3.7")

func (c *cut) fails() bool {
	if c.off.Load() && c.panics {
		panic("a hook at 10.0.3.7")
	}
	return c.off.Load()
}

func (c *cut) DialHook(next redis.DialHook) redis.DialHook { return next }
func (c *cut) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if c.fails() {
			cmd.SetErr(errCut)
			return errCut
		}
		return next(ctx, cmd)
	}
}

func (c *cut) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if c.fails() {
			for _, cmd := range cmds {
				cmd.SetErr(errCut)
			}
			return errCut
		}
		return next(ctx, cmds)
	}
}

// lonely is a replica that can be cut off.
type lonely struct {
	*ratelimit.Limiter
	cut    *cut
	events chan ratelimit.Event
}

func newLonely(t *testing.T, s *servers, replicas int, panics bool, rules ...ratelimit.Rule) *lonely {
	t.Helper()
	l := &lonely{cut: &cut{panics: panics}, events: make(chan ratelimit.Event, 1000)}
	s.client.AddHook(l.cut)
	l.Limiter = ratelimit.AlwaysAsk(ratelimit.Patient(mustNew(t, ratelimit.Config{
		Rules: rules, Secret: secret,
		Store: ratelimit.NewRedisStore(s.client, ratelimit.RedisConfig{Replicas: replicas}),
		OnEvent: func(e ratelimit.Event) {
			if e.Kind == ratelimit.StoreDown || e.Kind == ratelimit.StoreUp {
				l.events <- e
			}
		},
	})))
	return l
}

// mend ends the cut and waits until Redis counts again, which takes requests.
func (l *lonely) mend(t *testing.T, driver ratelimit.Charge) {
	t.Helper()
	l.cut.off.Store(false)
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := ratelimit.NewRequest(l.Limiter, driver).Take(t.Context()); err != nil {
			t.Fatal(err)
		}
		select {
		case e := <-l.events:
			if e.Kind == ratelimit.StoreUp {
				return
			}
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("Redis does not count again: %+v", ratelimit.State(l.Limiter))
		}
	}
}

// A replica that was cut off tells Redis what it has counted meanwhile: it is
// added to what the others have counted there.
func TestACutOffReplicaPaysItsDebts(t *testing.T) {
	t.Parallel()
	for _, w := range redisWorlds {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			mine := w.start(t)
			theirs := &servers{client: mine.another(t)}
			rules := []ratelimit.Rule{
				rule("a", 20), rule("drive", 1000),
				rule("p", 1, func(r *ratelimit.Rule) { r.Penalty = ratelimit.Penalty{After: 2, First: time.Hour} }),
			}
			l, other := newLonely(t, mine, 1, false, rules...), replica(t, theirs, rules...)
			a, drive, p := ratelimit.Charge{Key: "k"}, ratelimit.Charge{Rule: 1, Key: "d"}, ratelimit.Charge{Rule: 2, Key: "k"}
			taken(t, true, l.Limiter, a)
			before := taken(t, true, l.Limiter, a)
			taken(t, true, l.Limiter, p)

			l.cut.off.Store(true)
			for range 3 {
				taken(t, true, l.Limiter, a)
			}
			if e := <-l.events; e.Kind != ratelimit.StoreDown || e.Reason != "connection" {
				t.Errorf("event %+v", e)
			}
			for range 4 {
				taken(t, true, other, a)
			}
			during := taken(t, true, l.Limiter, a)
			if v := during.Verdicts(); !v[0].Local || v[0].Cur != 6 {
				t.Errorf("%+v", v)
			}
			for _, r := range []*ratelimit.Request{before, during} { // given back without Redis
				if err := r.Refund(t.Context()); err != nil {
					t.Error(err)
				}
			}
			taken(t, false, l.Limiter, p)
			taken(t, false, l.Limiter, p)

			l.mend(t, drive)
			if n := ratelimit.Owed(l.Limiter); n != 0 {
				t.Errorf("%d keys are still owed", n)
			}
			// 2 + 3 + 4 + 1, less 2, and this one.
			if v := taken(t, true, other, a).Verdicts(); v[0].Cur != 9 {
				t.Errorf("Redis counts %d, want 9", v[0].Cur)
			}
			if v := taken(t, false, other, p).Verdicts(); v[0].Strikes != 2 || v[0].Blocked == 0 || v[0].Cur != 1 {
				t.Errorf("the penalty: %+v", v)
			}
		})
	}
}

// While Redis does not count, each of several replicas admits its part.
func TestAloneAtItsShare(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                  string
		replicas              int
		limit                 int
		cost, before, admits  int
		failClosed, allDenied bool
	}{
		{name: "alone", replicas: 0, limit: 10, cost: 1, admits: 10},
		{name: "one of four", replicas: 4, limit: 10, cost: 1, admits: 3},
		{name: "one of many", replicas: 1000, limit: 10, cost: 1, admits: 1},
		{name: "what Redis has counted counts", replicas: 2, limit: 10, cost: 1, before: 3, admits: 2},
		{name: "more than the part", replicas: 4, limit: 10, cost: 5, admits: 1},
		{name: "fails closed", replicas: 1, limit: 10, cost: 1, failClosed: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := newLonely(t, oneMiniredis(t), tt.replicas, false, rule("a", tt.limit, func(r *ratelimit.Rule) { r.FailClosed = tt.failClosed }))
			c := ratelimit.Charge{Key: "k", Cost: int64(tt.cost)}
			for range tt.before {
				taken(t, true, l.Limiter, c)
			}
			l.cut.off.Store(true)
			for i := range 2 * tt.limit {
				v := taken(t, i < tt.admits, l.Limiter, c).Verdicts()[0]
				if v.Unavailable != tt.failClosed {
					t.Errorf("%+v", v)
				}
			}
		})
	}
}

// A panic of the client or of its hooks is an outage and no more: nothing
// stays locked, no request dies of it, and it is over when it is over.
func TestAPanicWedgesNothing(t *testing.T) {
	t.Parallel()
	s := oneMiniredis(t)
	l := newLonely(t, s, 1, true, rule("a", 5), rule("drive", 1000))
	a := ratelimit.Charge{Key: "k"}
	taken(t, true, l.Limiter, a)
	l.cut.off.Store(true)
	r := taken(t, true, l.Limiter, a)
	if e := <-l.events; e.Kind != ratelimit.StoreDown || e.Reason != "panic" {
		t.Errorf("event %+v", e)
	}
	if err := r.Refund(t.Context()); err != nil {
		t.Error(err)
	}
	if err := ratelimit.NewRequest(l.Limiter, ratelimit.Charge{Key: "other"}).Reset(t.Context()); err == nil {
		t.Error("a reset that Redis has not seen is reported as done")
	}
	l.mend(t, ratelimit.Charge{Rule: 1, Key: "d"})
	for i := range 6 {
		taken(t, i < 4, l.Limiter, a)
	}
}
