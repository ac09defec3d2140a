package health

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"
)

const (
	// maxChanges bounds how many changes wait for OnChange.
	maxChanges = 64
	// hookTimeout is when the context of one call of OnChange ends.
	hookTimeout = 10 * time.Second
	// hookGrace is how long Run waits for the last calls.
	hookGrace = 5 * time.Second
)

// Change is one change of state, for [Config.OnChange].
type Change struct {
	// Check is the check's name. It is empty where the state is readiness's
	// own, which is what an alert goes by.
	Check string
	// Required is the Check's.
	Required bool
	// From and To are the states before and after. They differ.
	From, To State
	// At is when it changed.
	At time.Time
	// Error is the text of the check's last failure where To is neither
	// Passing nor Starting, at most 1 KiB. Like those of a [CheckSnapshot],
	// it is not for the public.
	Error string
}

// event is a change with what the log says of it.
type event struct {
	Change
	failures int
	reason   string
	stack    string
	took     time.Duration
	dropped  bool // OnChange was too far behind
}

// event returns the change that a check is about to tell of. c.mu is held.
func (c *Checker) event(k *check) event {
	e := event{
		Change:   Change{Check: k.name, Required: k.required, From: k.told, To: k.state, At: k.since},
		failures: k.failures, reason: k.reason, stack: k.stack, took: k.duration,
	}
	if e.To != Passing && e.To != Starting {
		e.Error = k.lastError
	}
	return c.queue(e)
}

// queue hands a change to OnChange, which is called elsewhere. c.mu is held,
// so that changes stand in the queue in the order in which they came.
func (c *Checker) queue(e event) event {
	if c.onChange != nil {
		select {
		case c.changes <- e.Change:
		default:
			e.dropped = true
		}
	}
	return e
}

// tell logs changes. A log may block, so c.mu must not be held: no probe and
// no Snapshot waits for it.
func (c *Checker) tell(events []event) {
	for _, e := range events {
		e.log(c.log, c.release)
	}
}

// log tells of the change. It has no room for the error's own text, which may
// hold a password.
func (e event) log(log *zap.Logger, release string) {
	if e.dropped {
		log.Warn("health: OnChange is too slow, a change was not told to it", zap.String("check", e.Check), zap.String("to", string(e.To)))
	}
	switch {
	case e.Check == "":
		log.Info("readiness changed", zap.String("from", string(e.From)), zap.String("to", string(e.To)), zap.String("release", release))
	case e.To != Passing:
		fields := []zap.Field{
			zap.String("check", e.Check), zap.Bool("required", e.Required), zap.String("state", string(e.To)),
			zap.Int("failures", e.failures), zap.String("reason", e.reason), zap.Duration("took", e.took),
		}
		if e.stack != "" {
			fields = append(fields, zap.String("stack", e.stack))
		}
		log.Warn("health check failed", fields...)
	case e.From != Starting:
		log.Info("health check passes again", zap.String("check", e.Check), zap.Duration("took", e.took))
	}
}

// startHook starts the goroutine that calls OnChange, so that a hook that
// hangs holds up no check. What it returns waits until every change has been
// told, and not much longer than hookGrace.
func (c *Checker) startHook() (finish func()) {
	if c.onChange == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	last := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case change := <-c.changes:
				c.callHook(ctx, change)
				continue
			case <-last:
			}
			for { // what came before last was closed
				select {
				case change := <-c.changes:
					c.callHook(ctx, change)
				default:
					return
				}
			}
		}
	}()
	return func() {
		close(last)
		defer cancel()
		timer := time.NewTimer(hookGrace)
		defer timer.Stop()
		select {
		case <-ended:
			return
		case <-timer.C:
		}
		cancel()
		timer.Reset(stuckAfter)
		select {
		case <-ended:
		case <-timer.C:
			c.log.Warn("health: OnChange did not return when its context ended")
		}
	}
}

// callHook calls OnChange once.
func (c *Checker) callHook(ctx context.Context, change Change) {
	if ctx.Err() != nil {
		return // Run has ended without it
	}
	ctx, cancel := context.WithTimeout(ctx, hookTimeout)
	defer cancel()
	defer func() {
		if v := recover(); v != nil { // its text may hold anything
			c.log.Error("health: OnChange panicked", zap.String("type", fmt.Sprintf("%T", v)), zap.String("stack", panicStack()))
		}
	}()
	c.onChange(ctx, change)
}
