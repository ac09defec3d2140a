package ratelimit

import (
	"maps"
	"sync"
	"sync/atomic"
)

const (
	// maxKeys is how many keys of one rule are counted each on its own.
	maxKeys = 100_000
	// shardBits is how many bits of a key's hash choose its shard.
	shardBits = 6
	shards    = 1 << shardBits
)

// table holds the counts of one rule in this process.
type table struct {
	window   int64
	penalty  penalty
	keys     atomic.Int64 // cells over all shards
	struck   atomic.Int64 // strikes over all shards
	shards   [shards]shard
	overflow sketch
}

type shard struct {
	mu      sync.Mutex
	cells   map[uint64]cell
	strikes map[uint64]strikes // nil until the first
	peak    int                // the most cells since the map was made
	sweptAt int64              // when expired cells were last looked for
	_       [16]byte
}

func newTable(window int64, p penalty) *table {
	t := &table{window: window, penalty: p}
	for i := range t.shards {
		t.shards[i].cells = map[uint64]cell{}
	}
	return t
}

// slot is one key of a table. All methods but number need its shard locked.
type slot struct {
	table *table
	*shard
	hash    uint64
	cell    cell
	strikes strikes
	known   bool // the cell stands in the shard's map
	owner   bool // this slot has locked the shard
}

func (s *slot) number() int { return int(s.hash >> (64 - shardBits)) }

// load reads the key's state as it stands at now. A key that the map does not
// know may have been counted in the sketch before there was room: it begins
// with the sketch's word, so that room is no fresh allowance.
func (s *slot) load(now int64) {
	if s.cell, s.known = s.cells[s.hash]; !s.known {
		s.cell = s.table.overflow.look(s.hash, now/s.table.window)
	}
	s.cell, _ = s.cell.at(now, s.table.window)
	if s.shard.strikes != nil {
		s.strikes = s.shard.strikes[s.hash].at(now, s.table.window, s.table.penalty)
	}
}

// view returns the loaded state, to decide by.
func (s *slot) view(now int64) view {
	_, v := s.cell.at(now, s.table.window)
	return v
}

// add counts n.
func (s *slot) add(now, n int64) {
	s.cell.cur += uint32(n)
	s.store(now)
}

// sub takes back n of what was counted in the window win.
func (s *slot) sub(win, n int64) {
	switch {
	case !s.known:
		return
	case win == s.cell.win:
		s.cell.cur -= min(s.cell.cur, uint32(n))
	case win == s.cell.win-1:
		s.cell.prev -= min(s.cell.prev, uint32(n))
	}
	s.cells[s.hash] = s.cell
}

// raise makes the key count for at least what a verdict of another clock says.
// Where the two clocks are more than a window apart, their windows are taken
// for the same.
func (s *slot) raise(now int64, v verdict) {
	cur, prev := uint32(v.cur), uint32(v.prev)
	switch v.win - s.cell.win {
	case 1:
		s.cell = cell{win: v.win, cur: cur, prev: max(prev, s.cell.cur)}
	case -1:
		s.cell.prev = max(s.cell.prev, cur)
	default:
		s.cell.cur, s.cell.prev = max(s.cell.cur, cur), max(s.cell.prev, prev)
	}
	s.store(now)
	if v.strikes > 0 {
		s.keep(strikes{n: max(s.strikes.n, v.strikes), until: max(s.strikes.until, now+v.blocked)})
	}
}

// store writes the cell into the map, or into the sketch where the rule's
// table is full. A live count is never given up for another one: a flood of
// new keys must not erase anybody's.
func (s *slot) store(now int64) {
	if !s.known && !s.room(now) {
		s.table.overflow.raise(s.hash, s.cell)
		return
	}
	s.known = true
	s.cells[s.hash] = s.cell
	s.peak = max(s.peak, len(s.cells))
}

// strike counts a denial, where the rule has a penalty.
func (s *slot) strike(now int64) {
	if s.table.penalty.first > 0 {
		s.keep(s.strikes.strike(now, s.table.penalty))
	}
}

// keep writes strikes. Beyond maxKeys of them a key has none: its window
// still refuses it.
func (s *slot) keep(v strikes) {
	if _, known := s.shard.strikes[s.hash]; !known {
		if s.table.struck.Add(1) > maxKeys {
			s.table.struck.Add(-1)
			return
		}
		if s.shard.strikes == nil {
			s.shard.strikes = map[uint64]strikes{}
		}
	}
	s.strikes = v
	s.shard.strikes[s.hash] = v
}

// forget deletes what is known of the key. The sketch knows no single key.
func (s *slot) forget() {
	if _, known := s.cells[s.hash]; known {
		delete(s.cells, s.hash)
		s.table.keys.Add(-1)
	}
	if _, known := s.shard.strikes[s.hash]; known {
		delete(s.shard.strikes, s.hash)
		s.table.struck.Add(-1)
	}
}

// room reports whether the table takes one more key, after it has looked for
// expired ones: once a window, so that the work is small for each key, and
// sooner where the table is full.
func (s *slot) room(now int64) bool {
	due := s.table.window
	if s.table.keys.Load() >= maxKeys {
		due /= 16
	}
	if now-s.sweptAt >= due {
		s.sweep(now)
	}
	if s.table.keys.Add(1) <= maxKeys {
		return true
	}
	s.table.keys.Add(-1)
	return false
}

// sweep deletes what has expired in the shard, and gives the memory of a flood
// back: a map that was emptied keeps its size, so it is made anew.
func (s *slot) sweep(now int64) {
	s.sweptAt = now
	before := len(s.cells)
	for hash, c := range s.cells {
		if c.expired(now, s.table.window) {
			delete(s.cells, hash)
		}
	}
	s.table.keys.Add(int64(len(s.cells) - before))
	before = len(s.shard.strikes)
	for hash, v := range s.shard.strikes {
		if now >= v.forgotten(s.table.window, s.table.penalty) {
			delete(s.shard.strikes, hash)
		}
	}
	s.table.struck.Add(int64(len(s.shard.strikes) - before))
	if len(s.shard.strikes) == 0 {
		s.shard.strikes = nil
	}
	if s.peak < 64 || len(s.cells) > s.peak/4 {
		return
	}
	smaller := make(map[uint64]cell, len(s.cells))
	maps.Copy(smaller, s.cells)
	s.cells, s.peak = smaller, len(smaller)
}
