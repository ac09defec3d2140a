package ratelimit

import "time"

// Snapshot is how a [Limiter] is at one moment.
type Snapshot struct {
	_ [0]func()

	// Rules are in the order of the Config.
	Rules []RuleState
	// Store is how the store is.
	Store StoreState
}

// RuleState is what a rule has decided since [New], in this process.
type RuleState struct {
	_ [0]func()

	// Name is the rule's name.
	Name string
	// Allowed counts requests that were charged; one with several values of a
	// field counts once for each.
	Allowed int64
	// Denied counts requests that the rule has denied.
	Denied int64
	// WouldDeny counts requests that a rule with DryRun would have denied.
	WouldDeny int64
	// Succeeded counts successes, of a rule that counts failures.
	Succeeded int64
}

// StoreState is how a store is, a part of [Snapshot].
type StoreState struct {
	_ [0]func()

	// Kind is "memory" or "redis".
	Kind string
	// Keys is how many keys are counted in this process, of all rules, at most
	// 100,000 each: all of them for memory, the fallback's for redis.
	Keys int64
	// Breaker is "closed" while Redis counts, "open" while this process counts
	// in its place, "probing" while it is being tried again; empty for memory.
	Breaker string
	// Since is when the breaker came into its state; zero for memory, and
	// until it has opened for the first time.
	Since time.Time
	// Reason is why the breaker has last opened: "timeout", "connection",
	// "READONLY", …; empty if it never has. A server that is stopped or not
	// there is a "timeout" too, where the client goes on dialling for longer
	// than the Timeout, as go-redis does unless DialerRetries is 1.
	Reason string
	// Outages is how often the breaker has opened.
	Outages int64
	// Owed is how many keys this process has counted alone and has not yet
	// told Redis of, at most 100,000; 0 for memory.
	Owed int64
}

// Snapshot returns the counts of all rules and the state of the store. It is
// safe for concurrent use, and costs little enough to be called every second.
func (l *Limiter) Snapshot() Snapshot {
	s := Snapshot{Rules: make([]RuleState, len(l.rules)), Store: l.counts.state()}
	for i, r := range l.rules {
		s.Rules[i] = RuleState{
			Name: r.name, Allowed: r.allowed.Load(), Denied: r.denied.Load(),
			WouldDeny: r.wouldDeny.Load(), Succeeded: r.succeeded.Load(),
		}
	}
	return s
}
