package quantile_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/launchready/readiness/internal/quantile"
)

// shapes are the distributions of latencies that the promised accuracy is
// about, with their parameters.
var shapes = []struct {
	name string
	draw func(*rand.Rand) time.Duration
}{
	{"lognormal: median 120 ms, sigma 0.8", func(r *rand.Rand) time.Duration {
		return milliseconds(120 * math.Exp(0.8*r.NormFloat64()))
	}},
	{"bimodal: 9 of 10 lognormal, median 20 ms, sigma 0.3; 1 of 10 lognormal, median 900 ms, sigma 0.2", func(r *rand.Rand) time.Duration {
		if r.IntN(10) > 0 {
			return milliseconds(20 * math.Exp(0.3*r.NormFloat64()))
		}
		return milliseconds(900 * math.Exp(0.2*r.NormFloat64()))
	}},
	{"Pareto: at least 10 ms, alpha 1.5", func(r *rand.Rand) time.Duration {
		return milliseconds(10 / math.Pow(1-r.Float64(), 1/1.5))
	}},
}

// TestErrorOfP95 compares the estimate with the exact value at the nearest
// rank, for the seeds 1 to 25, and holds what docs/figures.md says. Run it
// with -v for the table.
func TestErrorOfP95(t *testing.T) {
	t.Parallel()
	const seeds = 25
	bounds := []struct {
		n           int
		worst, mean float64 // in percent
	}{
		{n: 200, worst: 4.5, mean: 1.5},
		{n: 20_000, worst: 1, mean: 1},
	}
	for _, shape := range shapes {
		for _, bound := range bounds {
			var worst, sum float64
			for seed := range uint64(seeds) {
				r := rand.New(rand.NewPCG(seed+1, 0))
				values := make([]time.Duration, bound.n)
				ring := quantile.NewRing(800 * time.Millisecond)
				for i := range values {
					values[i] = shape.draw(r)
					// Over the whole window, as in life.
					ring.Observe(time.Duration(i)*quantile.Window/time.Duration(bound.n), values[i], false)
				}
				var c quantile.Counts
				ring.Read(quantile.Window-1, &c)
				slices.Sort(values)
				exact := nearestRank(values, 95)
				off := 100 * math.Abs(float64(c.Quantile(0.95)-exact)) / float64(exact)
				worst, sum = max(worst, off), sum+off
			}
			mean := sum / seeds
			t.Logf("n = %5d: worst %.2f %%, mean %.2f %%: %s", bound.n, worst, mean, shape.name)
			if worst > bound.worst || mean > bound.mean {
				t.Errorf("%s, n = %d: worst %.2f %%, mean %.2f %%; at most %.1f and %.1f are promised", shape.name, bound.n, worst, mean, bound.worst, bound.mean)
			}
		}
	}
}

func TestBucketsCarryCountsToAnotherProcess(t *testing.T) {
	t.Parallel()
	ring := quantile.NewRing(time.Second)
	r := rand.New(rand.NewPCG(1, 0))
	for range 500 {
		ring.Observe(0, shapes[0].draw(r), false)
	}
	var here, there quantile.Counts
	ring.Read(0, &here)
	for i, n := range here.Buckets() {
		if !there.AddBucket(i, n) {
			t.Fatalf("bucket %d is refused", i)
		}
	}
	if there.N != 500 || there.Quantile(0.95) != here.Quantile(0.95) || there.Quantile(0) != here.Quantile(0) {
		t.Errorf("n = %d, p95 %s and %s", there.N, there.Quantile(0.95), here.Quantile(0.95))
	}
	for range here.Buckets() {
		break // a consumer may stop
	}
	for name, refused := range map[string]bool{
		"a negative bucket": there.AddBucket(-1, 1),
		"one beyond":        there.AddBucket(quantile.Buckets, 1),
		"an overflow":       there.AddBucket(0, math.MaxUint32) && there.AddBucket(0, 1),
	} {
		if refused {
			t.Errorf("%s is taken", name)
		}
	}
}
