package ratelimit_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/launchready/readiness/ratelimit"
)

// stores are all stores that a limiter can have, each with a function that
// makes limiters which share one. It fails the test where Redis is given up.
func stores() map[string]func(*testing.T, ...ratelimit.Rule) *ratelimit.Limiter {
	all := map[string]func(*testing.T, ...ratelimit.Rule) *ratelimit.Limiter{
		"memory": func(t *testing.T, rules ...ratelimit.Rule) *ratelimit.Limiter {
			return mustNew(t, ratelimit.Config{Rules: rules})
		},
	}
	for _, w := range redisWorlds {
		all[w.name] = func(t *testing.T, rules ...ratelimit.Rule) *ratelimit.Limiter {
			return replica(t, w.start(t), rules...)
		}
	}
	return all
}

// replica makes a limiter that waits for its servers, and must.
func replica(t *testing.T, s *servers, rules ...ratelimit.Rule) *ratelimit.Limiter {
	t.Helper()
	return ratelimit.Patient(mustNew(t, ratelimit.Config{
		Rules: rules, Secret: secret,
		Store: ratelimit.NewRedisStore(s.client, ratelimit.RedisConfig{}),
		OnEvent: func(e ratelimit.Event) {
			if e.Kind == ratelimit.StoreDown {
				t.Errorf("Redis was given up: %s", e.Reason)
			}
		},
	}))
}

// long is a window whose edge no test will meet.
const long = 30 * 24 * time.Hour

func rule(name string, limit int, edit ...func(*ratelimit.Rule)) ratelimit.Rule {
	r := ratelimit.Rule{Name: name, Limit: limit, Window: long, Keys: []ratelimit.Key{ratelimit.Header("X-" + name)}}
	for _, f := range edit {
		f(&r)
	}
	return r
}

// taken takes a request and returns it, to look at.
func taken(t *testing.T, want bool, l *ratelimit.Limiter, charges ...ratelimit.Charge) *ratelimit.Request {
	t.Helper()
	r := ratelimit.NewRequest(l, charges...)
	if got, err := r.Take(t.Context()); err != nil || got != want {
		t.Errorf("take %+v: %t, %v, want %t; %+v", charges, got, err, want, r.Verdicts())
	}
	return r
}

