package cache

import "sync/atomic"

// Snapshot is what a [Cache] has counted since it was made.
type Snapshot struct {
	// Policies has one element for each policy, in the order of the Config.
	Policies []PolicySnapshot
	// StoreFailures is how many calls the store did not answer or refused.
	StoreFailures uint64
}

// PolicySnapshot counts the requests that one policy decided about.
type PolicySnapshot struct {
	// Pattern and Class are the policy's.
	Pattern string
	Class   Class
	// Hits were answered from the store, or by the handler's run for another
	// request.
	Hits uint64
	// Misses ran the handler because there was no page.
	Misses uint64
	// Passes went to the handler without a look into the store: all requests
	// under NoCache, and those that pass by under ShortCache.
	Passes uint64
}

type counters struct{ hits, misses, passes atomic.Uint64 }

// Snapshot returns the counts so far. The caller owns the result. Counts of
// requests that are being answered may not fit each other exactly.
func (c *Cache) Snapshot() Snapshot {
	s := Snapshot{Policies: make([]PolicySnapshot, len(c.policies)), StoreFailures: c.failures.count.Load()}
	for i, p := range c.policies {
		s.Policies[i] = PolicySnapshot{
			Pattern: p.Pattern, Class: p.Class,
			Hits: p.stats.hits.Load(), Misses: p.stats.misses.Load(), Passes: p.stats.passes.Load(),
		}
	}
	return s
}
