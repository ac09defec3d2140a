package quantile_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/launchready/readiness/internal/quantile"
)

// nearestRank is the exact value, percent from 1 to 100.
func nearestRank(sorted []time.Duration, percent int) time.Duration {
	return sorted[(percent*len(sorted)+99)/100-1]
}

// check compares the estimates of a ring with the exact values.
func check(t *testing.T, values []time.Duration) {
	t.Helper()
	ring := quantile.NewRing(time.Second)
	for _, d := range values {
		ring.Observe(0, d, false)
	}
	var c quantile.Counts
	ring.Read(0, &c)
	if c.N != uint64(len(values)) {
		t.Fatalf("n = %d, want %d", c.N, len(values))
	}
	slices.Sort(values)
	for _, percent := range []int{1, 50, 95, 99, 100} {
		exact := nearestRank(values, percent)
		got := c.Quantile(float64(percent) / 100)
		clamped := min(max(exact, 0), 1<<36-1)
		if diff := (got - clamped).Abs(); diff > max(clamped/16, 1<<13) {
			t.Errorf("p%d of %d values is %d, exactly %d", percent, len(values), got, exact)
		}
	}
}

func milliseconds(f float64) time.Duration { return time.Duration(f * float64(time.Millisecond)) }

var distributions = []struct {
	name string
	draw func(*rand.Rand) time.Duration
}{
	{"lognormal, median 120 ms, sigma 0.8", func(r *rand.Rand) time.Duration { return milliseconds(120 * math.Exp(0.8*r.NormFloat64())) }},
	{"bimodal, 9 of 10 at 20 ms, others at 900 ms", func(r *rand.Rand) time.Duration {
		if r.IntN(10) > 0 {
			return milliseconds(20 * math.Exp(0.3*r.NormFloat64()))
		}
		return milliseconds(900 * math.Exp(0.2*r.NormFloat64()))
	}},
	{"Pareto, 10 ms, alpha 1.5", func(r *rand.Rand) time.Duration { return milliseconds(10 / math.Pow(1-r.Float64(), 1/1.5)) }},
	{"gap, 95 % at 50 ms, 5 % at 1.2 s", func(r *rand.Rand) time.Duration {
		if r.IntN(20) > 0 {
			return milliseconds(50 + r.Float64())
		}
		return milliseconds(1200 + r.Float64())
	}},
	{"all alike", func(*rand.Rand) time.Duration { return 800 * time.Millisecond }},
	{"uniform over everything", func(r *rand.Rand) time.Duration { return time.Duration(r.Int64()) }},
}

func TestQuantilesStayWithinABucket(t *testing.T) {
	t.Parallel()
	for _, dist := range distributions {
		t.Run(dist.name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(25) {
				r := rand.New(rand.NewPCG(seed, 1))
				for _, n := range []int{1, 2, 19, 20, 200, 5000} {
					values := make([]time.Duration, n)
					for i := range values {
						values[i] = dist.draw(r)
					}
					check(t, values)
				}
			}
		})
	}
}

func FuzzQuantiles(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0})
	f.Add(binary.LittleEndian.AppendUint64(nil, 1<<36))
	seed := []byte{}
	for _, d := range []time.Duration{time.Microsecond, 8192, 8191, time.Millisecond, 800 * time.Millisecond, time.Minute, time.Hour, -1} {
		seed = binary.LittleEndian.AppendUint64(seed, uint64(d))
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, data []byte) {
		var values []time.Duration
		for len(data) >= 8 {
			values = append(values, time.Duration(binary.LittleEndian.Uint64(data)))
			data = data[8:]
		}
		if len(values) > 0 {
			check(t, values)
		}
	})
}

func TestTheWindowSlides(t *testing.T) {
	t.Parallel()
	ring := quantile.NewRing(time.Second)
	count := func(now time.Duration) string {
		var c quantile.Counts
		ring.Read(now, &c)
		return fmt.Sprint(c.N, c.Over, c.Failed)
	}
	ring.Observe(0, 2*time.Second, true)
	ring.Observe(29*time.Second, time.Second, false)
	ring.Observe(30*time.Second, time.Millisecond, false)
	tests := []struct {
		name string
		now  time.Duration
		want string
	}{
		{"before the second slot", 29 * time.Second, "2 1 1"},
		{"both", 30 * time.Second, "3 1 1"},
		{"the last moment of the first slot", 5*time.Minute - 1, "3 1 1"},
		{"the first slot is gone", 5 * time.Minute, "1 0 0"},
		{"both are gone", 5*time.Minute + 30*time.Second, "0 0 0"},
		{"long after", 100 * time.Hour, "0 0 0"},
	}
	for _, tt := range tests {
		if got := count(tt.now); got != tt.want {
			t.Errorf("%s: n, over, failed = %s, want %s", tt.name, got, tt.want)
		}
	}
	ring.Observe(5*time.Minute, time.Hour, false) // takes the first slot's place
	if got := count(5 * time.Minute); got != "2 1 0" {
		t.Errorf("after the turn: %s", got)
	}
	ring.Observe(time.Second, time.Hour, false) // by one who was held up
	if got := count(5 * time.Minute); got != "3 2 0" {
		t.Errorf("a late one: %s", got)
	}
}

