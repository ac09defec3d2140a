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
	emit   func(Event) // never nil
}

// backend counts. Each method is one atomic step, safe for concurrent use.
// The charges of one call are in the rules' order; no two of them have the
// same rule and key, but a rule may have several keys.
type backend interface {
	// take charges all of charges by their cost or, where one of them is
	// denied, none. Either way it fills in their verdicts, as they are after
	// the step.
	//
	// A charge is denied while its penalty lasts, or where used and cost are
	// more than its limit. The second kind of denial, and no other, raises the
	// penalty count of that charge alone, see strikes. A denied charge of a
	// rule with dryRun is not counted, and does not keep the others from
	// being charged.
	//
	// take fails only where ctx has no part in it: on an error no verdict
	// holds. A store that cannot count has a fallback of its own; what it
	// knows nothing of, it denies as unavailable.
	take(ctx context.Context, charges []charge) (admitted bool, err error)
	// refund takes back what take has counted: each charge's cost from its
	// key, in the window that the verdict names, at most down to 0. Charges
	// that were not counted are left alone. Penalty counts stay.
	refund(ctx context.Context, charges []charge) error
	// reset forgets everything about the charges' keys: counts, penalty, and
	// every local copy of a denial.
	reset(ctx context.Context, charges []charge) error
	// state says how the store is.
	state() StoreState
}

// charge is one key's part in a request.
type charge struct {
	rule  *rule
	key   []byte // unambiguous among all keys of its rule
	cost  int64  // 1 to limit
	limit int64  // the rule's, unless a store falls back to a part of it
	verdict
}

// verdict is what a store says of a charge.
type verdict struct {
	view              // the counts after the step
	strikes     int64 // denials that the penalty counts, see strikes
	blocked     int64 // milliseconds until the penalty ends; 0: none
	ended       int64 // milliseconds since it has ended, as a shared store says
	denied      bool
	counted     bool // the cost was counted, in the window view.win
	local       bool // counted in this process by a store that is not: refund it there
	unavailable bool // denied because nobody can count and the rule is failClosed
}

// remaining returns how much of the limit is left.
func (c *charge) remaining() int64 {
	if c.blocked > 0 {
		return 0
	}
	return max(0, c.limit-c.used())
}

// wait returns in how many milliseconds the charge would be admitted if
// nothing else is counted, 0 where one more would be now.
func (c *charge) wait() int64 {
	return max(c.blocked, c.until(c.limit-c.cost))
}

// reset returns in how many milliseconds there is more left than now, 0 where
// all is.
func (c *charge) reset() int64 {
	used := min(c.used(), c.limit)
	if used == 0 {
		return c.blocked
	}
	return max(c.blocked, c.until(used-1))
}
