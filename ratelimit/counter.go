package ratelimit

import (
	"hash/maphash"
	"math"
	"sync/atomic"
	"time"
)

// Counter counts for httprate, in place of its own counter:
//
//	httprate.LimitBy(100, time.Minute, httprate.KeyByEndpoint,
//		httprate.WithLimitCounter(ratelimit.NewCounter()))
//
// It is an httprate.LimitCounter. Against httprate's own it is sharded, so
// that keys do not wait for each other; it is bounded to 100,000 keys, beyond
// which new keys are counted together and may be counted too high; its keys
// are hashed under a seed of the process, so that nobody can prepare two that
// collide; and a request that was slow over the end of a window counts in its
// own window and forgets nobody's.
//
// httprate decides in two steps under a lock of its own and rounds to the
// nearest; where that matters use [Limiter]. A Counter belongs to one
// httprate.RateLimiter, which calls its methods, and is safe for concurrent
// use. It needs no closing.
type Counter struct {
	seed  maphash.Seed
	state atomic.Pointer[counterState]
}

type counterState struct {
	window time.Duration
	table  *table
}

// counterTicks is the length of a window on a Counter's clock, which is made
// of window numbers: enough ticks for a full table to be swept a few times a
// window, and not with every key.
const counterTicks = 16

// NewCounter returns a Counter.
func NewCounter() *Counter {
	c := &Counter{seed: maphash.MakeSeed()}
	c.Config(0, time.Minute)
	return c
}

// Config sets the length of the windows. httprate calls it once, before
// anything is counted. Another length than before forgets all counts; the
// limit is httprate's own matter.
func (c *Counter) Config(_ int, windowLength time.Duration) {
	windowLength = max(windowLength, time.Nanosecond)
	if s := c.state.Load(); s == nil || s.window != windowLength {
		c.state.Store(&counterState{window: windowLength, table: newTable(counterTicks, penalty{})})
	}
}

// Increment counts one in the window that begins at currentWindow. The error
// is always nil.
func (c *Counter) Increment(key string, currentWindow time.Time) error {
	return c.IncrementBy(key, currentWindow, 1)
}

// IncrementBy counts amount, or takes back so much where it is negative. A
// window before the one that the key has last counted in is its previous one;
// nothing is counted in one before that. The error is always nil.
func (c *Counter) IncrementBy(key string, currentWindow time.Time, amount int) error {
	st := c.state.Load()
	win := st.number(currentWindow)
	s := c.lock(st, key, win)
	defer s.mu.Unlock()
	if s.cell.win < win {
		s.cell, _ = s.cell.at(win*counterTicks, counterTicks)
	}
	switch {
	case amount < 0:
		s.sub(win, min(-int64(amount), math.MaxUint32))
		return nil
	case s.cell.win == win:
		s.cell.cur = saturate(s.cell.cur, amount)
	case s.cell.win == win+1:
		s.cell.prev = saturate(s.cell.prev, amount)
	}
	s.store(win * counterTicks)
	return nil
}

// Get returns what was counted in two windows. The error is always nil.
func (c *Counter) Get(key string, currentWindow, previousWindow time.Time) (current, previous int, err error) {
	st := c.state.Load()
	s := c.lock(st, key, st.number(currentWindow))
	defer s.mu.Unlock()
	in := func(win int64) int {
		switch win {
		case s.cell.win:
			return int(s.cell.cur)
		case s.cell.win - 1:
			return int(s.cell.prev)
		default:
			return 0
		}
	}
	return in(st.number(currentWindow)), in(st.number(previousWindow)), nil
}

// lock returns the key's slot, loaded as it was last counted.
func (c *Counter) lock(st *counterState, key string, win int64) slot {
	hash := maphash.String(c.seed, key)
	s := slot{table: st.table, shard: &st.table.shards[hash>>(64-shardBits)], hash: hash}
	s.mu.Lock()
	if s.at, s.known = s.cells.find(hash); s.known {
		s.cell = s.cells.entries[s.at].cell
	} else {
		s.cell = st.table.overflow.look(hash, win*counterTicks, counterTicks)
	}
	return s
}

// number returns the number of the window that begins at t. Windows begin one
// length apart, wherever the first one does.
func (st *counterState) number(t time.Time) int64 {
	n, w := t.UnixNano(), int64(st.window)
	if n < 0 {
		n -= w - 1 // rounds down
	}
	return n / w
}

func saturate(count uint32, amount int) uint32 {
	return uint32(min(int64(count)+min(int64(amount), math.MaxUint32), math.MaxUint32))
}
