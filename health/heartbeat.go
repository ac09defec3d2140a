package health

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Heartbeat returns a check for a background worker or the loop of a job, and
// the function by which that says it is alive: it calls beat after each round,
// with nil or with what went wrong. The check fails while the last round went
// wrong, or where the last beat is older than within, or where there was none
// for as long since Run began.
//
//	check, beat := health.Heartbeat("mail worker", time.Minute)
//	…
//	for range tick.C {
//		beat(sendMail(ctx))
//	}
//
// within is how long a round takes at most, and the pause before it, with room
// to spare; from 2 ms on. The check is not Required: that a worker stands
// still is told by the details, the log and OnChange, and readiness says
// "warn", but no visitor is turned away for it, and nothing is restarted.
// It looks every within/2, every 15 s at most, and one look is enough to fail,
// since within holds the patience. beat can be called concurrently, costs
// next to nothing, and may be called before Run. Where name or within cannot
// be used, [New] reports it of the check.
func Heartbeat(name string, within time.Duration) (check Check, beat func(error)) {
	h := &heart{within: within}
	check = Check{Name: name, Interval: min(within/2, defaultInterval), FailAfter: 1, Func: h.check}
	if within < 2*minDuration {
		check.Interval, check.Func = 0, nil
	}
	return check, h.beat
}

// heart is what is known of a worker.
type heart struct {
	within time.Duration

	mu    sync.Mutex
	last  time.Time // zero: never
	first time.Time // when it was first looked for
	err   error
}

func (h *heart) beat(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last, h.err = time.Now(), err
}

func (h *heart) check(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.first.IsZero() {
		h.first = time.Now()
	}
	switch {
	case h.err != nil:
		return h.err
	case h.last.IsZero() && time.Since(h.first) > h.within:
		return fmt.Errorf("no beat yet, %s after the start", time.Since(h.first).Round(time.Second))
	case !h.last.IsZero() && time.Since(h.last) > h.within:
		return fmt.Errorf("no beat for %s, which is longer than %s", time.Since(h.last).Round(time.Second), h.within)
	}
	return nil
}
