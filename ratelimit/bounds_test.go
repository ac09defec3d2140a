package ratelimit_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/ratelimit"
)

// schedule is how a client sends: after each decision it says how long to wait
// for the next. now is the time since the limiter was made.
type schedule func(now time.Duration, d ratelimit.Decision) time.Duration

// greedy waits for the end of the second window, spends the limit in its last
// millisecond, and then takes every request the moment it is given back.
func greedy(window time.Duration) schedule {
	return func(now time.Duration, d ratelimit.Decision) time.Duration {
		if now < 2*window-time.Millisecond {
			return 2*window - time.Millisecond - now
		}
		return d.RetryAfter
	}
}

// edges spends what it gets in the last and the first moments of windows, at
// random distances.
func edges(window time.Duration, random *rand.Rand) schedule {
	return func(now time.Duration, d ratelimit.Decision) time.Duration {
		if d.Allowed && random.IntN(8) > 0 {
			return 0 // a burst
		}
		offset := time.Duration(random.IntN(5)-2)*time.Millisecond + time.Duration(random.IntN(1000))*time.Microsecond
		wait := window - now%window + offset
		switch random.IntN(4) {
		case 0:
			wait = d.RetryAfter
		case 1:
			wait = time.Duration(random.Int64N(int64(2 * window)))
		}
		return max(wait, 0)
	}
}

// admitted returns when a client with a schedule was admitted, for so long.
func admitted(t *testing.T, limit int, window, length time.Duration, next schedule) []time.Duration {
	t.Helper()
	l := mustNew(t, byAddress(limit, window))
	start := time.Now().Truncate(window) // as the windows are
	var times []time.Duration
	time.Sleep(next(0, ratelimit.Decision{}))
	for range 20_000 {
		now := time.Since(start)
		if now > length {
			break
		}
		d := allow(t, l, "192.0.2.1")
		if d.Allowed {
			times = append(times, now)
		}
		time.Sleep(next(now, d))
	}
	return times
}

// most returns the most of the times that lie in one rolling window, which
// does not hold its own end, and in one of the clock.
func most(times []time.Duration, window time.Duration) (rolling, aligned int) {
	first, inWindow := 0, 0
	for i, at := range times {
		for at-times[first] >= window {
			first++
		}
		rolling = max(rolling, i-first+1)
		if i == 0 || at/window != times[i-1]/window {
			inWindow = 0
		}
		inWindow++
		aligned = max(aligned, inWindow)
	}
	return rolling, aligned
}

// The documented bounds: at most 2·Limit−1 in any rolling window and Limit in
// one of the clock, whatever the schedule. The greedy one shows that the first
// is reached, so that no smaller number may be documented.
func TestBoundsOfTheWindow(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 2, 3, 7, 20, 100} {
		for _, window := range []time.Duration{time.Second, 10 * time.Second, time.Minute} {
			synctest.Test(t, func(t *testing.T) {
				rolling, aligned := most(admitted(t, limit, window, 8*window, greedy(window)), window)
				if rolling != 2*limit-1 || aligned != limit {
					t.Errorf("greedy, %d in %s: %d in a rolling window, want %d; %d in one of the clock", limit, window, rolling, 2*limit-1, aligned)
				}
				for seed := range uint64(10) {
					times := admitted(t, limit, window, 50*window, edges(window, rand.New(rand.NewPCG(seed, uint64(limit)))))
					rolling, aligned := most(times, window)
					if rolling > 2*limit-1 || aligned > limit || len(times) < limit {
						t.Errorf("seed %d, %d in %s: %d in a rolling window, %d in one of the clock, %d in all", seed, limit, window, rolling, aligned, len(times))
					}
				}
			})
		}
	}
}

// A limit of 1 admits one in two windows: a request weighs until the window
// after its own ends.
func TestALimitOfOneAdmitsOneInTwoWindows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		times := admitted(t, 1, time.Second, 19*time.Second+999*time.Millisecond, func(time.Duration, ratelimit.Decision) time.Duration { return time.Millisecond })
		if len(times) != 10 {
			t.Errorf("%d in 20 s, want 10", len(times))
		}
	})
}