func TestReadAddsUp(t *testing.T) {
	t.Parallel()
	fast, slow := quantile.NewRing(time.Second), quantile.NewRing(time.Second)
	for range 90 {
		fast.Observe(0, 10*time.Millisecond, false)
	}
	for range 10 {
		slow.Observe(0, 3*time.Second, true)
	}
	var c, apart, sum, empty quantile.Counts
	fast.Read(0, &c)
	sum.Add(&c)
	slow.Read(0, &c)
	slow.Read(0, &apart)
	sum.Add(&apart)
	sum.Add(&empty)
	if sum != c {
		t.Error("Add and Read give different sums")
	}
	if p50, p95 := c.Quantile(0.5), c.Quantile(0.95); c.N != 100 || c.Over != 10 || c.Failed != 10 || p50 > 11*time.Millisecond || p95 < 2800*time.Millisecond {
		t.Errorf("%d %d %d %s %s", c.N, c.Over, c.Failed, p50, p95)
	}
}

func TestQuantileOfOddArguments(t *testing.T) {
	t.Parallel()
	var c quantile.Counts
	if got := c.Quantile(0.5); got != 0 {
		t.Errorf("of nothing: %s", got)
	}
	ring := quantile.NewRing(0)
	ring.Observe(0, time.Millisecond, false)
	ring.Observe(0, time.Second, false)
	ring.Read(0, &c)
	if c.Quantile(-1) != c.Quantile(0.5) || c.Quantile(2) != c.Quantile(1) || c.Quantile(math.NaN()) != 0 {
		t.Errorf("%s %s %s", c.Quantile(-1), c.Quantile(2), c.Quantile(math.NaN()))
	}
}

func TestNoneIsLostAmongMany(t *testing.T) {
	t.Parallel()
	ring := quantile.NewRing(time.Second)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 5000 {
				ring.Observe(time.Duration(i)*40*time.Millisecond, time.Duration(g*i)*time.Microsecond, i%2 == 0)
				if i%100 == 0 {
					var c quantile.Counts
					ring.Read(200*time.Second, &c)
					_ = c.Quantile(0.95)
				}
			}
		})
	}
	wg.Wait()
	var c quantile.Counts
	ring.Read(200*time.Second, &c)
	if c.N != 40000 || c.Failed != 20000 {
		t.Errorf("n = %d, failed = %d", c.N, c.Failed)
	}
}

// Not parallel: it counts allocations.
func TestReadAndObserveDoNotAllocate(t *testing.T) {
	ring := quantile.NewRing(time.Second)
	ring.Observe(0, time.Millisecond, false)
	if n := testing.AllocsPerRun(100, func() {
		ring.Observe(0, time.Millisecond, false)
		var c quantile.Counts
		ring.Read(0, &c)
		_ = c.Quantile(0.95)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func Example() {
	ring := quantile.NewRing(800 * time.Millisecond)
	for i := range 100 {
		ring.Observe(0, time.Duration(i+1)*10*time.Millisecond, false)
	}
	var c quantile.Counts
	ring.Read(0, &c)
	fmt.Println(c.Quantile(0.95).Round(10*time.Millisecond), "n", c.N, "over", c.Over)
	// Output: 950ms n 100 over 20
}

// fill returns a ring whose ten slots hold lognormal durations.
func fill() *quantile.Ring {
	ring := quantile.NewRing(800 * time.Millisecond)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 20000 {
		ring.Observe(time.Duration(i%10)*30*time.Second, distributions[0].draw(r), false)
	}
	return ring
}

func BenchmarkObserve(b *testing.B) {
	ring := fill()
	b.ReportAllocs()
	for b.Loop() {
		ring.Observe(270*time.Second, 123*time.Millisecond, false)
	}
}

func BenchmarkObserveParallel(b *testing.B) {
	ring := fill()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			ring.Observe(270*time.Second, 123*time.Millisecond, false)
		}
	})
}

func BenchmarkReadP95(b *testing.B) {
	ring := fill()
	b.ReportAllocs()
	for b.Loop() {
		var c quantile.Counts
		ring.Read(270*time.Second, &c)
		_ = c.Quantile(0.95)
	}
}
