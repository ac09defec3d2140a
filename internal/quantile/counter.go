package quantile

import (
	"math"
	"sync/atomic"
	"time"
)

// Counter counts something over the last [Window], in the slots of a [Ring].
// The zero value is empty. Its methods can be called concurrently; none takes
// a lock or allocates. It is 80 bytes.
type Counter struct {
	// A slot is its epoch in the upper half and its count in the lower, so
	// that both change in one step.
	slots [slots]atomic.Uint64
}

// Add counts one at the time now.
func (c *Counter) Add(now time.Duration) {
	epoch := uint64(now / slotWidth)
	p := &c.slots[epoch%slots]
	for {
		old := p.Load()
		next := epoch<<32 | 1
		if old>>32 >= epoch { // newer, where the caller was held up for long
			if old&math.MaxUint32 == math.MaxUint32 {
				return // full: the epoch above must not change
			}
			next = old + 1
		}
		if p.CompareAndSwap(old, next) {
			return
		}
	}
}

// Read returns how many the window before now holds.
func (c *Counter) Read(now time.Duration) (n uint64) {
	newest := int64(now / slotWidth)
	for i := range c.slots {
		v := c.slots[i].Load()
		if epoch := int64(v >> 32); epoch <= newest && epoch > newest-slots {
			n += v & math.MaxUint32
		}
	}
	return n
}

// Covered returns how much time lies in the window before now: nine slots and
// what has passed of the tenth, or all the time there was.
func Covered(now time.Duration) time.Duration {
	return min(now, Window-slotWidth+now%slotWidth)
}
