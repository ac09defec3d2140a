package quantile

import (
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
