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
	scripts  struct{ take, reset *redis.Script }
	names    *names
	replicas int64
	local    *memory // what Redis has said, and what was counted without it
	queue    queue
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
	o := &order{names: b.names.all(charges), charges: charges}
	if b.repeat(o) {
		return false, nil
	}
	if b.ask(ctx, o) {
		return o.admitted, nil
	}
	admitted := b.alone(ctx, o.names, charges)
	if b.breaker.try(time.Now()) {
		go b.settle()
	}
	return admitted, nil
}

// ask lets Redis do what is ordered, and reports whether it has.
func (b *redisBackend) ask(ctx context.Context, o *order) bool {
	if _, ok := b.breaker.enter(); !ok {
		return false
	}
	if orders := b.queue.join(o, patience*b.redis.timeout); len(orders) > 0 {
		b.send(ctx, orders)
	}
	return o.err == nil
}

// repeat reports whether one of the charges was denied so lately that Redis
// need not be asked. The other charges are not denied then.
func (b *redisBackend) repeat(o *order) bool {
	if !b.denials.repeat(o.names, o.charges, time.Now()) {
		return false
	}
	for i := range o.charges {
		if c := &o.charges[i]; !c.denied {
			b.local.look(c)
			c.denied = false
		}
	}
	return true
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
		debts[i].struck = c.strikes > 0
	}
	b.ledger.add(debts...)
	return admitted
}

// refund never fails: what Redis cannot be told now, it is owed.
func (b *redisBackend) refund(ctx context.Context, charges []charge) error {
	names := b.names.all(charges)
	b.denials.forget(names)
	_ = b.local.refund(ctx, charges) // a memory never fails
	for i := range charges {
		if c := &charges[i]; c.counted {
			b.ledger.add(b.debt(names[i], c, -c.cost))
		}
	}
	b.ask(ctx, &order{names: names})
	return nil
}

// reset forgets keys here and in Redis, and fails where Redis cannot be told:
// once it counts again, it would still know them.
func (b *redisBackend) reset(ctx context.Context, charges []charge) error {
	names := b.names.all(charges)
	b.ledger.forget(names)
	b.denials.forget(names)
	_ = b.local.reset(ctx, charges) // a memory never fails
	if !b.ask(ctx, &order{names: names, charges: charges, forget: true}) {
		return errNotTold
	}
	return nil
}

var errNotTold = errors.New("ratelimit: Redis does not answer, so that only this process has forgotten the key; try again when it does")

func (b *redisBackend) state() StoreState {
	s := b.breaker.state()
	s.Kind, s.Keys, s.Owed = "redis", b.local.state().Keys, int64(b.ledger.len())
	return s
}
