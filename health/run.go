package health

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// stuckAfter is how long a run may take to return after its context ended. It
// needs no more than that if it heeds it.
const stuckAfter = 100 * time.Millisecond

// errRunTwice is what a second Run gets.
var errRunTwice = errors.New("health: Run was called before: call Run or Serve once (Serve runs the checks itself)")

// Checker watches dependencies and answers probes. Make one with [New]. All
// of its methods can be called concurrently.
type Checker struct {
	release        string
	log            *zap.Logger
	checks         []*check
	startupTimeout time.Duration

	onChange func(context.Context, Change)
	changes  chan Change   // to OnChange
	sooner   chan struct{} // a result expires earlier than watchExpiry knows

	// What handlers read. No probe takes a lock.
	verdict atomic.Pointer[verdict]
	details atomic.Pointer[answer] // rendered by the first to ask; nil: not yet
	running atomic.Bool
	warned  atomic.Bool

	// mu guards what follows, and the state of every check. It is never held
	// while something blocks.
	mu       sync.Mutex
	state    State
	since    time.Time
	draining bool
}

// Run runs the checks, each at once and then at its Interval, until ctx
// ends, and then returns nil. Its only error is that it was called before.
//
// When ctx ends, readiness turns 503 for good, because nobody looks after
// the dependencies any more; [Checker.Serve] therefore keeps the checks going
// until the last request is done. Run waits for runs in flight for what is
// left of their Timeout. One that outlives even that is named in the log and
// left behind: nothing can end it but itself. Run then waits until OnChange has
// been told of everything, for five seconds at most.
func (c *Checker) Run(ctx context.Context) error {
	if !c.running.CompareAndSwap(false, true) {
		return errRunTwice
	}
	c.loops(ctx)
	return nil
}

// loops runs every check's loop until ctx ends. c.running is true.
func (c *Checker) loops(ctx context.Context) {
	c.update(func(now time.Time) {
		for _, k := range c.checks {
			if !c.draining {
				k.expires = now.Add(c.startupTimeout)
			}
		}
	})
	finishHook := c.startHook()
	var wg sync.WaitGroup
	for _, k := range c.checks {
		wg.Go(func() { c.watch(ctx, k) })
	}
	wg.Go(func() { c.watchExpiry(ctx, &wg) })
	<-ctx.Done()
	c.Drain()
	wg.Wait()
	finishHook()
}

// Drain turns readiness to 503 for good, so that load balancers send no more
// requests here. Liveness and startup keep passing, the checks go on, and the
// server keeps answering. What the checks last found does not go stale from
// here on. Calls after the first do nothing. [Checker.Serve] calls it.
func (c *Checker) Drain() {
	c.update(func(time.Time) {
		for _, k := range c.checks {
			k.expires = time.Time{}
		}
		c.draining = true
	})
}

// watchExpiry turns results stale when their time comes. Whatever may hold
// the other goroutines up, such as a log that blocks, must not hold up this
// one: the handlers rely on it.
func (c *Checker) watchExpiry(ctx context.Context, wg *sync.WaitGroup) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			if events := c.apply(func(time.Time) {}); len(events) > 0 {
				wg.Go(func() { c.tell(events) })
			}
		case <-c.sooner:
		case <-ctx.Done():
			return
		}
		if until := c.verdict.Load().until; until.IsZero() {
			timer.Stop() // sooner says when there is something to wait for
		} else {
			timer.Reset(time.Until(until))
		}
	}
}

// watch runs one check again and again until ctx ends.
func (c *Checker) watch(ctx context.Context, k *check) {
	next := time.NewTimer(k.jittered())
	defer next.Stop()
	for {
		if !c.once(ctx, k, next) {
			return
		}
		select {
		case <-next.C:
			next.Reset(k.jittered())
		case <-ctx.Done():
			return
		}
	}
}

// once runs a check and waits until the run returned, however long it takes.
// It reports false when ctx has ended, in which case the run may be left
// behind.
func (c *Checker) once(ctx context.Context, k *check, next *time.Timer) bool {
	limited, cancel := context.WithTimeout(ctx, k.timeout)
	defer cancel()
	began := time.Now()
	done := k.start(limited)
	o, returned := await(done, limited.Done())
	switch {
	case returned && ctx.Err() != nil:
		return false // cut short: it says nothing about the dependency
	case returned:
		if o.reason != "" && limited.Err() != nil {
			o = k.timedOut(o)
		}
		c.record(k, began, o)
		return true
	case ctx.Err() != nil:
		c.leave(k, k.timeout-time.Since(began), done)
		return false
	default:
		c.record(k, began, k.timedOut(outcome{}))
		return c.awaitLate(ctx, k, began, done, next)
	}
}

// await returns what a run found, and false where stop came before it. Where
// both are there, as on a machine that was too busy to look in time, the run
// is not blamed.
func await[T any](done <-chan T, stop <-chan struct{}) (found T, returned bool) {
	select {
	case found = <-done:
		return found, true
	case <-stop:
	}
	select {
	case found = <-done:
		return found, true
	default:
		return found, false
	}
}

// awaitLate waits for a run that outlived its time-out.
func (c *Checker) awaitLate(ctx context.Context, k *check, began time.Time, done <-chan outcome, next *time.Timer) bool {
	patience := time.NewTimer(stuckAfter)
	defer patience.Stop()
	for {
		select {
		case o := <-done: // the run was counted as a failure already
			c.amend(k, began, k.timedOut(o))
			return true
		case <-patience.C:
			c.countStuck(k)
			c.log.Warn("health check hangs: it did not return when its context ended, and is not started again before it does", zap.String("check", k.name))
		case <-next.C: // each interval for which it hangs is a failure, too
			next.Reset(k.jittered())
			c.record(k, began, k.timedOut(outcome{}))
		case <-ctx.Done():
			c.leave(k, 0, done)
			return false
		}
	}
}

// leave waits for a run, no longer than told.
func (c *Checker) leave(k *check, wait time.Duration, done <-chan outcome) {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	if _, returned := await(done, ctx.Done()); !returned {
		c.log.Warn("health check did not return when its context ended", zap.String("check", k.name))
	}
}

// jittered returns the interval with up to a tenth added.
func (k *check) jittered() time.Duration {
	return k.interval + rand.N(k.interval/10+1)
}
