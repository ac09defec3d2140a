package ratelimit

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
)

// redisBackend counts in Redis, and in this process while Redis does not.
type redisBackend struct {
	redis    redisCalls
	scripts  struct{ take, refund, reset *redis.Script }
	names    *names
	replicas int64
	local    *memory // what Redis has said, and what was counted without it
	breaker  breaker
	denials  denials
	ledger   ledger
	// suspect is the key whose call has last failed. In a Cluster the other
	// nodes may be well, so that it has to be among those that are tried.
	suspect atomic.Pointer[debt]
	log     *zap.Logger
	outages *zap.Logger
	emit    func(Event)
}

func (b *redisBackend) take(ctx context.Context, charges []charge) (bool, error) {
	names := b.names.all(charges)
	if b.denials.repeat(names, charges, time.Now()) {
		for i := range charges {
			if c := &charges[i]; !c.denied {
				b.local.look(c)
				c.denied = false // Redis was not asked
			}
		}
		return false, nil
	}
	if period, ok := b.breaker.enter(); ok {
		admitted, err := b.remote(ctx, names, charges)
		if err == nil {
			b.local.warm(charges)
			b.denials.keep(names, charges, time.Now())
			return admitted, nil
		}
		b.failed(period, err)
	}
	admitted := b.alone(ctx, names, charges)
	if b.breaker.try(time.Now()) {
		go b.settle()
	}
	return admitted, nil
}

// remote charges in Redis, and settles debts on the way. On an error no
// verdict holds.
func (b *redisBackend) remote(ctx context.Context, names []string, charges []charge) (admitted bool, err error) {
	calls := b.takes(names, charges, b.ledger.take(names))
	b.redis.run(ctx, b.scripts.take, calls)
	admitted, err = b.read(calls, charges)
	if err != nil || !admitted && b.redis.spread {
		// Not all calls have counted: those that have are undone.
		b.undo(ctx, names, charges, err == nil)
	}
	return admitted, err
}

// read reads the replies of calls. The debts of those that have failed are
// owed again: if they were settled all the same, twice is too much, and never
// too little.
func (b *redisBackend) read(calls []call, charges []charge) (admitted bool, err error) {
	admitted = true
	for i := range calls {
		c := &calls[i]
		if c.err == nil {
			var all bool
			all, c.err = c.read(charges)
			admitted = admitted && all
		}
		if c.err != nil {
			b.ledger.add(c.debts...)
			b.suspect.Store(&c.first)
			err = c.err
		}
	}
	return admitted, err
}

// undo takes back what of the charges was counted in Redis: now, or where
// Redis is not to be asked or fails, with the debts.
func (b *redisBackend) undo(ctx context.Context, names []string, charges []charge, ask bool) {
	var calls []call
	for i := range charges {
		c := &charges[i]
		if !c.counted || c.local {
			continue
		}
		if len(calls) == 0 || b.redis.spread {
			calls = append(calls, call{})
		}
		last := &calls[len(calls)-1]
		last.keys = append(last.keys, names[i])
		last.args = append(last.args, c.win, c.cost)
		last.debts = append(last.debts, b.debt(names[i], c, -c.cost))
		last.first = b.debt(names[i], c, 0)
		c.cur = max(0, c.cur-c.cost)
		c.counted = false
	}
	if len(calls) == 0 {
		return
	}
	period, ok := b.breaker.enter()
	ask = ask && ok
	if ask {
		b.redis.run(ctx, b.scripts.refund, calls)
	}
	for _, c := range calls {
		if c.err != nil || !ask {
			b.ledger.add(c.debts...)
		}
		if c.err != nil {
			b.suspect.Store(&c.first)
			b.failed(period, c.err)
		}
	}
}

// debt returns what a charge owes.
func (b *redisBackend) debt(name string, c *charge, amount int64) debt {
	return debt{name: name, rule: c.rule, hash: b.local.hash(c.key), win: c.win, cur: amount}
}

// alone charges in this process, at its share of the limits. Whatever it has
// looked at is owed to Redis, if only the news that it was.
func (b *redisBackend) alone(ctx context.Context, names []string, charges []charge) (admitted bool) {
	closed := false
	for i := range charges {
		c := &charges[i]
		// A charge that costs more than the share could never be admitted.
		c.limit = max((c.rule.limit+b.replicas-1)/b.replicas, c.cost)
		closed = closed || c.rule.failClosed && !c.rule.dryRun
	}
	if closed {
		for i := range charges {
			c := &charges[i]
			b.local.look(c)
			c.denied = c.rule.failClosed && !c.rule.dryRun
			c.unavailable = c.denied
		}
	} else {
		admitted, _ = b.local.take(ctx, charges) // a memory never fails
	}
	debts := make([]debt, len(charges))
	for i := range charges {
		c := &charges[i]
		var amount int64
		if c.counted {
			c.local = true
			amount = c.cost
		}
		debts[i] = b.debt(names[i], c, amount)
	}
	b.ledger.add(debts...)
	return admitted
}

func (b *redisBackend) refund(ctx context.Context, charges []charge) error {
	names := b.names.all(charges)
	b.denials.forget(names)
	_ = b.local.refund(ctx, charges) // a memory never fails
	for i := range charges {
		if c := &charges[i]; c.counted && c.local {
			b.ledger.add(b.debt(names[i], c, -c.cost))
		}
	}
	b.undo(ctx, names, charges, true)
	return nil
}

// reset forgets keys here and in Redis, and fails where Redis cannot be told:
// once it counts again, it would still know them.
func (b *redisBackend) reset(ctx context.Context, charges []charge) error {
	names := b.names.all(charges)
	b.ledger.forget(names)
	b.denials.forget(names)
	_ = b.local.reset(ctx, charges) // a memory never fails
	period, ok := b.breaker.enter()
	if !ok {
		return errNotTold
	}
	calls := make([]call, 0, len(charges))
	for i := range charges {
		if len(calls) == 0 || b.redis.spread {
			calls = append(calls, call{})
		}
		r, last := charges[i].rule, &calls[len(calls)-1]
		last.first = b.debt(names[i], &charges[i], 0)
		last.keys = append(last.keys, names[i])
		last.args = append(last.args, r.window, 2*r.window+2*r.penalty.max)
	}
	b.redis.run(ctx, b.scripts.reset, calls)
	for _, c := range calls {
		if c.err != nil {
			b.suspect.Store(&c.first)
			b.failed(period, c.err)
			return errNotTold
		}
	}
	return nil
}

var errNotTold = errors.New("ratelimit: Redis does not answer, so that only this process has forgotten the key; try again when it does")

func (b *redisBackend) state() StoreState {
	s := b.breaker.state()
	s.Kind = "redis"
	return s
}
