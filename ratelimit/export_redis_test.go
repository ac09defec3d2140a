package ratelimit

import (
	"context"
	"time"
)

// Patient lets a limiter wait for Redis as long as a loaded test machine may
// need. Its client must say ContextTimeoutEnabled and have a ReadTimeout of
// its own.
func Patient(l *Limiter) *Limiter {
	l.counts.(*redisBackend).redis.timeout = time.Minute
	return l
}

// AlwaysAsk lets a limiter ask Redis again for a key that it has denied.
func AlwaysAsk(l *Limiter) *Limiter {
	l.counts.(*redisBackend).denials.longest = 0
	return l
}

// ForgetRedis lets a limiter forget what Redis has told it.
func ForgetRedis(l *Limiter) { l.counts.(*redisBackend).local = newMemory(l.rules) }

// Owed returns how many keys a limiter owes Redis the counts of.
func Owed(l *Limiter) int { return l.counts.(*redisBackend).ledger.len() }

// RedisName is the key of a rule's charge in Redis.
func RedisName(prefix string, secret []byte, name string, window int64, key string) string {
	return newNames(prefix, secret, false).of(&charge{rule: &rule{name: name, window: window}, key: []byte(key)})
}

// Charge is one key's part in a request.
type Charge struct {
	Rule int
	Key  string
	Cost int64
}

// Verdict is what a store says of a charge.
type Verdict struct {
	Win, Cur, Prev, Elapsed    int64
	Strikes, Blocked           int64
	Denied, Counted            bool
	Wait, Reset, Used, Allowed int64
	Unavailable, Local         bool
}

// Request is the charges of a request, as a store sees them.
type Request struct {
	l       *Limiter
	charges []charge
}

// NewRequest makes a request of charges, which must be in the rules' order.
func NewRequest(l *Limiter, charges ...Charge) *Request {
	r := &Request{l: l}
	for _, c := range charges {
		rule := l.rules[c.Rule]
		r.charges = append(r.charges, charge{rule: rule, key: []byte(c.Key), cost: max(c.Cost, 1), limit: rule.limit})
	}
	return r
}

// Take takes the request.
func (r *Request) Take(ctx context.Context) (bool, error) { return r.l.counts.take(ctx, r.charges) }

// Refund takes back what Take has counted.
func (r *Request) Refund(ctx context.Context) error { return r.l.counts.refund(ctx, r.charges) }

// Reset forgets the keys.
func (r *Request) Reset(ctx context.Context) error { return r.l.counts.reset(ctx, r.charges) }

// Verdicts returns what the store said of each charge.
func (r *Request) Verdicts() []Verdict {
	list := make([]Verdict, len(r.charges))
	for i := range r.charges {
		c := &r.charges[i]
		list[i] = Verdict{
			Win: c.win, Cur: c.cur, Prev: c.prev, Elapsed: c.elapsed,
			Strikes: c.strikes, Blocked: c.blocked, Denied: c.denied, Counted: c.counted,
			Wait: c.wait(), Reset: c.reset(), Used: c.used(), Allowed: c.limit,
			Unavailable: c.unavailable, Local: c.local,
		}
	}
	return list
}

// State is the store's state.
func State(l *Limiter) StoreState { return l.counts.state() }

// Breaker is breaker.
type Breaker struct{ b breaker }

// Enter is breaker.enter.
func (b *Breaker) Enter() (int64, bool) { return b.b.enter() }

// Fail is breaker.fail.
func (b *Breaker) Fail(period int64, reason string, now time.Time) bool {
	return b.b.fail(period, reason, now)
}

// Try is breaker.try.
func (b *Breaker) Try(now time.Time) bool { return b.b.try(now) }

// Tried is breaker.tried.
func (b *Breaker) Tried(reason string, now time.Time) bool { return b.b.tried(reason, now) }

// State is breaker.state.
func (b *Breaker) State() StoreState { return b.b.state() }

// Debt is a debt of the key in a window.
func Debt(name string, win, cur, prev int64) debt {
	return debt{name: name, win: win, cur: cur, prev: prev}
}

// MaxDebts, Instalment and MaxDenials are the bounds of a Redis store.
const (
	MaxDebts   = maxDebts
	Instalment = instalment
	MaxDenials = maxDenials
)

// Ledger is ledger.
type Ledger struct{ l ledger }

// Add is ledger.add.
func (l *Ledger) Add(debts ...debt) { l.l.add(debts...) }

// Take is ledger.take.
func (l *Ledger) Take(names ...string) []debt { return l.l.take(names) }

// Forget is ledger.forget.
func (l *Ledger) Forget(names ...string) { l.l.forget(names) }

// Len is ledger.len.
func (l *Ledger) Len() int { return l.l.len() }

// DebtName returns the name of a debt's key.
func DebtName(d debt) string { return d.name }

// The bounds of a queue.
const (
	MaxCalls   = maxCalls
	MaxOrders  = maxOrders
	MaxWaiting = maxWaiting
)

// Queue is queue, and Order is order.
type (
	Queue struct{ q queue }
	Order = order
)

// NewOrder returns an order of one charge, on which answers are counted.
func NewOrder() *Order { return &order{charges: make([]charge, 1)} }

// Answer answers an order.
func Answer(o *Order) { o.charges[0].cur++ }

// Answered returns how often an order was answered.
func Answered(o *Order) int64 { return o.charges[0].cur }

// OrderErr returns an order's error.
func OrderErr(o *Order) error { return o.err }

// Join is queue.join.
func (q *Queue) Join(o *Order, longest time.Duration) []*Order { return q.q.join(o, longest) }

// Pass is queue.pass.
func (q *Queue) Pass(orders []*Order) { q.q.pass(orders) }

// Len returns how many calls are under way, and how many orders wait.
func (q *Queue) Len() (calls, waiting int) {
	q.q.mu.Lock()
	defer q.q.mu.Unlock()
	return q.q.calls, len(q.q.waiting)
}

// Denials is denials.
type Denials struct{ d denials }

// Deny keeps the denial of a name and returns a request for it.
func (d *Denials) Deny(name string, limit, window, cur, prev, elapsed, blocked int64, now time.Time) *Request {
	d.d.longest = maxDenial
	r := &rule{name: name, window: window}
	if blocked > 0 {
		r.penalty.first = 1
	}
	c := charge{rule: r, key: []byte(name), cost: 1, limit: limit}
	c.verdict = verdict{view: view{cur: cur, prev: prev, elapsed: elapsed, window: window}, blocked: blocked, denied: true}
	d.d.keep([]string{name}, []charge{c}, now)
	return &Request{charges: []charge{c}}
}

// Repeat is denials.repeat for a request of Deny.
func (d *Denials) Repeat(r *Request, now time.Time) bool {
	c := &r.charges[0]
	c.verdict = verdict{}
	return d.d.repeat([]string{string(c.key)}, r.charges, now)
}

// Len returns how many denials are kept.
func (d *Denials) Len() int { return len(d.d.byName) }

// ReadReply reads the reply of the script to one request of n keys, and
// returns what was read, or false.
func ReadReply(out []int64, n int) (r *Request, ok bool) {
	o := &order{charges: make([]charge, n)}
	for i := range o.charges {
		o.charges[i] = charge{rule: &rule{window: 60_000, penalty: penalty{max: 1000}}, cost: 1, limit: 10}
	}
	c := call{parts: []part{{o, o.charges}}}
	return &Request{charges: o.charges}, c.decode(out) == nil
}
