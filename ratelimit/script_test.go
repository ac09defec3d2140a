package ratelimit_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/launchready/readiness/ratelimit"
)

// step is something that happens to a store, and when.
type step struct {
	after   time.Duration // since the step before
	charges []ratelimit.Charge
	refund  bool // what was taken is given back, some steps later
	reset   bool // the keys are forgotten instead
}

// scriptRules have windows and penalties of all sizes. The second is a dry
// run; the third is met with two keys at once.
func scriptRules() []ratelimit.Rule {
	key := func(n int) []ratelimit.Key {
		return []ratelimit.Key{ratelimit.Header(fmt.Sprintf("X-%d", n))}
	}
	return []ratelimit.Rule{
		{Name: "a", Limit: 7, Window: 10 * time.Second, Keys: key(0)},
		{Name: "b", Limit: 5, Window: 7 * time.Second, Keys: key(1), DryRun: true, Penalty: ratelimit.Penalty{First: 3 * time.Second}},
		{Name: "c", Limit: 9, Window: 10 * time.Second, Keys: key(2), Penalty: ratelimit.Penalty{After: 2, First: time.Second, Factor: 3, Max: 40 * time.Second}},
		{Name: "d", Limit: 3, Window: time.Second, Keys: key(3), Penalty: ratelimit.Penalty{First: 100 * time.Millisecond, Factor: 1}},
	}
}

// steps returns n steps that visit every branch of a take.
func steps(seed uint64, n int) []step {
	random := rand.New(rand.NewPCG(seed, 1))
	charge := func(rule int, key string) ratelimit.Charge {
		return ratelimit.Charge{Rule: rule, Key: key, Cost: max(1, random.Int64N(5)-1)}
	}
	key := func() string { return string(rune('k' + random.IntN(2))) }
	list := make([]step, n)
	for i := range list {
		s := step{refund: random.IntN(3) == 0, reset: random.IntN(40) == 0}
		switch random.IntN(10) {
		case 0: // whole windows pass
			s.after = time.Duration(random.IntN(30_000)) * time.Millisecond
		case 1, 2:
			s.after = time.Duration(random.IntN(4_000)) * time.Millisecond
		default:
			s.after = time.Duration(random.IntN(300)) * time.Millisecond
		}
		for rule := range 4 {
			if random.IntN(2) == 0 {
				continue
			}
			if rule == 2 && random.IntN(2) == 0 {
				s.charges = append(s.charges, charge(2, "k"), charge(2, "l"))
				continue
			}
			s.charges = append(s.charges, charge(rule, key()))
		}
		if len(s.charges) == 0 {
			s.charges = append(s.charges, charge(0, "k"))
		}
		list[i] = s
	}
	return list
}

// play runs the steps on a limiter and returns what it said.
func play(t *testing.T, l *ratelimit.Limiter, steps []step, wait func(time.Duration)) (said []string) {
	t.Helper()
	var inFlight []*ratelimit.Request
	for i, s := range steps {
		wait(s.after)
		r := ratelimit.NewRequest(l, s.charges...)
		if s.reset {
			if err := r.Reset(t.Context()); err != nil {
				t.Fatal(err)
			}
			said = append(said, "reset")
			continue
		}
		admitted, err := r.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, fmt.Sprintf("step %d: %t %+v", i, admitted, r.Verdicts()))
		if s.refund {
			inFlight = append(inFlight, r)
		}
		for len(inFlight) > 3 {
			if err := inFlight[0].Refund(t.Context()); err != nil {
				t.Fatal(err)
			}
			inFlight = inFlight[1:]
		}
	}
	return said
}

// The scripts do to a millisecond what the store of this process does, over
// windows, costs, penalties, dry runs, refunds and resets.
func TestScriptDecidesAsTheMemory(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			todo := steps(seed, 600)
			var begin time.Time
			var want []string
			synctest.Test(t, func(t *testing.T) {
				begin = time.Now()
				l := mustNew(t, ratelimit.Config{Rules: scriptRules()})
				want = play(t, l, todo, time.Sleep)
			})
			server := miniredis.RunT(t)
			now := begin
			server.SetTime(now)
			down := make(chan string, 1)
			l := ratelimit.AlwaysAsk(ratelimit.Patient(mustNew(t, ratelimit.Config{
				Rules: scriptRules(), Secret: secret,
				Store: ratelimit.NewRedisStore(connect(t, server.Addr()), ratelimit.RedisConfig{}),
				OnEvent: func(e ratelimit.Event) {
					if e.Kind == ratelimit.StoreDown {
						down <- e.Reason
					}
				},
			})))
			got := play(t, l, todo, func(d time.Duration) {
				now = now.Add(d)
				server.SetTime(now)
				server.FastForward(d)
				ratelimit.ForgetRedis(l) // whose clock is another one
			})
			select {
			case why := <-down:
				t.Fatalf("fell back: %s", why)
			default:
			}
			all := strings.Join(want, "\n")
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("the script says\n%s\nand the memory\n%s", got[i], want[i])
				}
			}
			verdicts := strings.Count(all, "Win:")
			for what, n := range map[string]int{
				"admitted": strings.Count(all, ": true"), "denied": strings.Count(all, ": false"),
				"penalty": verdicts - strings.Count(all, "Blocked:0"), "second strike": strings.Count(all, "Strikes:2"),
				"previous window": verdicts - strings.Count(all, "Prev:0"),
			} {
				if n < 20 {
					t.Errorf("%s was seen %d times only: the steps test too little", what, n)
				}
			}
		})
	}
}
