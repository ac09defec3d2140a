package ratelimit_test

import (
	"math/big"
	"testing"

	"github.com/launchready/readiness/ratelimit"
)

// views are moments of a key that are worth looking at.
var views = []struct {
	name                       string
	cur, prev, elapsed, window int64
	used                       int64
}{
	{name: "nothing", window: 60_000},
	{name: "current only", cur: 5, elapsed: 59_999, window: 60_000, used: 5},
	{name: "previous whole", prev: 5, elapsed: 0, window: 60_000, used: 5},
	{name: "previous by a millisecond less is rounded up", prev: 5, elapsed: 1, window: 60_000, used: 5},
	{name: "previous half", prev: 5, elapsed: 30_000, window: 60_000, used: 3},
	{name: "previous exactly one", prev: 5, elapsed: 48_000, window: 60_000, used: 1},
	{name: "previous at the end", prev: 5, elapsed: 59_999, window: 60_000, used: 1},
	{name: "both", cur: 7, prev: 10, elapsed: 15_000, window: 60_000, used: 15},
	{name: "the largest", cur: 1_000_000, prev: 1_000_000, elapsed: 1, window: 2_678_400_000, used: 2_000_000},
}

func TestUsed(t *testing.T) {
	t.Parallel()
	for _, tt := range views {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := ratelimit.Used(tt.cur, tt.prev, tt.elapsed, tt.window); got != tt.used {
				t.Errorf("used %d, want %d", got, tt.used)
			}
		})
	}
}

func TestWindowNeverGoesBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                          string
		win                           int64
		cur, prev                     uint32
		now                           int64
		wantWin, wantCur, wantPrev, e int64
	}{
		{name: "same window", win: 7, cur: 3, prev: 2, now: 7_400, wantWin: 7, wantCur: 3, wantPrev: 2, e: 400},
		{name: "next window", win: 7, cur: 3, prev: 2, now: 8_000, wantWin: 8, wantCur: 0, wantPrev: 3, e: 0},
		{name: "two windows on", win: 7, cur: 3, prev: 2, now: 9_001, wantWin: 9, e: 1},
		{name: "far on", win: 7, cur: 3, prev: 2, now: 99_999, wantWin: 99, e: 999},
		{name: "the clock went back", win: 7, cur: 3, prev: 2, now: 6_999, wantWin: 7, wantCur: 3, wantPrev: 2, e: 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			win, cur, prev, e := ratelimit.At(tt.win, tt.cur, tt.prev, tt.now, 1000)
			if win != tt.wantWin || cur != tt.wantCur || prev != tt.wantPrev || e != tt.e {
				t.Errorf("got window %d, %d and %d, elapsed %d", win, cur, prev, e)
			}
		})
	}
}

// FuzzUntil: used is the formula in rational numbers, and until is the first
// millisecond at which used is at most the target, and no later one.
func FuzzUntil(f *testing.F) {
	for _, v := range views {
		f.Add(v.cur, v.prev, v.elapsed, v.window, v.used/2)
	}
	f.Fuzz(func(t *testing.T, cur, prev, elapsed, window, target int64) {
		if window < 1000 || window > 2_678_400_000 || elapsed < 0 || elapsed >= window ||
			cur < 0 || cur > 1_000_000 || prev < 0 || prev > 1_000_000 || target < 0 || target > 1_000_000 {
			t.Skip()
		}
		usedAt := func(wait int64) int64 {
			c, p, e := cur, prev, elapsed+wait
			switch e / window {
			case 0:
			case 1:
				c, p = 0, cur
			default:
				return 0
			}
			return ratelimit.Used(c, p, e%window, window)
		}
		exact := new(big.Rat).Add(new(big.Rat).SetInt64(cur), big.NewRat(prev, 1).Mul(big.NewRat(prev, 1), big.NewRat(window-elapsed, window)))
		used := new(big.Rat).SetInt64(ratelimit.Used(cur, prev, elapsed, window))
		if d := new(big.Rat).Sub(used, exact); d.Sign() < 0 || d.Cmp(big.NewRat(1, 1)) >= 0 {
			t.Errorf("used is %s, exactly it is %s", used, exact)
		}
		wait := ratelimit.Until(cur, prev, elapsed, window, target)
		if wait < 0 || wait > 2*window {
			t.Fatalf("wait %d of a window of %d", wait, window)
		}
		if got := usedAt(wait); got > target {
			t.Errorf("after %d ms used is %d, more than %d", wait, got, target)
		}
		if wait > 0 && usedAt(wait-1) <= target {
			t.Errorf("%d ms is more than is needed", wait)
		}
	})
}
