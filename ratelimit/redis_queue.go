package ratelimit

import (
	"errors"
	"sync"
	"time"
)

const (
	maxCalls   = 4     // under way at a time
	maxOrders  = 64    // in one call
	maxWaiting = 4_096 // beyond that a request is counted in this process
	patience   = 4     // how many time-outs a request waits for its turn
)

// errBusy is that of a request that has waited too long for its turn. It says
// nothing of Redis.
var errBusy = errors.New("busy")

// queue gathers the requests that come while calls are under way, so that a
// burst needs a few calls and not a connection for each request, which would
// make Redis look slow. Whoever finds few calls under way makes one at once;
// the others wait, and with the end of a call the first of them makes the next
// one for all. There is no goroutine, and no waiting for company.
type queue struct {
	mu      sync.Mutex
	calls   int      // under way
	waiting []*order // of nobody, while calls < maxCalls
}

// order is a request that is to be charged in Redis, refunded or forgotten. Its fields belong to the
// request until it joins a queue, to whoever makes the call until it is ready,
// and then to the request again.
type order struct {
	names    []string
	charges  []charge // none: it only settles what is owed for names
	forget   bool     // the charges' keys are to be forgotten
	admitted bool
	err      error

	ready  chan struct{} // closed when the order is done, or has orders to send
	orders []*order      // to be sent by this one's request, itself among them
	sent   bool          // is among somebody's orders
	gone   bool          // waits no longer
}

// join returns the orders that the caller is to send, after which it calls
// pass; none where the order is done. It waits no longer than longest for its
// turn.
func (q *queue) join(o *order, longest time.Duration) []*order {
	q.mu.Lock()
	if q.calls < maxCalls {
		q.calls++
		q.mu.Unlock()
		return []*order{o}
	}
	if len(q.waiting) >= maxWaiting {
		q.mu.Unlock()
		o.err = errBusy
		return nil
	}
	o.ready = make(chan struct{})
	q.waiting = append(q.waiting, o)
	q.mu.Unlock()
	timer := time.NewTimer(longest)
	defer timer.Stop()
	select {
	case <-o.ready:
	case <-timer.C:
		if q.leave(o) {
			o.err = errBusy
			return nil
		}
		<-o.ready // its call is under way, and has its own time-out
	}
	return o.orders
}

// leave takes an order out of the queue, where nobody has sent it yet.
func (q *queue) leave(o *order) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	o.gone = !o.sent
	return o.gone
}

// pass says that orders, of which the first is the caller's own, are done, and
// passes the turn on.
func (q *queue) pass(orders []*order) {
	for _, o := range orders[1:] {
		close(o.ready)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	var next []*order
	for len(q.waiting) > 0 && len(next) < maxOrders {
		o := q.waiting[0]
		q.waiting = q.waiting[1:]
		if !o.gone {
			o.sent = true
			next = append(next, o)
		}
	}
	if len(next) == 0 {
		q.calls--
		return
	}
	next[0].orders = next
	close(next[0].ready)
}
