package health

import (
	"slices"
	"time"
)

// staleAfter is how many intervals a result is relied on. In good order there
// is a new one after little more than two at the latest: an interval with its
// jitter, and a run that takes as long as it may.
const staleAfter = 3

// at returns the check's state at a moment, and since when it has been so.
// Checker.mu is held.
func (k *check) at(now time.Time) (State, time.Time) {
	if k.expires.IsZero() || now.Before(k.expires) || k.state == Stale {
		return k.state, k.since
	}
	return Stale, k.expires
}

// age puts what time does to the state into it. Checker.mu is held.
func (k *check) age(now time.Time) {
	if state, since := k.at(now); state != k.state {
		k.state, k.since, k.reason, k.stack = state, since, reasonStale, ""
	}
}

// combine returns the state that follows from the checks', without those
// named. c.mu is held.
func (c *Checker) combine(now time.Time, without []string) State {
	switch {
	case c.draining:
		return Draining
	case !c.running.Load():
		return NotRunning
	}
	state := Passing
	for _, k := range c.checks {
		if slices.Contains(without, k.name) {
			continue
		}
		switch s, _ := k.at(now); {
		case s == Starting:
			return Starting
		case k.required && (s == Failing || s == Stale):
			state = Failing
		case s != Passing && state == Passing:
			state = Degraded
		}
	}
	return state
}

// conclude returns what handlers say from a moment on, until the next result
// goes stale. c.mu is held.
func (c *Checker) conclude(now time.Time) *verdict {
	v := &verdict{state: c.combine(now, nil), started: c.started}
	starting := !c.running.Load()
	for _, k := range c.checks {
		if s, _ := k.at(now); s == Starting {
			starting = true
		}
		if k.expires.After(now) && (v.until.IsZero() || k.expires.Before(v.until)) {
			v.until = k.expires
		}
	}
	v.started = v.started || !starting
	v.answer = answerFor(v.state)
	return v
}

// update changes what is known, lets the handlers know what follows, and then
// tells of it.
func (c *Checker) update(change func(now time.Time)) {
	c.mu.Lock()
	now := time.Now()
	change(now)
	events := c.refresh(now)
	c.mu.Unlock()
	c.tell(events)
}

// expire takes in that time has passed, and returns what to tell of it.
func (c *Checker) expire() []event {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if until := c.verdict.Load().until; until.IsZero() || now.Before(until) {
		return nil
	}
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
	v := c.conclude(now)
	c.started = v.started
	if v.state != c.state {
		events = append(events, c.queue(event{Change: Change{From: c.state, To: v.state, At: now}}))
		c.state, c.since = v.state, now
	}
	before := c.verdict.Swap(v)
	c.details.Store(nil)
	c.generation++
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
