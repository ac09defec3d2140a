package quantile

import (
	"math/bits"
	"time"
)

const (
	subBits = 4  // a power of two is cut into 1<<subBits buckets
	minExp  = 13 // 1<<13 ns = 8.2 µs: all below share the first bucket
	maxExp  = 36 // 1<<36 ns = 68.7 s: what is longer counts as the longest
	buckets = 1 + (maxExp-minExp)<<subBits
)

// indexOf returns the bucket of a duration.
func indexOf(d time.Duration) int {
	if d < 1<<minExp {
		return 0
	}
	v := uint64(d)
	exp := bits.Len64(v) - 1
	if exp >= maxExp {
		return buckets - 1
	}
	sub := int(v>>(exp-subBits)) & (1<<subBits - 1)
	return 1 + (exp-minExp)<<subBits + sub
}

// edges returns the lower edge of a bucket and its width.
func edges(i int) (lower, width time.Duration) {
	if i == 0 {
		return 0, 1 << minExp
	}
	exp := minExp + (i-1)>>subBits
	sub := (i - 1) & (1<<subBits - 1)
	width = 1 << (exp - subBits)
	return time.Duration(1<<subBits+sub) * width, width
}
