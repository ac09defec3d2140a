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
	if _, ok := b.breaker.enter(); ok {
		if orders := b.queue.join(o, patience*b.redis.timeout); len(orders) > 0 {
			b.send(ctx, orders)
		}
		if o.err == nil {
			return o.admitted, nil
		}
	}
	admitted := b.alone(ctx, o.names, charges)
	if b.breaker.try(time.Now()) {
		go b.settle()
	}
	return admitted, nil
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

// send charges orders in Redis, and settles debts on the way.
func (b *redisBackend) send(ctx context.Context, orders []*order) {
	defer b.queue.pass(orders)
	var open []*order
	var names []string
	for _, o := range orders {
		o.admitted = false
		if b.repeat(o) { // denied while it waited
			continue
		}
		o.admitted, o.err = true, errBusy // until it is asked
		open, names = append(open, o), append(names, o.names...)
	}
	period, ok := b.breaker.enter()
	if !ok || len(open) == 0 { // or opened while it waited
		return
	}
	calls := b.takes(open, b.ledger.take(names))
	b.redis.run(ctx, b.scripts.take, calls)
	err := b.read(calls)
	b.undo(ctx, open, func(o *order, c *charge) bool {
		// Not all of the order's calls have counted: those that have are undone.
		return o.err != nil || !o.admitted
	})
	now := time.Now()
	for _, o := range open {
		if o.err == nil {
			b.local.warm(o.charges)
			b.denials.keep(o.names, o.charges, now)
		}
	}
	if err != nil {
		b.failed(period, err) // last: from now on this process decides by what it knows
	}
}

// read reads the replies of calls. The debts of those that have failed are
// owed again: if they were settled all the same, twice is too much, and never
// too little.
func (b *redisBackend) read(calls []call) (err error) {
	for i := range calls {
		for _, p := range calls[i].parts {
			p.order.err = nil
		}
	}
	for i := range calls {
		c := &calls[i]
		if c.err == nil {
			c.err = c.read()
		}
		if c.err == nil {
			continue
		}
		err = c.err
		b.ledger.add(c.debts...)
		b.suspect.Store(&c.first)
		for _, p := range c.parts {
			p.order.err = c.err
			for i := range p.charges {
				p.charges[i].verdict = verdict{}
			}
		}
	}
	return err
}

// undo takes back in Redis what was counted there of those charges that
// which picks: now, or with the debts where Redis fails.
func (b *redisBackend) undo(ctx context.Context, orders []*order, which func(*order, *charge) bool) {
	var calls []call
	for _, o := range orders {
		for i := range o.charges {
			c := &o.charges[i]
			if !c.counted || c.local || !which(o, c) {
				continue
			}
			if len(calls) == 0 || b.redis.spread {
				calls = append(calls, call{first: b.debt(o.names[i], c, 0)})
			}
			last := &calls[len(calls)-1]
			last.keys = append(last.keys, o.names[i])
			last.args = append(last.args, c.win, c.cost)
			last.debts = append(last.debts, b.debt(o.names[i], c, -c.cost))
			c.cur = max(0, c.cur-c.cost)
			c.counted = false
		}
	}
	if len(calls) == 0 {
		return
	}
	period, ok := b.breaker.enter()
	if ok {
		b.redis.run(ctx, b.scripts.refund, calls)
	}
	for _, c := range calls {
		if c.err != nil || !ok {
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
	b.undo(ctx, []*order{{names: names, charges: charges}}, func(*order, *charge) bool { return true })
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
