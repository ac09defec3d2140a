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

// errRunTwice is what a second Run gets.
var errRunTwice = errors.New("health: Run was called before: call Run or Serve once (Serve runs the checks itself)")

// Checker watches dependencies and answers probes. Make one with [New]. All
// of its methods can be called concurrently.
type Checker struct {
	release string
	log     *zap.Logger
	checks  []*check

	// What handlers read. No probe takes the lock.
	answer   atomic.Pointer[answer]
	started  atomic.Bool
	running  atomic.Bool
	draining atomic.Bool
	warned   atomic.Bool

	mu    sync.Mutex // guards what follows, and the state of every check
	state State
	since time.Time
}

// Run runs the checks, each at once and then at its Interval, until ctx
// ends, and then returns nil. Its only error is that it was called before.
//
// When ctx ends, readiness turns 503 for good, because nobody looks after
// the dependencies any more; [Checker.Serve] therefore keeps the checks going
// until the last request is done. Run waits for runs in flight for what is
// left of their Timeout. One that outlives even that is named in the log and
// left behind: nothing can end it but itself.
func (c *Checker) Run(ctx context.Context) error {
	if !c.running.CompareAndSwap(false, true) {
		return errRunTwice
	}
	c.loops(ctx)
	return nil
}

// loops runs every check's loop until ctx ends. c.running is true.
func (c *Checker) loops(ctx context.Context) {
	c.mu.Lock()
	now := time.Now()
	for _, k := range c.checks {
		k.since = now
	}
	c.refresh()
	c.mu.Unlock()

	var wg sync.WaitGroup
	for _, k := range c.checks {
		wg.Go(func() { c.watch(ctx, k) })
	}
	<-ctx.Done()
	c.Drain()
	wg.Wait()
}

// Drain turns readiness to 503 for good, so that load balancers send no more
// requests here. Liveness and startup keep passing, and the server keeps
// answering. Calls after the first do nothing. [Checker.Serve] calls it.
func (c *Checker) Drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.draining.Store(true)
	c.refresh()
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
	select {
	case o := <-done:
		if ctx.Err() != nil {
			return false // cut short: it says nothing about the dependency
		}
		if o.reason != "" && limited.Err() != nil {
			o = k.timedOut(o)
		}
		c.record(k, time.Since(began), o)
		return true
	case <-limited.Done():
	}
	if ctx.Err() != nil {
		c.leave(k, k.timeout-time.Since(began), done)
		return false
	}
	c.record(k, time.Since(began), k.timedOut(outcome{}))
	for {
		select {
		case o := <-done: // the run was counted as a failure already
			c.amend(k, time.Since(began), k.timedOut(o))
			return true
		case <-next.C: // and so is each interval for which it hangs
			next.Reset(k.jittered())
			c.record(k, time.Since(began), k.timedOut(outcome{}))
		case <-ctx.Done():
			c.leave(k, 0, done)
			return false
		}
	}
}

// leave waits for a run, no longer than told.
func (c *Checker) leave(k *check, wait time.Duration, done <-chan outcome) {
	timer := time.NewTimer(max(wait, 0))
	defer timer.Stop()
	select {
	case <-done:
		return
	case <-timer.C:
	}
	select {
	case <-done: // both were ready
	default:
		c.log.Warn("health check did not return when its context ended", zap.String("check", k.name))
	}
}

// jittered returns the interval with up to a tenth added.
func (k *check) jittered() time.Duration {
	return k.interval + rand.N(k.interval/10+1)
}
