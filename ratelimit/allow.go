package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Decision is what [Limiter.Allow] has decided.
type Decision struct {
	// Allowed reports whether the call is within the limit, and was counted;
	// for a rule with DryRun it is always true.
	Allowed bool
	// Limit is the rule's limit.
	Limit int
	// Remaining is how much of it is left, after this call.
	Remaining int
	// RetryAfter is when the next call would be allowed, 0 where it would be
	// now. It is exact to a millisecond.
	RetryAfter time.Duration
}

// ErrUnavailable is the error of [Limiter.Allow] and [Limiter.Reset] where the
// store does not answer: for Allow of a rule with FailClosed, for Reset always.
var ErrUnavailable = errors.New("ratelimit: the store does not answer")

// Allow charges the named rule outside HTTP, for work that has no request of
// its own: a mail to be sent, a job to be run. The rule's pattern, its cost and
// its exemptions play no part, and there is no success that gives anything
// back. keys is one value for each of the rule's Keys, in their order, and
// counts together with the requests of the same values: for [IP] an address,
// with or without a port ("unknown" where there is none), for [Field] the
// field's value, for [Header] the header's, for [Func] what the function
// returns. Rules that no request is to be counted by belong into a Limiter of
// their own, whose Middleware is not used.
//
// The error is about the call: a rule that does not exist, with the names of
// those that do, or keys that do not fit it; or it is [ErrUnavailable]. It
// holds no key. Where it is not nil, nothing is counted and Allowed is false.
// ctx carries values only: ending it does not undo a charge. Allow is safe for
// concurrent use.
func (l *Limiter) Allow(ctx context.Context, rule string, keys ...string) (Decision, error) {
	charges, err := l.named(rule, keys)
	if err != nil {
		return Decision{}, err
	}
	admitted, err := l.counts.take(ctx, charges)
	if err != nil {
		return Decision{}, ErrUnavailable
	}
	l.tell(charges, admitted)
	c := &charges[0]
	if c.unavailable && !admitted {
		return Decision{}, ErrUnavailable
	}
	return Decision{
		Allowed:    admitted,
		Limit:      int(c.rule.limit),
		Remaining:  int(c.remaining()),
		RetryAfter: time.Duration(c.wait()) * time.Millisecond,
	}, nil
}

// Reset forgets what is counted for one key of the named rule, and its
// penalty, so that support can unlock a user at once. rule is a name from
// [Limiter.Rules], "POST /login by ip and field email" for the account of
// [LoginRules]. keys and errors are those of [Limiter.Allow]: keys has every
// key of the rule, for that one the user's address too. Replicas that share a
// Redis store may refuse the key for one more second. What a flood has made
// uncountable key by key (see "Stores" in the package documentation) is not
// forgotten. Reset is safe for concurrent use.
func (l *Limiter) Reset(ctx context.Context, rule string, keys ...string) error {
	charges, err := l.named(rule, keys)
	if err != nil {
		return err
	}
	if l.counts.reset(ctx, charges) != nil {
		return ErrUnavailable
	}
	return nil
}

// named returns the charge of a rule by its name and the text of its keys.
func (l *Limiter) named(name string, keys []string) ([]charge, error) {
	names := make([]string, len(l.rules))
	for i, r := range l.rules {
		names[i] = strconv.Quote(r.name)
		if r.name != name {
			continue
		}
		if len(keys) != len(r.Keys) {
			return nil, fmt.Errorf("ratelimit: rule %q counts by %s and takes one value for each of them, got %d", name, keysText(r.Keys), len(keys))
		}
		c := charge{rule: r, cost: 1, limit: r.limit}
		for i, k := range r.Keys {
			var ok bool
			if c.key, ok = k.appendNamed(c.key, keys[i]); !ok {
				return nil, fmt.Errorf("ratelimit: keys[%d] does not fit rule %q: it stands for %s", i, name, k)
			}
		}
		return []charge{c}, nil
	}
	return nil, fmt.Errorf("ratelimit: there is no rule %q; the rules are %s", name, strings.Join(names, ", "))
}
