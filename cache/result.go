package cache

import "sync/atomic"

// Outcome is how a request was answered.
type Outcome uint8

// The outcomes.
const (
	// Hit was answered from the store, or by the handler's run for another
	// request.
	Hit Outcome = iota + 1
	// Stale was answered from the store with a page that is not fresh.
	Stale
	// Miss ran the handler for want of a page.
	Miss
	// Pass went to the handler without a look into the store: every request
	// under NoCache and Immutable, and those that pass by under the others.
	Pass
)

// String returns the outcome in lower case, as a label of a metric.
func (o Outcome) String() string {
	switch o {
	case Hit:
		return "hit"
	case Stale:
		return "stale"
	case Miss:
		return "miss"
	case Pass:
		return "pass"
	default:
		return "unknown"
	}
}

// MarshalText returns what String returns, for JSON. It does not fail.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Result is how one request was answered, or one call of [Load].
type Result struct {
	// Pattern is the policy's, or the Name of the LoadPolicy.
	Pattern string
	// Outcome is what happened.
	Outcome Outcome
	// Detail is the reason, as in Cache-Status; empty where there is none. It
	// is one of the words of the package comment or the name of a header that
	// stands in this package: a bounded set, fit for a label of a metric.
	Detail string
}

// counters counts outcomes.
type counters struct{ hits, stale, misses, passes atomic.Uint64 }

func (s *counters) add(o Outcome) {
	switch o {
	case Hit:
		s.hits.Add(1)
	case Stale:
		s.stale.Add(1)
	case Miss:
		s.misses.Add(1)
	case Pass:
		s.passes.Add(1)
	}
}

// count counts a request and tells the hook.
func (c *Cache) count(p *policy, o Outcome, detail string) { c.tell(&p.stats, p.Pattern, o, detail) }

func (c *Cache) tell(s *counters, pattern string, o Outcome, detail string) {
	s.add(o)
	if c.onResult != nil {
		c.onResult(Result{Pattern: pattern, Outcome: o, Detail: detail})
	}
}