// What a store promises, every store keeps.
func TestEveryStore(t *testing.T) {
	t.Parallel()
	type charge = ratelimit.Charge
	for name, store := range stores() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := store(t,
				rule("wide", 100), rule("narrow", 3), rule("dry", 2, func(r *ratelimit.Rule) { r.DryRun = true }),
				rule("strict", 2, func(r *ratelimit.Rule) {
					r.Penalty = ratelimit.Penalty{After: 2, First: time.Hour, Factor: 3, Max: 10 * time.Hour}
				}))
			if name != "memory" {
				ratelimit.AlwaysAsk(l)
			}

			t.Run("all or nothing", func(t *testing.T) {
				for i := range 5 {
					taken(t, i < 3, l, charge{Rule: 0, Key: "a"}, charge{Rule: 1, Key: "a"})
				}
				v := taken(t, true, l, charge{Rule: 0, Key: "a"}).Verdicts()
				if v[0].Cur != 4 || v[0].Used != 4 {
					t.Errorf("the denied requests were charged: %+v", v)
				}
			})
			t.Run("who denies and who does not", func(t *testing.T) {
				v := taken(t, false, l, charge{Rule: 0, Key: "b"}, charge{Rule: 1, Key: "a"}).Verdicts()
				if v[0].Denied || v[0].Counted || v[0].Cur != 0 || !v[1].Denied || v[1].Counted || v[1].Cur != 3 || v[1].Wait <= 0 {
					t.Errorf("%+v", v)
				}
			})
			t.Run("cost", func(t *testing.T) {
				taken(t, true, l, charge{Rule: 0, Key: "cost", Cost: 60})
				taken(t, false, l, charge{Rule: 0, Key: "cost", Cost: 41})
				v := taken(t, true, l, charge{Rule: 0, Key: "cost", Cost: 40}).Verdicts()
				if v[0].Cur != 100 {
					t.Errorf("%+v", v)
				}
			})
			t.Run("several keys of a rule", func(t *testing.T) {
				taken(t, true, l, charge{Rule: 1, Key: "x"}, charge{Rule: 1, Key: "y"})
				taken(t, true, l, charge{Rule: 1, Key: "x", Cost: 2})
				v := taken(t, false, l, charge{Rule: 1, Key: "x"}, charge{Rule: 1, Key: "y"}).Verdicts()
				if !v[0].Denied || v[1].Denied || v[1].Cur != 1 {
					t.Errorf("%+v", v)
				}
			})
			t.Run("dry run", func(t *testing.T) {
				for i := range 4 {
					v := taken(t, true, l, charge{Rule: 0, Key: "dry"}, charge{Rule: 2, Key: "dry"}).Verdicts()
					if v[0].Cur != int64(i+1) || v[1].Denied != (i >= 2) || v[1].Counted != (i < 2) || v[1].Cur != int64(min(i+1, 2)) {
						t.Errorf("request %d: %+v", i, v)
					}
				}
			})
			t.Run("penalty", func(t *testing.T) {
				for i, want := range []struct {
					denied           bool
					strikes, blocked int64
				}{
					{},
					{},
					{denied: true, strikes: 1},
					{denied: true, strikes: 2, blocked: 3_600_000},
					{denied: true, strikes: 2, blocked: 3_600_000},
				} {
					v := taken(t, !want.denied, l, charge{Rule: 0, Key: "penalty"}, charge{Rule: 3, Key: "p"}).Verdicts()
					if v[0].Cur != int64(min(i+1, 2)) || v[1].Strikes != want.strikes || v[1].Blocked > want.blocked || v[1].Blocked < want.blocked-60_000 {
						t.Errorf("request %d: %+v", i, v)
					}
				}
				// The other's denial raises no strike of this one.
				taken(t, false, l, charge{Rule: 1, Key: "a"}, charge{Rule: 3, Key: "q"})
				if v := taken(t, true, l, charge{Rule: 3, Key: "q"}).Verdicts(); v[0].Strikes != 0 || v[0].Cur != 1 {
					t.Errorf("%+v", v)
				}
			})
			t.Run("refund", func(t *testing.T) {
				r := taken(t, true, l, charge{Rule: 0, Key: "refund", Cost: 30}, charge{Rule: 1, Key: "refund", Cost: 2})
				if err := r.Refund(t.Context()); err != nil {
					t.Error(err)
				}
				v := taken(t, true, l, charge{Rule: 0, Key: "refund"}, charge{Rule: 1, Key: "refund"}).Verdicts()
				if v[0].Cur != 1 || v[1].Cur != 1 {
					t.Errorf("%+v", v)
				}
				if err := taken(t, false, l, charge{Rule: 1, Key: "a"}).Refund(t.Context()); err != nil {
					t.Error(err)
				}
				taken(t, false, l, charge{Rule: 1, Key: "a"})
			})
			t.Run("reset", func(t *testing.T) {
				r := ratelimit.NewRequest(l, charge{Rule: 1, Key: "a"}, charge{Rule: 3, Key: "p"})
				if err := r.Reset(t.Context()); err != nil {
					t.Error(err)
				}
				v := taken(t, true, l, charge{Rule: 1, Key: "a"}, charge{Rule: 3, Key: "p"}).Verdicts()
				if v[0].Cur != 1 || v[1].Cur != 1 || v[1].Strikes != 0 {
					t.Errorf("%+v", v)
				}
			})
			t.Run("at once", func(t *testing.T) {
				var admitted atomic.Int64
				var all sync.WaitGroup
				for i := range 64 {
					all.Go(func() {
						r := ratelimit.NewRequest(l, charge{Rule: 0, Key: "at once"}, charge{Rule: 1, Key: fmt.Sprint(i)})
						for range 3 {
							if ok, err := r.Take(t.Context()); err != nil {
								t.Error(err)
							} else if ok {
								admitted.Add(1)
							}
						}
					})
				}
				all.Wait()
				if got := admitted.Load(); got != 100 {
					t.Errorf("admitted %d of 192, want 100", got)
				}
			})
			if st := ratelimit.State(l); st.Breaker != "" && st.Breaker != "closed" || st.Kind == "" || st.Outages != 0 {
				t.Errorf("state %+v", st)
			}
		})
	}
}

