package quantile

import (
	"math"
	"time"
	"unsafe"
)

// Buckets is the number of buckets of a slot.
const Buckets = buckets

// SlotBytes is what a slot takes.
const SlotBytes = unsafe.Sizeof(slot{})

// BucketOf returns the edges of a duration's bucket.
func BucketOf(d time.Duration) (i int, lower, width time.Duration) {
	i = indexOf(d)
	lower, width = edges(i)
	return i, lower, width
}

// Edges returns the edges of a bucket.
func Edges(i int) (lower, width time.Duration) { return edges(i) }

// Fill sets the slot of the time now to the most it can hold.
func Fill(c *Counter, now time.Duration) {
	epoch := uint64(now / slotWidth)
	c.slots[epoch%slots].Store(epoch<<32 | math.MaxUint32)
}

// RingBytes is what a Ring takes without its slots.
const RingBytes = unsafe.Sizeof(Ring{})

// Slots is the number of slots of a Ring.
const Slots = slots
