package ratelimit

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Decision is what [Limiter.Allow] has decided.
type Decision struct {
	// Allowed reports whether the call is within the limit, and was counted.
	Allowed bool
	// Limit is the rule's limit.
	Limit int
	// Remaining is how much of it is left, after this call.
	Remaining int
	// RetryAfter is when the next call would be allowed, 0 where it would be
	// now. It is exact to a millisecond.
	RetryAfter time.Duration
}

// Allow charges the named rule outside HTTP, for work that has no request of
// its own: a mail to be sent, a job to be run. The rule's pattern plays no
// part. keys is one value for each key of the rule, and counts together with
// the requests of the same value: for [IP] an address, with or without a port
// ("unknown" where there is none), for [Header] the header's value, for [Func]
// what the function returns.
//
// The error is about the call, never about the store: a rule that does not
// exist, with the names of those that do, or keys that do not fit it. It holds
// no key. Where it is not nil,
// nothing is counted and Allowed is false. ctx carries values only: ending it
// does not undo a charge. Allow is safe for concurrent use.
func (l *Limiter) Allow(ctx context.Context, rule string, keys ...string) (Decision, error) {
	for _, r := range l.rules {
		if r.name != rule {
			continue
		}
		if len(keys) != 1 {
			return Decision{}, fmt.Errorf("ratelimit: rule %q counts by 1 key, got %d", rule, len(keys))
		}
		key, ok := r.key.appendText(nil, keys[0])
		if !ok {
			return Decision{}, fmt.Errorf("ratelimit: the key does not fit rule %q, which counts by %s", rule, r.key)
		}
		charges := []charge{{rule: r, key: key, cost: 1, limit: r.limit}}
		allowed := l.take(ctx, charges)
		return Decision{
			Allowed:    allowed,
			Limit:      int(r.limit),
			Remaining:  int(charges[0].remaining()),
			RetryAfter: time.Duration(charges[0].wait()) * time.Millisecond,
		}, nil
	}
	names := make([]string, len(l.rules))
	for i, r := range l.rules {
		names[i] = strconv.Quote(r.name)
	}
	return Decision{}, fmt.Errorf("ratelimit: there is no rule %q; the rules are %s", rule, strings.Join(names, ", "))
}