// Replicas see one another's counts, refunds, penalties and resets.
func TestReplicasAgree(t *testing.T) {
	t.Parallel()
	for _, w := range redisWorlds {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			s := w.start(t)
			rules := []ratelimit.Rule{rule("a", 3), rule("b", 1, func(r *ratelimit.Rule) { r.Penalty = ratelimit.Penalty{First: time.Hour} })}
			one, two := replica(t, s, rules...), replica(t, s, rules...)
			for _, l := range []*ratelimit.Limiter{one, two} {
				ratelimit.AlwaysAsk(l)
			}
			a, b := ratelimit.Charge{Rule: 0, Key: "k"}, ratelimit.Charge{Rule: 1, Key: "k"}
			taken(t, true, one, a)
			taken(t, true, two, a)
			r := taken(t, true, one, a)
			taken(t, false, two, a)
			if err := r.Refund(t.Context()); err != nil {
				t.Error(err)
			}
			taken(t, true, two, a)
			taken(t, true, one, b)
			taken(t, false, one, b)
			if v := taken(t, false, two, b).Verdicts(); v[0].Blocked == 0 || v[0].Strikes != 1 {
				t.Errorf("%+v", v)
			}
			// Nothing is left of what the others of a request were charged for.
			for i := range 8 {
				u := ratelimit.Charge{Rule: 0, Key: fmt.Sprint("u", i)}
				taken(t, false, one, u, b)
				if v := taken(t, true, two, u).Verdicts(); v[0].Cur != 1 {
					t.Errorf("%+v", v)
				}
			}
			// What was reset by one does not come back from the memory of the
			// other.
			if err := ratelimit.NewRequest(two, a, b).Reset(t.Context()); err != nil {
				t.Error(err)
			}
			if v := taken(t, true, one, a, b).Verdicts(); v[0].Cur != 1 || v[1].Strikes != 0 {
				t.Errorf("%+v", v)
			}
		})
	}
}

// A limiter repeats a denial for a second without asking, knows the time that
// passes, and forgets it with a refund or a reset of its own.
func TestRepeatedDenials(t *testing.T) {
	t.Parallel()
	s := oneRedis(t)
	var trips tripCounter
	s.client.AddHook(&trips)
	l := replica(t, s, rule("a", 2), rule("b", 1000), rule("p", 1, func(r *ratelimit.Rule) {
		r.Penalty = ratelimit.Penalty{After: 3, First: time.Hour}
	}), rule("dry", 1, func(r *ratelimit.Rule) { r.DryRun = true }))
	a, b := ratelimit.Charge{Rule: 0, Key: "k"}, ratelimit.Charge{Rule: 1, Key: "k"}
	asks := func(what string, want bool, f func()) {
		t.Helper()
		before := trips.n.Load()
		f()
		if got := trips.n.Load() > before; got != want {
			t.Errorf("%s: asks Redis %t, want %t", what, got, want)
		}
	}
	r := taken(t, true, l, a, b)
	taken(t, true, l, a, b)
	asks("the first denial", true, func() { taken(t, false, l, a, b) })
	asks("the second denial", false, func() {
		v := taken(t, false, l, a, b).Verdicts()
		if !v[0].Denied || v[0].Cur != 2 || v[0].Wait <= 0 || v[1].Denied || v[1].Cur != 2 || v[1].Counted {
			t.Errorf("%+v", v)
		}
	})
	asks("another key", true, func() { taken(t, true, l, ratelimit.Charge{Rule: 0, Key: "other"}, b) })
	asks("a refund", true, func() {
		if err := r.Refund(t.Context()); err != nil {
			t.Error(err)
		}
	})
	asks("after the refund", true, func() { taken(t, true, l, a, b) })
	taken(t, false, l, a)
	asks("a reset", true, func() {
		if err := ratelimit.NewRequest(l, a).Reset(t.Context()); err != nil {
			t.Error(err)
		}
	})
	asks("after the reset", true, func() { taken(t, true, l, a) })
	asks("more than was denied", true, func() {
		taken(t, false, l, ratelimit.Charge{Rule: 0, Key: "k", Cost: 2})
	})
	asks("less than was denied", true, func() { taken(t, true, l, a) })

	p := ratelimit.Charge{Rule: 2, Key: "k"}
	taken(t, true, l, p)
	for i := range 6 { // three strikes have to be counted
		asks(fmt.Sprint("penalty ", i), i < 3, func() { taken(t, false, l, p) })
	}
	dry := ratelimit.Charge{Rule: 3, Key: "k"}
	for range 3 {
		asks("dry run", true, func() { taken(t, true, l, dry) })
	}
}
