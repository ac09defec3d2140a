package health

import "time"

// verdict is what a Checker's handlers say. It is immutable, and made anew
// whenever a result comes in.
type verdict struct {
	state   State
	answer  *answer
	started bool
	until   time.Time // when a result goes stale; zero: never
}

// look returns the verdict that holds now. It takes the lock only where a
// result is out of date; whoever holds that waits for nothing.
func (c *Checker) look() *verdict {
	v := c.verdict.Load()
	if v.holds() {
		return v
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conclude(time.Now())
}

func (v *verdict) holds() bool { return v.until.IsZero() || time.Now().Before(v.until) }

// answerFor returns what readiness says in a state.
func answerFor(s State) *answer {
	switch s {
	case Passing:
		return &answers.pass
	case Degraded:
		return &answers.warn
	default:
		return &answers.fail
	}
}
