package ratelimit

import (
	"time"

	"go.uber.org/zap"
)

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
	// Reason says why, for StoreDown: "timeout", "connection", "READONLY", …;
	// see StoreState.
	Reason string
}

// tell counts what was decided, and tells the log and the hook. A rule that
// would have admitted a request which another one denied says nothing.
func (l *Limiter) tell(charges []charge, admitted bool) {
	for i := range charges {
		c := &charges[i]
		kind := Denied
		switch {
		case !c.denied:
			if admitted {
				c.rule.allowed.Add(1)
				if l.onEvent != nil {
					l.onEvent(Event{Kind: Allowed, Rule: c.rule.name})
				}
			}
			continue
		case c.unavailable:
			kind = Unavailable
		case c.rule.dryRun:
			kind = DryRun
		}
		if c.rule.dryRun {
			c.rule.wouldDeny.Add(1)
		} else {
			c.rule.denied.Add(1)
		}
		l.tellDenial(kind, c)
	}
}

func (l *Limiter) tellDenial(kind EventKind, c *charge) {
	if c.rule.failures && c.rule.succeeded.Load() == 0 && c.rule.warned.CompareAndSwap(false, true) {
		l.log.Warn("a rule that counts failures denies requests and has not seen one success; call ratelimit.Succeed(w) where a request has succeeded, or set SuccessStatus",
			zap.String("rule", c.rule.name))
	}
	message := "a request is over its limit"
	switch kind {
	case DryRun:
		message = "a request would be over its limit; the rule is a dry run"
	case Unavailable:
		message = "a request is refused because the store does not answer; the rule fails closed"
	}
	entry := l.denials.Check(zap.InfoLevel, message)
	if entry == nil && l.onEvent == nil {
		return
	}
	e := Event{
		Kind: kind, Rule: c.rule.name, Key: string(l.ids.append(nil, c)),
		RetryAfter: time.Duration(c.wait()) * time.Millisecond,
	}
	if entry != nil {
		entry.Write(zap.String("event", string(kind)), zap.String("rule", e.Rule), zap.String("key", e.Key), zap.Duration("retry_after", e.RetryAfter))
	}
	l.emit(e)
}

// emit tells the hook, where there is one.
func (l *Limiter) emit(e Event) {
	if l.onEvent != nil {
		l.onEvent(e)
	}
}
