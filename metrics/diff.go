package metrics

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Change is what became of a route, in words.
type Change string

// The changes.
const (
	// Unknown is fewer than 20 requests on one side: nothing can be said.
	Unknown Change = "too few requests"
	// NoWorse is neither of the others.
	NoWorse Change = "no worse"
	// Slower is a P95 of more than a quarter and more than 50 ms above the
	// earlier one: more than the estimates and a busy machine explain.
	Slower Change = "slower"
	// MoreErrors is more errors than the earlier share lets expect, by three
	// standard deviations. A route may be slower besides.
	MoreErrors Change = "more errors"
)

// RouteChange is one route in two snapshots. One that is missing in a snapshot
// has an N of 0 there.
type RouteChange struct {
	Route         string
	Before, After RouteStats
	// P95 is by how much it grew; it is negative where the route became
	// faster.
	P95 time.Duration
	// Change is whether the route became worse.
	Change Change
}

// Diff compares s with an earlier snapshot, such as that of the release
// before: overall first, then the routes of either, the one whose P95 grew
// most first. It compares and does not subtract, because each looks back over
// its own last minutes.
func (s Snapshot) Diff(before Snapshot) []RouteChange {
	sides := map[string]*RouteChange{}
	side := func(name string) *RouteChange {
		if sides[name] == nil {
			sides[name] = &RouteChange{Route: name, Before: RouteStats{Route: name}, After: RouteStats{Route: name}}
		}
		return sides[name]
	}
	for _, r := range before.Routes {
		side(r.Route).Before = r
	}
	for _, r := range s.Routes {
		side(r.Route).After = r
	}
	var list []RouteChange
	for _, c := range sides {
		c.judge()
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b RouteChange) int {
		return cmp.Or(cmp.Compare(b.P95, a.P95), cmp.Compare(a.Route, b.Route))
	})
	overall := RouteChange{Before: before.Overall, After: s.Overall}
	overall.judge()
	return slices.Insert(list, 0, overall)
}

func (c *RouteChange) judge() {
	c.P95 = c.After.P95 - c.Before.P95
	switch {
	case c.Before.N < minVerdict || c.After.N < minVerdict:
		c.Change = Unknown
	case c.moreErrors():
		c.Change = MoreErrors
	case c.P95 > c.Before.P95/4 && c.P95 > 50*time.Millisecond:
		c.Change = Slower
	default:
		c.Change = NoWorse
	}
}

// moreErrors takes the errors for independent (Poisson). One error is added
// to those before, so that a single one after none is no alarm.
func (c *RouteChange) moreErrors() bool {
	expected := float64(c.Before.Errors+1) / float64(c.Before.N) * float64(c.After.N)
	return float64(c.After.Errors) > expected+3*math.Sqrt(expected)
}
