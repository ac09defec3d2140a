package metrics

import (
	"errors"
	"fmt"
	"math"

	"github.com/launchready/readiness/internal/quantile"
)

// ErrMerge is why snapshots cannot be merged, for errors.Is.
var ErrMerge = errors.New("metrics: these snapshots cannot be merged")

// Merge makes one snapshot of those of several replicas, as if one process
// had answered all of their requests: durations are added up bucket by
// bucket, because percentiles cannot be averaged. Overall is made of the
// routes. It fails where the replicas disagree about SlowerThan, as during a
// deploy that changes it, or where there is nothing to merge. It changes none
// of them.
func Merge(replicas ...Snapshot) (Snapshot, error) {
	if len(replicas) == 0 {
		return Snapshot{}, fmt.Errorf("%w: there is none", ErrMerge)
	}
	first := replicas[0]
	merged := Snapshot{SlowerThan: first.SlowerThan, Release: first.Release, Revision: first.Revision}
	routes, events := map[string]*quantile.Counts{}, map[string]int{}
	for _, s := range replicas {
		if s.SlowerThan != first.SlowerThan {
			return Snapshot{}, fmt.Errorf("%w: one counts what is slower than %s, another what is slower than %s", ErrMerge, first.SlowerThan, s.SlowerThan)
		}
		for _, r := range s.Routes {
			if routes[r.Route] == nil {
				routes[r.Route] = new(quantile.Counts)
			}
			if !r.addTo(routes[r.Route]) {
				return Snapshot{}, fmt.Errorf("%w: the route %q has more requests than can be counted", ErrMerge, r.Route)
			}
		}
		if s.Taken.After(merged.Taken) {
			merged.Taken = s.Taken
		}
		if s.Release != merged.Release || s.Revision != merged.Revision {
			merged.Release, merged.Revision = "", ""
		}
		merged.Span = max(merged.Span, s.Span)
		merged.Replicas += s.Replicas
		merged.ActiveRequests += s.ActiveRequests
		merged.OpenStreams += s.OpenStreams
		merged.addEvents(events, s.Events)
	}
	for i := range merged.Events {
		merged.Events[i].PerMinute = perMinute(merged.Events[i].Recent, merged.Span)
	}
	if !merged.setRoutes(routes) {
		return Snapshot{}, fmt.Errorf("%w: they have more requests than can be counted", ErrMerge)
	}
	return merged, nil
}

// setRoutes makes the figures of the routes and the overall ones. It reports
// whether all requests together can be counted: then no bucket of the overall
// row overflows.
func (s *Snapshot) setRoutes(routes map[string]*quantile.Counts) bool {
	var all quantile.Counts
	s.Routes = nil
	for name, c := range routes {
		if c.N > 0 {
			s.Routes = append(s.Routes, statsWithBuckets(name, c))
			all.Add(c)
		}
	}
	s.Overall = stats("", &all)
	sortByCost(s.Routes)
	return all.N <= math.MaxUint32
}

// addTo adds what was measured for a route, and reports whether there was
// room for it.
func (s RouteStats) addTo(c *quantile.Counts) bool {
	for _, b := range s.buckets {
		if !c.AddBucket(b.number, b.n) {
			return false
		}
	}
	c.Over += s.Slower
	c.Failed += s.Errors
	return true
}

// addEvents adds events; at says where each stands.
func (s *Snapshot) addEvents(at map[string]int, list []EventStats) {
	for _, e := range list {
		i, ok := at[e.Name]
		if !ok {
			at[e.Name] = len(s.Events)
			s.Events = append(s.Events, e)
			continue
		}
		sum := &s.Events[i]
		sum.Total += e.Total
		sum.Recent += e.Recent
		if e.LastSeen.After(sum.LastSeen) {
			sum.LastSeen = e.LastSeen
		}
	}
}
