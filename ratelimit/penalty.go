package ratelimit

import "time"

// Penalty makes a rule refuse a key for longer and longer. The zero value
// adds nothing: the key is refused until its window has room.
//
// Denials are counted for each key and each rule alone: a request over the
// limit is one, and a request during a delay is none, so that whoever keeps
// knocking does not lengthen the wait. From the After-th on each of them
// starts a delay, during which all of the key's requests are refused. The
// count is forgotten once the last delay has been over for as long as it
// lasted, and for two windows at least.
type Penalty struct {
	_ [0]func()

	// After is the denial that starts the first delay: 1 to 1,000. Default
	// (0): 1.
	After int
	// First is the first delay, in whole milliseconds, at most Max. 0 is no
	// penalty.
	First time.Duration
	// Factor is how many times as long as the last the next delay is: 1 to
	// 100. Default (0): 2.
	Factor int
	// Max is the longest delay, at most 31 days. Default (0): an hour, or
	// First where that is longer.
	Max time.Duration
}

// penalty is a Penalty, compiled; the zero value is none.
type penalty struct {
	after, first, factor, max int64 // first and max in milliseconds
}

// strikes is what a store keeps of a key's denials, beside its cell.
type strikes struct {
	n     int64 // how many, at most maxStrikes
	until int64 // when the last delay ends or ended, in milliseconds of the store's clock
}

// maxStrikes bounds a count that a client can raise. With a factor of 1 the
// delay is the same anyway, with more it is at its longest long before.
const maxStrikes = 1_000

// delay returns the delay that the n-th denial starts: first·factor^(n−after)
// and at most max, 0 before after.
func (p penalty) delay(n int64) int64 {
	if p.first == 0 || n < p.after {
		return 0
	}
	d := p.first
	for i := p.after; i < n && d < p.max && p.factor > 1; i++ {
		d *= p.factor
	}
	return min(d, p.max)
}

// at returns the strikes as they stand at now: none where they are forgotten.
func (s strikes) at(now, window int64, p penalty) strikes {
	if now >= s.forgotten(window, p) {
		return strikes{}
	}
	return s
}

// forgotten returns when the strikes count no more.
func (s strikes) forgotten(window int64, p penalty) int64 {
	return s.until + max(2*window, p.delay(s.n))
}

// blocked returns how long the delay still lasts at now.
func (s strikes) blocked(now int64) int64 { return max(0, s.until-now) }

// strike returns the strikes after one more denial at now.
func (s strikes) strike(now int64, p penalty) strikes {
	s.n = min(s.n+1, maxStrikes)
	s.until = now + p.delay(s.n)
	return s
}
