package ratelimit

import (
	"context"

	"go.uber.org/zap"

	"github.com/launchready/readiness/internal/cfgerr"
)

// Store is where counts live. It is sealed: nil in [Config.Store] counts in
// this process, and [NewRedisStore] counts in Redis, for replicas that must
// agree. A Store may be given to several Limiters and is safe for concurrent
// use.
type Store interface {
	// bind returns the store as one Limiter uses it, and adds what is wrong
	// with its configuration to problems.
	bind(problems *cfgerr.List, in binding) backend
}

// binding is what a store needs to know of its Limiter.
type binding struct {
	rules  []*rule
	secret []byte
	log    *zap.Logger
}

// backend counts.
type backend interface {
	// take charges all of charges by one, or, where one of them is at its
	// limit, none of them; it is one atomic step. Either way it fills in
	// their view, as it is after the step, and denied. The charges are of
	// different rules, in the rules' order. On an error nothing is known.
	take(ctx context.Context, charges []charge) (admitted bool, err error)
}

// charge is one rule's part in a request.
type charge struct {
	rule   *rule
	key    []byte // unambiguous among all keys of its rule
	view   view
	denied bool
}

// remaining returns how much of the rule's limit is left.
func (c *charge) remaining() int64 { return max(0, c.rule.limit-c.view.used()) }

// wait returns in how many milliseconds the rule would admit one more, 0
// where it would now.
func (c *charge) wait() int64 { return c.view.until(c.rule.limit - 1) }

// reset returns in how many milliseconds there is more left than now, 0 where
// all is.
func (c *charge) reset() int64 {
	used := min(c.view.used(), c.rule.limit)
	if used == 0 {
		return 0
	}
	return c.view.until(used - 1)
}
