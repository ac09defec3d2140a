package ratelimit

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

const (
	firstRest = 100 * time.Millisecond // after the first try that failed
	longRest  = 5 * time.Second        // the longest that a store is left alone
	goodTries = 3                      // in a row, to trust a store that has failed a try
	calm      = 10 * time.Second       // without an outage until old ones are forgotten
)

// breaker decides whether a shared store is asked. It opens with the first
// failure, so that a stalled store costs one time-out to those who were
// waiting for it at that moment and nothing to anybody after them. While it is
// open nobody waits: the store is tried in the background, at once, and where
// that fails after a rest that doubles.
//
// A hiccup is over with the first try that succeeds. After a try that failed,
// or a second outage within calm, three in a row must succeed, so that a store
// that answers now and then does not make the counts flap. The zero value is
// closed.
type breaker struct {
	// period is the number of the time since the breaker was last closed, and
	// negative while it is open. It is written under mu.
	period atomic.Int64

	mu      sync.Mutex
	trying  bool
	next    time.Time // when to try again
	rests   int       // how many doublings the next rest has, and one
	good    int       // tries in a row that succeeded
	needed  int       // how many of them close it
	since   time.Time // when it came into its state
	reason  string
	outages int64
}

// enter reports whether the store is to be asked. The period is for fail.
func (b *breaker) enter() (period int64, ok bool) {
	period = b.period.Load()
	return period, period >= 0
}

// fail is told that a call of a period has failed, and reports whether it has
// opened the breaker. Of the calls that were under way together only the first
// does: the others say nothing of the store as it is now.
func (b *breaker) fail(period int64, reason string, now time.Time) (opened bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.period.Load() != period {
		return false
	}
	if b.outages > 0 && now.Sub(b.since) < calm {
		b.rests++
	} else {
		b.rests = 0
	}
	b.period.Store(-1 - period)
	b.reason, b.since, b.good = reason, now, 0
	b.outages++
	b.needed, b.next = 1, now
	if b.rests > 0 {
		b.needed, b.next = goodTries, now.Add(b.rest())
	}
	return true
}

// try reports whether the store is to be tried now. It is so to one caller at
// a time, who then calls tried.
func (b *breaker) try(now time.Time) bool {
	if b.period.Load() >= 0 {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.trying || b.period.Load() >= 0 || now.Before(b.next) {
		return false
	}
	b.trying = true
	return true
}

// tried is told how a try has ended, by the reason of its failure or "", and
// reports whether that has closed the breaker.
func (b *breaker) tried(reason string, now time.Time) (closed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trying = false
	if reason != "" {
		b.rests++
		b.reason, b.good, b.needed = reason, 0, goodTries
		b.next = now.Add(b.rest())
		return false
	}
	if b.good++; b.good < b.needed {
		b.next = now.Add(jitter(firstRest))
		return false
	}
	b.since = now
	b.period.Store(-b.period.Load())
	return true
}

// rest returns for how long the store is left alone.
func (b *breaker) rest() time.Duration {
	d := firstRest
	for i := 1; i < b.rests && d < longRest; i++ {
		d *= 2
	}
	return jitter(min(d, longRest))
}

// jitter returns three quarters to five quarters of d, so that the replicas do
// not all try at the same moment.
func jitter(d time.Duration) time.Duration { return d*3/4 + rand.N(d/2) }

// state returns the breaker's part of a [StoreState].
func (b *breaker) state() StoreState {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := StoreState{Breaker: "closed", Since: b.since, Reason: b.reason, Outages: b.outages}
	switch {
	case b.period.Load() >= 0:
	case b.trying || b.good > 0:
		s.Breaker = "probing"
	default:
		s.Breaker = "open"
	}
	return s
}
