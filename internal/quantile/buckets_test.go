package quantile_test

import (
	"testing"
	"time"

	"github.com/launchready/readiness/internal/quantile"
)

func TestBucketsFollowOneAnother(t *testing.T) {
	t.Parallel()
	end := time.Duration(0)
	for i := range quantile.Buckets {
		lower, width := quantile.Edges(i)
		if lower != end {
			t.Fatalf("bucket %d begins at %d, the one before ends at %d", i, lower, end)
		}
		if i > 0 && width*16 > lower {
			t.Errorf("bucket %d at %s is %s wide, more than a sixteenth", i, lower, width)
		}
		end = lower + width
		for _, d := range []time.Duration{lower, end - 1} {
			if got, _, _ := quantile.BucketOf(d); got != i {
				t.Errorf("%d ns is in bucket %d, want %d", d, got, i)
			}
		}
	}
	if end != 1<<36 {
		t.Errorf("the last bucket ends at %d", end)
	}
}

func TestBucketsOfExtremes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		d    time.Duration
		want int
	}{
		{"negative", -time.Hour, 0},
		{"zero", 0, 0},
		{"below the first edge", 1<<13 - 1, 0},
		{"the first edge", 1 << 13, 1},
		{"the last edge", 1 << 36, quantile.Buckets - 1},
		{"an hour", time.Hour, quantile.Buckets - 1},
		{"the longest", 1<<63 - 1, quantile.Buckets - 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, _, _ := quantile.BucketOf(tt.d); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestAFullWindowFitsInto16KB(t *testing.T) {
	t.Parallel()
	// The allocator hands out 1,536 bytes for a slot: its next size class.
	if quantile.SlotBytes > 1536 {
		t.Errorf("a slot takes %d bytes", quantile.SlotBytes)
	}
	if all := quantile.RingBytes + quantile.Slots*1536; all > 16<<10 {
		t.Errorf("a ring takes %d bytes", all)
	}
}
