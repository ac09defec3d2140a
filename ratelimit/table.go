package ratelimit

import (
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
	cells   cells
	strikes map[uint64]strikes // nil until the first
	sweptAt int64              // when expired cells were last looked for
	_       [8]byte            // one cache line
}

func newTable(window int64, p penalty) *table {
	return &table{window: window, penalty: p}
}

// slot is one key of a table. All methods but number need its shard locked.
type slot struct {
	table *table
	*shard
	hash    uint64
	at      int // where the cell stands, or would stand, among the shard's
	cell    cell
	strikes strikes
	known   bool // the cell stands there
	owner   bool // this slot has locked the shard
}

func (s *slot) number() int { return int(s.hash >> (64 - shardBits)) }

// load reads the key's state as it stands at now, and returns what to decide
// by. A key that the table does not know may have been counted in the sketch
// before there was room: it begins with the sketch's word, so that room is no
// fresh allowance.
func (s *slot) load(now int64) (v view) {
	if s.at, s.known = s.cells.find(s.hash); s.known {
		s.cell = s.cells.entries[s.at].cell
	} else {
		s.cell = s.table.overflow.look(s.hash, now, s.table.window)
	}
	s.cell, v = s.cell.at(now, s.table.window)
	if s.shard.strikes != nil {
		s.strikes = s.shard.strikes[s.hash].at(now, s.table.window, s.table.penalty)
	}
	return v
}

// view returns what to decide by, of a slot that was loaded and changed since.
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
	s.cells.put(s.at, s.hash, s.cell)
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
		s.keep(strikes{n: max(s.strikes.n, v.strikes), until: max(s.strikes.until, now+v.blocked-v.ended)})
	}
}

// store writes the cell, into the sketch where the rule's table is full. A live count is never given up for another one: a flood of
// new keys must not erase anybody's.
func (s *slot) store(now int64) {
	if !s.known && !s.room(now) {
		s.table.overflow.raise(s.hash, s.cell)
		return
	}
	s.known = true
	s.cells.put(s.at, s.hash, s.cell)
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
	if at, known := s.cells.find(s.hash); known {
		s.cells.delete(at)
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

// sweep deletes what has expired in the shard.
func (s *slot) sweep(now int64) {
	s.sweptAt = now
	before := s.cells.n
	s.cells.keep(func(c cell) bool { return !c.expired(now, s.table.window) })
	s.table.keys.Add(int64(s.cells.n - before))
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
}
