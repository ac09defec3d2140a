package quantile_test

import (
	"math"
	"sync"
	"testing"
	"time"

	"github.com/launchready/readiness/internal/quantile"
)

func TestCounterSlides(t *testing.T) {
	t.Parallel()
	var c quantile.Counter
	if n := c.Read(time.Hour); n != 0 {
		t.Errorf("an empty one holds %d", n)
	}
	c.Add(0)
	c.Add(29 * time.Second)
	c.Add(30 * time.Second)
	tests := []struct {
		name string
		now  time.Duration
		want uint64
	}{
		{"before the second slot", 29 * time.Second, 2},
		{"both", 30 * time.Second, 3},
		{"the last moment of the first slot", 5*time.Minute - 1, 3},
		{"the first slot is gone", 5 * time.Minute, 1},
		{"both are gone", 5*time.Minute + 30*time.Second, 0},
		{"long after", 1000 * time.Hour, 0},
	}
	for _, tt := range tests {
		if got := c.Read(tt.now); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
	c.Add(5 * time.Minute) // takes the first slot's place
	c.Add(time.Second)     // by one who was held up
	if got := c.Read(5 * time.Minute); got != 3 {
		t.Errorf("after the turn: %d", got)
	}
}

func TestAFullCounterStaysFull(t *testing.T) {
	t.Parallel()
	var c quantile.Counter
	quantile.Fill(&c, 30*time.Second)
	c.Add(30 * time.Second)
	if got := c.Read(30 * time.Second); got != math.MaxUint32 {
		t.Errorf("got %d", got)
	}
}

func TestCounterLosesNoneAmongMany(t *testing.T) {
	t.Parallel()
	var c quantile.Counter
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 5000 {
				c.Add(time.Duration(i) * 40 * time.Millisecond)
				_ = c.Read(200 * time.Second)
			}
		})
	}
	wg.Wait()
	if got := c.Read(200 * time.Second); got != 40000 {
		t.Errorf("got %d", got)
	}
}

func TestCovered(t *testing.T) {
	t.Parallel()
	for now, want := range map[time.Duration]time.Duration{
		0: 0, time.Minute: time.Minute, 5*time.Minute - 1: 5*time.Minute - 1,
		5 * time.Minute: 270 * time.Second, 5*time.Minute + 29*time.Second: 299 * time.Second, time.Hour: 270 * time.Second,
	} {
		if got := quantile.Covered(now); got != want {
			t.Errorf("at %s: %s, want %s", now, got, want)
		}
	}
}

// Not parallel: it counts allocations.
func TestCounterDoesNotAllocate(t *testing.T) {
	var c quantile.Counter
	if n := testing.AllocsPerRun(100, func() { c.Add(time.Minute); _ = c.Read(time.Minute) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCounterAdd(b *testing.B) {
	var c quantile.Counter
	b.ReportAllocs()
	for b.Loop() {
		c.Add(time.Minute)
	}
}
