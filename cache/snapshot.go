package cache

import "time"

// Snapshot is what a [Cache] has counted since it was made.
type Snapshot struct {
	// Policies has one element for each policy, in the order of the Config,
	// and then one for each LoadPolicy.
	Policies []PolicySnapshot
	// StoreFailures is how many requests and purges found a store that did not
	// answer, refused, or was left alone after that, and StoreFailedAt when the
	// last did; zero where none has.
	StoreFailures uint64
	StoreFailedAt time.Time
	// PurgesOwed is how many purges a Redis store has not taken yet. Until it
	// does, other replicas may serve what was purged.
	PurgesOwed int
}

// PolicySnapshot counts the requests that one policy decided about, or the
// calls of [Load] under one name.
type PolicySnapshot struct {
	// Pattern and Class are the policy's; Pattern is the Name of a
	// LoadPolicy, and its Class prints as "Load".
	Pattern string
	Class   Class
	// Hits, Stale, Misses and Passes count the outcomes: see [Outcome]. What
	// is made anew in the background is not counted, since nobody asked.
	Hits, Stale, Misses, Passes uint64
}

// Snapshot returns the counts so far. The caller owns the result. Counts of
// requests that are being answered may not fit each other exactly.
func (c *Cache) Snapshot() Snapshot {
	s := Snapshot{StoreFailures: c.failures.count.Load(), PurgesOwed: c.store.owes()}
	if at := c.failures.last.Load(); at != nil {
		s.StoreFailedAt = *at
	}
	for _, p := range c.policies {
		s.Policies = append(s.Policies, p.stats.snapshot(p.Pattern, p.Class))
	}
	for _, name := range c.loadNames {
		s.Policies = append(s.Policies, c.loads[name].stats.snapshot(name, value))
	}
	return s
}

func (s *counters) snapshot(pattern string, class Class) PolicySnapshot {
	return PolicySnapshot{
		Pattern: pattern, Class: class,
		Hits: s.hits.Load(), Stale: s.stale.Load(), Misses: s.misses.Load(), Passes: s.passes.Load(),
	}
}
