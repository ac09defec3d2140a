package health

import (
	"time"

	"go.uber.org/zap"
)

// State is how a [Checker], or one of its checks, is doing. A check is only
// ever Starting, Passing, Degraded or Failing.
type State string

// The states.
const (
	// NotRunning is a Checker whose Run was not called. Not ready.
	NotRunning State = "not running"
	// Starting is a check without a result yet, or a Checker with such a
	// check. Not ready.
	Starting State = "starting"
	// Passing is a check whose last run passed, or a Checker of which every
	// check did. Ready.
	Passing State = "passing"
	// Degraded is a check that failed fewer than FailAfter times in a row,
	// or a Checker with a check that fails without making it Failing.
	// Ready, and readiness says "warn".
	Degraded State = "degraded"
	// Failing is a check that failed FailAfter times in a row, or a Required
	// one that failed and never passed; or a Checker with a Required check
	// that is Failing. Not ready.
	Failing State = "failing"
	// Draining is a Checker after Drain, or one whose Run has ended. It
	// stays so. Not ready.
	Draining State = "draining"
)

// Snapshot is what a [Checker] knew at one moment. It belongs to the caller.
type Snapshot struct {
	// State is what readiness answers by.
	State State
	// Since is when State began.
	Since time.Time
	// Release is what Config says, or the binary.
	Release string
	// Checks are in the order of Config.Checks.
	Checks []CheckSnapshot
}

// CheckSnapshot is what was known of one check. Its texts may hold what a
// driver says of its connection: they are not for the public.
type CheckSnapshot struct {
	// Name and Required are the Check's.
	Name     string
	Required bool
	// State is Starting, Passing, Degraded or Failing.
	State State
	// Since is when State began.
	Since time.Time
	// Failures counts the failures in a row up to now.
	Failures int
	// LastError is the text of the last failure, at most 1 KiB. It stays
	// when the check passes again, and is empty if it never failed.
	LastError string
	// Duration is how long the last run took, or has taken so far where it
	// outlived its Timeout and did not return yet.
	Duration time.Duration
}

// Snapshot returns the state of the Checker and of every check. It can be
// called at any time and concurrently with all other methods.
func (c *Checker) Snapshot() Snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Snapshot{State: c.state, Since: c.since, Release: c.release, Checks: make([]CheckSnapshot, len(c.checks))}
	for i, k := range c.checks {
		s.Checks[i] = CheckSnapshot{
			Name: k.name, Required: k.required,
			State: k.state, Since: k.since, Failures: k.failures,
			LastError: k.lastError, Duration: k.duration,
		}
	}
	return s
}

// record takes the outcome of a run in, or of a part of one that outlives its
// time-out.
func (c *Checker) record(k *check, took time.Duration, o outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k.duration = took
	before := k.state
	switch {
	case o.reason == "":
		k.failures, k.passed, k.state = 0, true, Passing
	default:
		k.failures++
		k.lastError = o.text
		k.state = Degraded
		if k.failures >= k.failAfter || k.required && !k.passed {
			k.state = Failing
		}
	}
	if k.state != before {
		k.since = time.Now()
		k.log(c.log, before, o)
	}
	c.refresh()
}

// amend takes in what a run said that was counted as a failure before it
// returned.
func (c *Checker) amend(k *check, took time.Duration, o outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k.duration = took
	if o.text != "" {
		k.lastError = o.text
	}
}

// log tells of a check's change of state.
func (k *check) log(log *zap.Logger, before State, o outcome) {
	switch {
	case k.state != Passing:
		fields := []zap.Field{
			zap.String("check", k.name), zap.Bool("required", k.required), zap.String("state", string(k.state)),
			zap.Int("failures", k.failures), zap.String("reason", o.reason), zap.Duration("took", k.duration),
		}
		if o.stack != "" {
			fields = append(fields, zap.String("stack", o.stack))
		}
		log.Warn("health check failed", fields...)
	case before != Starting:
		log.Info("health check passes again", zap.String("check", k.name), zap.Duration("took", k.duration))
	}
}

// refresh computes the state of the whole and puts the answer out that fits.
// c.mu is held.
func (c *Checker) refresh() {
	state := c.combine()
	if state == c.state {
		return
	}
	c.log.Info("readiness changed", zap.String("from", string(c.state)), zap.String("to", string(state)), zap.String("release", c.release))
	c.state, c.since = state, time.Now()
	if state == Passing || state == Degraded || state == Failing {
		c.started.Store(true)
	}
	c.answer.Store(answerFor(state))
}

// combine returns the state that follows from the checks'. c.mu is held.
func (c *Checker) combine() State {
	switch {
	case c.draining.Load():
		return Draining
	case !c.running.Load():
		return NotRunning
	}
	state := Passing
	for _, k := range c.checks {
		switch {
		case k.state == Starting:
			return Starting
		case k.state == Failing && k.required:
			state = Failing
		case k.state != Passing && state == Passing:
			state = Degraded
		}
	}
	return state
}
