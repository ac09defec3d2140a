package ratelimit

import (
	"context"
	"errors"
	"time"
)

// send does what is ordered in Redis, and settles debts on the way.
func (b *redisBackend) send(ctx context.Context, orders []*order) {
	defer b.queue.pass(orders)
	period, ok := b.breaker.enter()
	var names []string // whose debts are to be settled
	var takes, forgets []*order
	for _, o := range orders {
		switch {
		case !ok: // opened while it waited
			o.err = errBusy
		case o.forget:
			o.err = errBusy // until it is asked
			forgets = append(forgets, o)
		case b.repeat(o): // denied while it waited
		default:
			o.admitted, o.err = true, errBusy // until it is asked
			takes, names = append(takes, o), append(names, o.names...)
		}
	}
	err := errors.Join(b.charge(ctx, takes, names), b.forget(ctx, forgets))
	if err != nil {
		b.failed(period, err) // last: from now on this process decides by what it knows
	}
}

// charge charges orders, and settles the debts of names and some more.
func (b *redisBackend) charge(ctx context.Context, orders []*order, names []string) error {
	if len(orders) == 0 {
		return nil
	}
	err := b.run(ctx, orders, names)
	var undone []string
	now := time.Now()
	for _, o := range orders {
		if o.err != nil || !o.admitted {
			undone = append(undone, b.undo(o)...)
		}
		if o.err == nil {
			b.local.warm(o.charges)
			b.denials.keep(o.names, o.charges, now)
		}
	}
	if err == nil && len(undone) > 0 {
		err = b.run(ctx, nil, undone)
	}
	return err
}

// run runs takeScript for orders and for the debts of names and some more.
func (b *redisBackend) run(ctx context.Context, orders []*order, names []string) error {
	calls := b.takes(orders, b.ledger.take(names))
	if len(calls) > 0 && len(calls[0].keys) > 0 { // or somebody else has settled all
		b.redis.run(ctx, b.scripts.take, calls)
	}
	return b.read(orders, calls)
}

// read reads the replies of calls. The debts of those that have failed are
// owed again: if they were settled all the same, twice is too much, and never
// too little. What is owed to the client is not: a refund that Redis has made
// after all, once it goes on, would be made twice.
func (b *redisBackend) read(orders []*order, calls []call) (err error) {
	for _, o := range orders {
		o.err = nil
	}
	for i := range calls {
		c := &calls[i]
		if c.err == nil && c.cmd != nil {
			c.err = c.read()
		}
		if c.err == nil {
			continue
		}
		err = c.err
		for j := range c.debts {
			c.debts[j].cur, c.debts[j].prev = max(0, c.debts[j].cur), max(0, c.debts[j].prev)
		}
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

// undo owes Redis back what it has counted of an order that is denied, or not
// known to be admitted: some of its calls have counted and others have not. It
// returns the names.
func (b *redisBackend) undo(o *order) (names []string) {
	for i := range o.charges {
		if c := &o.charges[i]; c.counted {
			b.ledger.add(b.debt(o.names[i], c, -c.cost))
			names = append(names, o.names[i])
			c.cur = max(0, c.cur-c.cost)
			c.counted = false
		}
	}
	return names
}

// forget forgets the keys of orders.
func (b *redisBackend) forget(ctx context.Context, orders []*order) (err error) {
	var calls []call
	for _, o := range orders {
		o.err = nil
		for i := range o.charges {
			if len(calls) == 0 || b.redis.spread {
				calls = append(calls, call{first: b.debt(o.names[i], &o.charges[i], 0)})
			}
			r, c := o.charges[i].rule, &calls[len(calls)-1]
			c.keys = append(c.keys, o.names[i])
			c.args = append(c.args, r.window, 2*r.window+2*r.penalty.max)
			c.parts = append(c.parts, part{order: o})
		}
	}
	if len(calls) == 0 {
		return nil
	}
	b.redis.run(ctx, b.scripts.reset, calls)
	for i := range calls {
		c := &calls[i]
		if c.err == nil {
			continue
		}
		err = c.err
		b.suspect.Store(&c.first)
		for _, p := range c.parts {
			p.order.err = c.err
		}
	}
	return err
}
