package ratelimit

import "time"

// EventKind says what an [Event] tells.
type EventKind string

// The kinds of events.
const (
	// Allowed is a request that a rule has admitted.
	Allowed EventKind = "allowed"
	// Denied is a request that a rule has denied.
	Denied EventKind = "denied"
	// DryRun is a request that a rule with DryRun would have denied.
	DryRun EventKind = "dry run"
	// Unavailable is a request that a rule with FailClosed has denied because
	// the store does not answer.
	Unavailable EventKind = "unavailable"
	// StoreDown is told when a Redis store begins to count in this process.
	StoreDown EventKind = "store down"
	// StoreUp is told when a Redis store counts in Redis again.
	StoreUp EventKind = "store up"
)

// Event is what [Config.OnEvent] is told.
type Event struct {
	_ [0]func()

	// Kind says what has happened.
	Kind EventKind
	// Rule is the name of the rule; empty for StoreDown and StoreUp.
	Rule string
	// Key tells one key of the rule from another, for Denied, DryRun and
	// Unavailable: an HMAC of it under [Config.Secret], in 22 letters, so that
	// neither an address nor an e-mail address leaves the process. Without a
	// Secret it is another one after each start of the process.
	Key string
	// RetryAfter is when the request would be admitted, for Denied and DryRun.
	RetryAfter time.Duration
	// Reason says why, for StoreDown: "timeout", "connection", "READONLY", …
	Reason string
}
