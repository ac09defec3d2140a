package health

import (
	"slices"
	"time"
)

// staleAfter is how many intervals a result is relied on. In good order there
// is a new one after little more than two at the latest: an interval with its
// jitter, and a run that takes as long as it may.
const staleAfter = 3

// age makes a result stale whose time has come. Checker.mu is held.
func (k *check) age(now time.Time) {
	if !k.expires.IsZero() && !now.Before(k.expires) {
		k.state, k.since, k.expires = Stale, k.expires, time.Time{}
		k.reason, k.stack = reasonStale, ""
	}
}

// combine returns the state that follows from the checks', without those
// named. c.mu is held.
func (c *Checker) combine(without []string) State {
	switch {
	case c.draining:
		return Draining
	case !c.running.Load():
		return NotRunning
	}
	state := Passing
	for _, k := range c.checks {
		switch {
		case slices.Contains(without, k.name):
		case k.state == Starting:
			return Starting
		case k.required && (k.state == Failing || k.state == Stale):
			state = Failing
		case k.state != Passing && state == Passing:
			state = Degraded
		}
	}
	return state
}

// conclude returns what handlers say until the next result goes stale. c.mu
// is held.
func (c *Checker) conclude() *verdict {
	v := &verdict{state: c.combine(nil), started: c.running.Load()}
	v.answer = answerFor(v.state)
	for _, k := range c.checks {
		if k.state == Starting {
			v.started = false
		}
		if !k.expires.IsZero() && (v.until.IsZero() || k.expires.Before(v.until)) {
			v.until = k.expires
		}
	}
	return v
}

// update changes what is known, lets the handlers know what follows, and then
// tells of it.
func (c *Checker) update(change func(now time.Time)) { c.tell(c.apply(change)) }

// apply does what update does, but for the telling.
func (c *Checker) apply(change func(now time.Time)) []event {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	change(now)
	return c.refresh(now)
}

// refresh puts the verdict of now out and returns what has changed. c.mu is
// held.
func (c *Checker) refresh(now time.Time) (events []event) {
	for _, k := range c.checks {
		k.age(now)
		if k.state != k.told {
			events = append(events, c.event(k))
			k.told = k.state
		}
	}
	v := c.conclude()
	if v.state != c.state {
		events = append(events, c.queue(event{Change: Change{From: c.state, To: v.state, At: now}}))
		c.state, c.since = v.state, now
	}
	before := c.verdict.Swap(v)
	c.details.Store(nil)
	if !v.until.IsZero() && (before.until.IsZero() || v.until.Before(before.until)) {
		select { // watchExpiry sleeps for too long
		case c.sooner <- struct{}{}:
		default:
		}
	}
	return events
}

// record takes the outcome of a run in, or of a part of one that outlives its
// time-out.
func (c *Checker) record(k *check, began time.Time, o outcome) {
	c.update(func(now time.Time) {
		k.checked, k.duration = now, now.Sub(began)
		k.reason, k.stack = o.reason, o.stack
		if !c.draining {
			k.expires = now.Add(staleAfter * k.interval)
		}
		state := Passing
		if o.reason == "" {
			k.failures, k.passed = 0, true
		} else {
			k.failures++
			k.blame(now, o)
			state = Degraded
			if k.failures >= k.failAfter || k.required && !k.passed {
				state = Failing
			}
		}
		if state != k.state {
			k.state, k.since = state, now
		}
	})
}

// amend takes in what a run said that was counted as a failure before it
// returned.
func (c *Checker) amend(k *check, began time.Time, o outcome) {
	c.update(func(now time.Time) {
		k.hanging, k.duration = false, now.Sub(began)
		k.blame(k.lastErrorAt, o)
	})
}

// blame keeps what a failure says. A time-out without a reason of its own
// leaves the reason known before. Checker.mu is held.
func (k *check) blame(at time.Time, o outcome) {
	k.lastError, k.lastErrorAt = o.text, at
	if o.cause != "" {
		k.cause = o.cause
	}
}

// countStuck counts a run that should have returned.
func (c *Checker) countStuck(k *check) {
	c.update(func(time.Time) {
		k.stuck++
		k.hanging = true
	})
}
