package ratelimit

import (
	"sync"
	"sync/atomic"
)

const (
	sketchRows = 4
	rowBits    = 13
	rowSize    = 1 << rowBits
)

// sketch counts keys for which a table has no room, in 256 KiB whatever their
// number (a count-min sketch). Several keys may share a counter, so that it
// can say too much of a key, never too little: under a flood a stranger may
// be refused, and nobody is let through. The zero value is empty, and takes
// its memory with the first key.
type sketch struct {
	last atomic.Int64 // the window of the last add, and one; 0: never
	mu   sync.Mutex
	win  int64
	rows *[sketchRows][rowSize]pair
}

type pair struct{ cur, prev uint32 }

// look returns what the sketch knows of a key at now.
func (s *sketch) look(hash uint64, now, window int64) cell {
	last := s.last.Load()
	if last == 0 {
		return cell{} // nothing was ever added
	}
	win := now / window
	if last-1 < win-1 {
		return cell{} // nor in this window or the one before
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn(win)
	c := cell{win: s.win, cur: ^uint32(0), prev: ^uint32(0)}
	for i := range s.rows {
		p := s.rows[i][place(hash, i)]
		c.cur, c.prev = min(c.cur, p.cur), min(c.prev, p.prev)
	}
	return c
}

// raise makes the key's counters say at least what the cell says. The other
// keys that share them are the reason not to add: a counter need not be more
// than the largest of its keys' counts.
func (s *sketch) raise(hash uint64, c cell) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rows == nil {
		s.rows, s.win = new([sketchRows][rowSize]pair), c.win
	}
	s.turn(c.win)
	s.last.Store(s.win + 1)
	if c.win < s.win {
		c = cell{prev: c.cur, win: c.win + 1}
	}
	if c.win < s.win {
		return // both windows are over
	}
	for i := range s.rows {
		p := &s.rows[i][place(hash, i)]
		p.cur, p.prev = max(p.cur, c.cur), max(p.prev, c.prev)
	}
}

// turn moves the sketch on to the window win.
func (s *sketch) turn(win int64) {
	if win <= s.win {
		return
	}
	next := win == s.win+1
	for i := range s.rows {
		for j := range s.rows[i] {
			p := &s.rows[i][j]
			if next {
				*p = pair{prev: p.cur}
			} else {
				*p = pair{}
			}
		}
	}
	s.win = win
}

// place returns a key's counter in a row. Each row goes by other bits of the
// hash, and none by those that choose the shard.
func place(hash uint64, row int) uint64 {
	return hash >> (row * rowBits) & (rowSize - 1)
}
