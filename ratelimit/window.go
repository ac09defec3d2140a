package ratelimit

// cell is what a store keeps of one key: the number of the window that it
// last counted in, the count there and the count in the window before.
type cell struct {
	win       int64
	cur, prev uint32
}

// at returns the cell as it stands at now (milliseconds of the store's clock),
// and the view to decide by. The window never goes back: where the cell has
// counted in a later one (a clock was set back), it stays there, at its
// beginning, where the previous count weighs most.
func (c cell) at(now, window int64) (cell, view) {
	win, elapsed := now/window, now%window
	switch {
	case c.win > win:
		win, elapsed = c.win, 0
	case c.win == win-1:
		c.prev, c.cur = c.cur, 0
	case c.win < win-1:
		c.prev, c.cur = 0, 0
	}
	c.win = win
	return c, view{win: win, cur: int64(c.cur), prev: int64(c.prev), elapsed: elapsed, window: window}
}

// expired reports whether the cell counts for nothing at now, nor ever again.
func (c cell) expired(now, window int64) bool { return c.win < now/window-1 }

// view is one key at one moment: the number of its current window, the counts
// of that one and the one before, and how far the current one has elapsed, in
// milliseconds. All arithmetic is in integers:
// a count is at most maxLimit and a window at most maxWindow, so that no
// product overflows, here or in a script's float64.
type view struct {
	win, cur, prev, elapsed, window int64
}

// plausible reports whether the view can be calculated with. One that comes
// from outside may be anything.
func (v view) plausible() bool {
	return v.cur >= 0 && v.cur <= maxLimit && v.prev >= 0 && v.prev <= maxLimit &&
		v.elapsed >= 0 && v.elapsed < v.window
}

// used returns how much of the limit is used: the current count and the
// previous one weighted by how much of its window still reaches into the last
// window's length, rounded up so that the weighting never undercounts.
func (v view) used() int64 {
	if v.prev == 0 {
		return v.cur
	}
	return v.cur + (v.prev*(v.window-v.elapsed)+v.window-1)/v.window
}

// until returns in how many milliseconds used falls to target (at least 0) if
// nothing more is counted: 0 where it has, and otherwise the very millisecond,
// solved from used's formula.
func (v view) until(target int64) int64 {
	switch {
	case v.used() <= target:
		return 0
	case v.cur <= target:
		// Within this window: the previous count's weight has to fall to what
		// is left of target. At the window's end it is 0.
		return v.window - (target-v.cur)*v.window/v.prev - v.elapsed
	default:
		// In the next window, where the current count is the previous one.
		return v.window - v.elapsed + v.window - target*v.window/v.cur
	}
}
