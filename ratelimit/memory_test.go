package ratelimit_test

import (
	"encoding/binary"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/ratelimit"
)

func byAddress(limit int, window time.Duration) ratelimit.Config {
	return ratelimit.Config{Rules: []ratelimit.Rule{{Name: "r", Limit: limit, Window: window, Keys: []ratelimit.Key{ratelimit.IP()}}}}
}

func allow(tb testing.TB, l *ratelimit.Limiter, key string) ratelimit.Decision {
	tb.Helper()
	d, err := l.Allow(tb.Context(), "r", key)
	if err != nil {
		tb.Error(err)
	}
	return d
}

func TestExactlyTheLimitUnder2000Goroutines(t *testing.T) {
	t.Parallel()
	l := mustNew(t, byAddress(100, time.Hour))
	var admitted atomic.Int64
	var all sync.WaitGroup
	start := make(chan struct{})
	for range 2000 {
		all.Go(func() {
			<-start
			if allow(t, l, "192.0.2.1").Allowed {
				admitted.Add(1)
			}
		})
	}
	close(start)
	all.Wait()
	if got := admitted.Load(); got != 100 {
		t.Errorf("admitted %d, want exactly 100", got)
	}
}

// Several rules at once: the tighter one decides, and the other is charged
// exactly as often, whatever the order in which goroutines come.
func TestAllOrNothingUnderLoad(t *testing.T) {
	t.Parallel()
	l := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{
		{Name: "a", Limit: 150, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}},
		{Name: "b", Limit: 100, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}},
	}})
	var admitted atomic.Int64
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() {
			if ratelimit.Take(t.Context(), l, "a-key", "b-key") {
				admitted.Add(1)
			}
		})
	}
	all.Wait()
	if got := admitted.Load(); got != 100 {
		t.Errorf("admitted %d, want exactly 100", got)
	}
	for i := range 60 { // 50 of a's limit are left
		if got := ratelimit.Take(t.Context(), l, "a-key"); got != (i < 50) {
			t.Fatalf("charge %d of a alone: %t", i, got)
		}
	}
}

// No window is forgotten at a boundary: 256 goroutines spend the limit at the
// end of one window, and none of them gets anything at the start of the next.
func TestNoWindowIsForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := mustNew(t, byAddress(100, time.Minute))
		burst := func() (admitted int64) {
			var n atomic.Int64
			var all sync.WaitGroup
			for range 256 {
				all.Go(func() {
					for range 4 {
						if allow(t, l, "192.0.2.1").Allowed {
							n.Add(1)
						}
					}
				})
			}
			all.Wait()
			return n.Load()
		}
		time.Sleep(time.Minute - time.Millisecond)
		if got := burst(); got != 100 {
			t.Fatalf("before the boundary: %d", got)
		}
		time.Sleep(time.Millisecond)
		if got := burst(); got != 0 {
			t.Errorf("at the boundary: %d, want 0", got)
		}
		time.Sleep(30 * time.Second)
		if got := burst(); got != 50 {
			t.Errorf("half a window on: %d, want 50", got)
		}
		time.Sleep(2 * time.Minute)
		if got := burst(); got != 100 {
			t.Errorf("two windows on: %d, want 100", got)
		}
	})
}

// Decisions over time are those of a plain log of the admitted charges.
func TestAgainstAPlainLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const limit, window = 7, 10_000
		l := mustNew(t, byAddress(limit, window*time.Millisecond))
		start := time.Now()
		var log []int64
		seed := uint64(1)
		for range 3000 {
			seed = seed*6364136223846793005 + 1442695040888963407
			time.Sleep(time.Duration(seed>>33%2500) * time.Millisecond)
			now := time.Since(start).Milliseconds()
			var cur, prev int64
			for _, at := range log {
				switch now/window - at/window {
				case 0:
					cur++
				case 1:
					prev++
				}
			}
			used := cur + (prev*(window-now%window)+window-1)/window
			d := allow(t, l, "192.0.2.1")
			if want := used < limit; d.Allowed != want {
				t.Fatalf("at %d ms, used %d: allowed %t", now, used, d.Allowed)
			}
			if d.Allowed {
				log = append(log, now)
				if d.Remaining != int(limit-used-1) {
					t.Fatalf("at %d ms: remaining %d, want %d", now, d.Remaining, limit-used-1)
				}
			} else if d.RetryAfter <= 0 {
				t.Fatalf("denied without a time to come back")
			}
		}
	})
}

// flood charges n keys that were never seen, once each.
func flood(tb testing.TB, l *ratelimit.Limiter, first, n int) (admitted int) {
	var key [8]byte
	for i := range n {
		binary.BigEndian.PutUint64(key[:], uint64(first+i))
		if ratelimit.Take(tb.Context(), l, string(key[:])) {
			admitted++
		}
	}
	return admitted
}

func TestAFloodErasesNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := mustNew(t, byAddress(5, time.Minute))
		for range 5 {
			allow(t, l, "192.0.2.1")
		}
		flood(t, l, 0, 400_000)
		n, sketch := ratelimit.Keys(l, 0)
		if n > ratelimit.MaxKeys || n < ratelimit.MaxKeys*9/10 || !sketch {
			t.Errorf("%d keys, sketch %t", n, sketch)
		}
		if allow(t, l, "192.0.2.1").Allowed {
			t.Error("the flood erased a count")
		}
		// A key beyond the cap is counted too, never too low.
		admitted := 0
		for range 20 {
			if allow(t, l, "192.0.2.99").Allowed {
				admitted++
			}
		}
		if admitted > 5 {
			t.Errorf("a key in the sketch was admitted %d times", admitted)
		}
		// Once the flood has expired it makes room, and gives memory back.
		time.Sleep(3 * time.Minute)
		flood(t, l, 1_000_000, 2000)
		if n, _ := ratelimit.Keys(l, 0); n > 4000 {
			t.Errorf("%d keys after the flood", n)
		}
		if !allow(t, l, "192.0.2.1").Allowed {
			t.Error("the count outlived its windows")
		}
	})
}

// A key that was counted in the sketch keeps its count when room comes.
func TestRoomIsNoFreshAllowance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := mustNew(t, byAddress(3, time.Minute))
		flood(t, l, 0, ratelimit.MaxKeys) // in the first window
		time.Sleep(119 * time.Second)     // the end of the second
		for range 3 {
			if !allow(t, l, "192.0.2.99").Allowed {
				t.Skip("a neighbour in the sketch used the key's limit")
			}
		}
		if allow(t, l, "192.0.2.99").Allowed {
			t.Fatal("the sketch does not count")
		}
		time.Sleep(2 * time.Second) // the flood has expired
		flood(t, l, 1_000_000, 1000)
		if n, _ := ratelimit.Keys(l, 0); n > ratelimit.MaxKeys/2 {
			t.Fatalf("there is no room: %d keys", n)
		}
		if allow(t, l, "192.0.2.99").Allowed {
			t.Error("room was a fresh allowance")
		}
	})
}

func TestOrdinaryUseNeedsNoSketch(t *testing.T) {
	t.Parallel()
	l := mustNew(t, byAddress(3, time.Minute))
	for i := range 1000 {
		allow(t, l, "192.0.2."+strconv.Itoa(i%256))
	}
	if n, sketch := ratelimit.Keys(l, 0); n != 256 || sketch {
		t.Errorf("%d keys, sketch %t", n, sketch)
	}
}
