package metrics

import (
	"cmp"
	"slices"
	"time"

	"github.com/launchready/readiness/internal/quantile"
)

// minVerdict is how many requests it takes to say something of a 95th
// percentile: below, it is decided by the single slowest one.
const minVerdict = 20

// Snapshot is what was measured in the last five minutes. It belongs to the
// caller.
type Snapshot struct {
	// SlowerThan is the Config's.
	SlowerThan time.Duration
	// Overall is all routes together; its Route is empty. It includes
	// "_unmatched", which scanners can fill with quick answers: judge the
	// service by its routes.
	Overall RouteStats
	// Routes are those with a request, by what they cost their users: P95
	// times N, the highest first.
	Routes []RouteStats
}

// RouteStats is what was measured for one route in the last five minutes, of
// the requests whose duration says something (see the package's text).
type RouteStats struct {
	// Route is the pattern, or "_unmatched", or "_other".
	Route string
	// N is how many requests it is about. Show it beside every figure.
	N uint64
	// P50, P95 and P99 are estimates, within 6.25 % of the exact value
	// between 8 µs and 68 s. What took longer counts as 68 s.
	P50, P95, P99 time.Duration
	// Slower is how many took longer than SlowerThan. It is exact.
	Slower uint64
	// Errors is how many were answered with a 5xx or panicked. It is exact.
	Errors uint64
}

// Verdict is what can be said of a route's 95th percentile, in words.
type Verdict string

// The verdicts.
const (
	// TooFew is fewer than 20 requests: nothing can be said.
	TooFew Verdict = "too few requests"
	// Fast is a P95 of SlowerThan at most.
	Fast Verdict = "fast enough"
	// Slow is a P95 beyond SlowerThan.
	Slow Verdict = "too slow"
)

// Verdict says whether the 95th percentile is beyond SlowerThan. It is exact,
// although P95 is an estimate: it follows from Slower and N.
func (s RouteStats) Verdict() Verdict {
	switch {
	case s.N < minVerdict:
		return TooFew
	case s.Slower*20 > s.N:
		return Slow
	default:
		return Fast
	}
}

// Snapshot reads what was measured in the last five minutes. It takes some
// microseconds a route, and no request waits for it.
func (m *Metrics) Snapshot() Snapshot {
	now := time.Since(m.born)
	var all quantile.Counts
	s := Snapshot{SlowerThan: m.slowerThan}
	add := func(r *route) {
		var one quantile.Counts
		r.ring.Read(now, &one)
		if one.N > 0 {
			s.Routes = append(s.Routes, stats(r.name, &one))
			all.Add(&one)
		}
	}
	for _, r := range *m.routes.known.Load() {
		add(r)
	}
	add(m.routes.unmatched)
	add(m.routes.other)
	s.Overall = stats("", &all)
	slices.SortFunc(s.Routes, func(a, b RouteStats) int {
		return cmp.Or(cmp.Compare(b.cost(), a.cost()), cmp.Compare(a.Route, b.Route))
	})
	return s
}

func (s RouteStats) cost() float64 { return float64(s.P95) * float64(s.N) }

func stats(name string, c *quantile.Counts) RouteStats {
	return RouteStats{
		Route: name, N: c.N,
		P50: c.Quantile(0.50), P95: c.Quantile(0.95), P99: c.Quantile(0.99),
		Slower: c.Over, Errors: c.Failed,
	}
}
