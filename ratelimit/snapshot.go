package ratelimit

import "time"

// StoreState is how a store is, a part of [Snapshot].
type StoreState struct {
	_ [0]func()

	// Kind is "memory" or "redis".
	Kind string
	// Breaker is "closed" while Redis counts, "open" while this process counts
	// in its place, "probing" while it is being tried again; empty for memory.
	Breaker string
	// Since is when the breaker came into its state; zero for memory.
	Since time.Time
	// Reason is why the breaker has last opened: "timeout", "connection",
	// "READONLY", …; empty if it never has.
	Reason string
	// Outages is how often the breaker has opened.
	Outages int64
}
