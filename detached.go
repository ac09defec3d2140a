package readiness

import (
	"context"
	"slices"
	"time"
)

// environmentLook is what a look at the environment gave.
type environmentLook struct {
	found, unknown []Finding
	last           memory
	failed         bool // it panicked: LookupEnv is the user's
}

// lookAtEnvironment looks at the environment in a goroutine of its own, which
// nobody waits for: LookupEnv may never return.
func (c *Checker) lookAtEnvironment(ctx context.Context) <-chan environmentLook {
	done := make(chan environmentLook, 1)
	go func() {
		e := environmentLook{failed: true}
		defer func() {
			_ = recover()
			done <- e
		}()
		found, unknown, last := c.environmentSince(ctx)
		e = environmentLook{found: found, unknown: unknown, last: last}
	}()
	return done
}

// takeEnvironment adds what a look at the environment gave by the time that
// over ends; without one the family is unknown. A nil look was not asked for.
func (r *Report) takeEnvironment(c *Checker, look <-chan environmentLook, over context.Context) memory {
	if look == nil {
		return memory{}
	}
	r.remembers = true
	var e environmentLook
	code, why := codePanic, "the check itself failed"
	select {
	case e = <-look:
	case <-over.Done():
		select {
		case e = <-look: // both were there
		default:
			e.failed, code, why = true, codeLate, "no result in time"
		}
	}
	if e.failed {
		r.looked = slices.DeleteFunc(r.looked, func(f string) bool { return f == "env" })
		r.Unknown = append(r.Unknown, c.unclear(code, environmentSubject, why))
		return memory{}
	}
	r.variables, r.earlier = len(c.env), e.last.known
	r.Findings, r.Unknown = append(r.Findings, e.found...), append(r.Unknown, e.unknown...)
	return e.last
}

// environmentSubject is the subject where the environment as a whole is unknown.
const environmentSubject = "environment"

// reportProgress calls Progress until ctx ends or the returned function is
// called, which waits a moment for a call that is under way, and no longer
// than until end. A call that never returns is left behind, and the Checker
// makes no other.
func (c *Checker) reportProgress(ctx context.Context, end time.Time, l *look) (stop func()) {
	if c.site.progress == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }() // Progress is the user's; the check goes on without it
		tick := time.NewTicker(250 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			c.callProgress(l.dns.Asked(), max(0, time.Until(end)))
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	}()
	return func() {
		cancel()
		late := time.NewTimer(min(progressGrace, max(0, time.Until(end))))
		defer late.Stop()
		select {
		case <-done:
		case <-late.C:
		}
	}
}

// callProgress calls Progress where no other call is under way.
func (c *Checker) callProgress(lookups int, left time.Duration) {
	if !c.progressing.CompareAndSwap(false, true) {
		return
	}
	defer c.progressing.Store(false)
	c.site.progress(lookups, left)
}
