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
// caller. As JSON it can be sent to another process and read there (see
// [ReadSnapshot]); it can be merged with those of other replicas ([Merge]) and
// compared with an earlier one ([Snapshot.Diff]).
type Snapshot struct {
	// Taken is when it was taken; of a merged one, when the last was.
	Taken time.Time
	// Span is the time that it looks back: between four and a half and five
	// minutes, or less where the process is younger. Of a merged one it is
	// the longest.
	Span time.Duration
	// Release and Revision are what was running. They are empty where they
	// are not known, and in a merged one where the replicas differ.
	Release, Revision string
	// Replicas is how many processes it is about.
	Replicas int
	// SlowerThan is the Config's.
	SlowerThan time.Duration
	// ActiveRequests is how many requests were in flight, and OpenStreams how
	// many of them were streams: connections taken over, events, tunnels.
	ActiveRequests, OpenStreams int64
	// Overall is all routes together; its Route is empty. It includes
	// "_unmatched", which scanners can fill with quick answers: judge the
	// service by its routes.
	Overall RouteStats
	// Routes are those with a request, by what they cost their users: P95
	// times N, the highest first.
	Routes []RouteStats
	// Events are the declared ones, in the order of the Config.
	Events []EventStats
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

	buckets []bucket // of a snapshot's routes, for Merge and JSON
}

// bucket is how many durations there were of one length.
type bucket struct {
	number int
	n      uint32
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
	now := time.Now()
	at := now.Sub(m.born)
	s := Snapshot{
		Taken: now, Span: quantile.Covered(at), Release: m.build.release, Revision: m.build.revision, Replicas: 1,
		SlowerThan: m.slowerThan, ActiveRequests: m.active.sum(), OpenStreams: m.open.sum(),
	}
	s.Events = m.events.read(at, s.Span)
	var all quantile.Counts
	for r := range m.routes.counted {
		var one quantile.Counts
		r.ring.Read(at, &one)
		if one.N > 0 {
			s.Routes = append(s.Routes, statsWithBuckets(r.name, &one))
			all.Add(&one)
		}
	}
	s.Overall = stats("", &all)
	sortByCost(s.Routes)
	return s
}

// Route reads what was measured for one route in the last five minutes: its
// pattern as Snapshot names it, without a method. A route that nobody has
// asked for yet, or that is excluded, has an N of 0. It costs about a
// microsecond and allocates nothing, so that a handler can ask it.
func (m *Metrics) Route(name string) RouteStats {
	r := m.routes.find(name)
	if r == nil || r.excluded {
		return RouteStats{Route: name}
	}
	var c quantile.Counts
	r.ring.Read(time.Since(m.born), &c)
	return stats(r.name, &c)
}

func sortByCost(routes []RouteStats) {
	slices.SortFunc(routes, func(a, b RouteStats) int {
		return cmp.Or(cmp.Compare(b.cost(), a.cost()), cmp.Compare(a.Route, b.Route))
	})
}

func (s RouteStats) cost() float64 { return float64(s.P95) * float64(s.N) }

func stats(name string, c *quantile.Counts) RouteStats {
	// Counters are read one after another while requests go on: what is out of
	// the whole must not be more than the whole.
	return RouteStats{
		Route: name, N: c.N,
		P50: c.Quantile(0.50), P95: c.Quantile(0.95), P99: c.Quantile(0.99),
		Slower: min(c.Over, c.N), Errors: min(c.Failed, c.N),
	}
}

func statsWithBuckets(name string, c *quantile.Counts) RouteStats {
	s := stats(name, c)
	for number, n := range c.Buckets() {
		s.buckets = append(s.buckets, bucket{number, n})
	}
	return s
}
