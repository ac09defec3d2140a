package quantile

import (
	"sync/atomic"
	"time"
)

const (
	slots     = 10
	slotWidth = 30 * time.Second
	// Window is what a Ring remembers at most: the current slot, however
	// little of it has passed, and the nine before it.
	Window = slots * slotWidth
)

// Ring counts durations over the last [Window]. Make one with [NewRing]. Its
// methods can be called concurrently; none takes a lock. It is 200 bytes, and
// 1.5 KB more for each slot of the window in which something was observed.
type Ring struct {
	over  time.Duration
	slots [slots]atomic.Pointer[slot]
}

// slot counts 30 seconds. A new one takes the place of an old one, which is
// left to the garbage collector: nothing has to be emptied while others
// count.
type slot struct {
	epoch  int64 // which 30 seconds
	over   atomic.Uint32
	failed atomic.Uint32
	// The buckets in use lie between lo and hi, so that a reader looks at
	// some dozens and not at all of them.
	lo, hi atomic.Uint32
	counts [buckets]atomic.Uint32
}

// NewRing returns an empty Ring that also counts, exactly, how many durations
// were longer than over.
func NewRing(over time.Duration) *Ring { return &Ring{over: over} }

// Observe counts one duration at the time now, and whether what took it
// failed. It allocates once in 30 seconds.
func (r *Ring) Observe(now, d time.Duration, failed bool) {
	s := r.slot(now)
	i := indexOf(d)
	s.counts[i].Add(1)
	if u := uint32(i); u < s.lo.Load() || u > s.hi.Load() {
		s.widen(u)
	}
	if d > r.over {
		s.over.Add(1)
	}
	if failed {
		s.failed.Add(1)
	}
}

// slot returns the slot of the time now.
func (r *Ring) slot(now time.Duration) *slot {
	epoch := int64(now / slotWidth)
	p := &r.slots[uint64(epoch)%slots]
	for {
		s := p.Load()
		// One that is newer than asked for serves a caller who was held up
		// for five minutes between the clock and here.
		if s != nil && s.epoch >= epoch {
			return s
		}
		fresh := &slot{epoch: epoch}
		fresh.lo.Store(buckets)
		if p.CompareAndSwap(s, fresh) {
			return fresh
		}
	}
}

// widen takes a bucket into the range in use.
func (s *slot) widen(i uint32) {
	for lo := s.lo.Load(); i < lo && !s.lo.CompareAndSwap(lo, i); lo = s.lo.Load() {
	}
	for hi := s.hi.Load(); i > hi && !s.hi.CompareAndSwap(hi, i); hi = s.hi.Load() {
	}
}

// Read adds what the window before now holds to c. What is observed
// meanwhile may be in it or not.
func (r *Ring) Read(now time.Duration, c *Counts) {
	newest := int64(now / slotWidth)
	for i := range r.slots {
		s := r.slots[i].Load()
		if s == nil || s.epoch > newest || s.epoch <= newest-slots {
			continue
		}
		if lo, hi := int(s.lo.Load()), int(s.hi.Load()); lo <= hi {
			c.widen(lo, hi)
			// Two slices of one length: the loop looks at some thousand
			// counters and must not check each index.
			from := s.counts[lo : hi+1]
			to := c.counts[lo : hi+1][:len(from)]
			var sum uint64
			for j := range from {
				n := from[j].Load()
				to[j] += n
				sum += uint64(n)
			}
			c.N += sum
		}
		c.Over += uint64(s.over.Load())
		c.Failed += uint64(s.failed.Load())
	}
}

// N returns how many durations the window before now holds.
func (r *Ring) N(now time.Duration) uint64 {
	var c Counts
	r.Read(now, &c)
	return c.N
}
