package ratelimit_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/launchready/readiness/ratelimit"
)

// A burst of requests, refunds and resets needs few calls, so that Redis does
// not look slow because of ourselves.
func TestABurstTakesFewTrips(t *testing.T) {
	t.Parallel()
	const requests = 2000
	s := oneRedis(t)
	var trips tripCounter
	s.client.AddHook(&trips)
	l := replica(t, s, rule("a", 10))
	var all, taken sync.WaitGroup
	taken.Add(requests)
	for i := range requests {
		all.Go(func() {
			r := ratelimit.NewRequest(l, ratelimit.Charge{Key: fmt.Sprint(i), Cost: 7})
			if ok, err := r.Take(t.Context()); !ok || err != nil {
				t.Errorf("take: %t, %v", ok, err)
			}
			taken.Done()
			taken.Wait() // so that the next ones come at once too
			undo := r.Refund
			if i%2 == 0 {
				undo = r.Reset
			}
			if err := undo(t.Context()); err != nil {
				t.Error(err)
			}
			if ok, err := r.Take(t.Context()); !ok || err != nil || r.Verdicts()[0].Cur != 7 {
				t.Errorf("take again: %t, %v, %+v", ok, err, r.Verdicts())
			}
		})
	}
	all.Wait()
	if n := trips.n.Load(); n > requests {
		t.Errorf("%d trips for %d requests at once", n, 3*requests)
	}
	if n := ratelimit.Owed(l); n > 0 {
		t.Errorf("%d keys are owed", n)
	}
}
