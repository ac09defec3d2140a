package health

import "time"

// verdict is what a Checker's handlers say. It is immutable, and made anew
// whenever a result comes in or goes stale, so that a probe reads one pointer
// and neither a clock nor a lock.
type verdict struct {
	state   State
	answer  *answer
	started bool
	until   time.Time // when a result goes stale; zero: never
}

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
