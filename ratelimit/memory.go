package ratelimit

import (
	"context"
	"hash/maphash"
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxKeys is how many keys of one rule are counted each on its own.
	maxKeys = 100_000
	// shardBits is how many bits of a key's hash choose its shard.
	shardBits = 6
	shards    = 1 << shardBits
)

// memory counts in this process. Keys are hashed under a seed of this process,
// so that nobody can prepare keys that collide.
type memory struct {
	seed   maphash.Seed
	start  time.Time // windows are counted from here, on the monotonic clock
	tables []*table  // by rule
}

func newMemory(rules []*rule) *memory {
	m := &memory{seed: maphash.MakeSeed(), start: time.Now(), tables: make([]*table, len(rules))}
	for i, r := range rules {
		m.tables[i] = newTable(r.window)
	}
	return m
}

// held is a locked shard, with the key that it was locked for.
type held struct {
	*shard
	table *table
	hash  uint64
	cell  cell
	known bool // the cell stands in the shard's map
}

// take locks the shards of all charges, in the rules' order so that no two
// takes wait for each other, decides, and counts.
func (m *memory) take(_ context.Context, charges []charge) (bool, error) {
	var buf [8]held
	locked := buf[:0]
	for i := range charges {
		c := &charges[i]
		hash := maphash.Bytes(m.seed, c.key)
		t := m.tables[c.rule.index]
		s := &t.shards[hash>>(64-shardBits)]
		s.mu.Lock()
		locked = append(locked, held{shard: s, table: t, hash: hash})
	}
	now := time.Since(m.start).Milliseconds()
	admitted := true
	for i := range charges {
		c, h := &charges[i], &locked[i]
		h.find(now)
		h.cell, c.view = h.cell.at(now, c.rule.window)
		c.denied = c.view.used() >= c.rule.limit
		admitted = admitted && !c.denied
	}
	if admitted {
		for i := range charges {
			locked[i].count(now)
			charges[i].view.cur++
		}
	}
	for i := range locked {
		locked[i].mu.Unlock()
	}
	return admitted, nil
}

// table holds the counts of one rule.
type table struct {
	window   int64
	keys     atomic.Int64 // over all shards
	shards   [shards]shard
	overflow sketch
}

type shard struct {
	mu      sync.Mutex
	cells   map[uint64]cell
	peak    int   // the most cells since the map was made
	sweptAt int64 // when expired cells were last looked for
	_       [24]byte
}

func newTable(window int64) *table {
	t := &table{window: window}
	for i := range t.shards {
		t.shards[i].cells = map[uint64]cell{}
	}
	return t
}

// find loads the key's cell. A key that the map does not know may have been
// counted in the sketch before there was room: it begins with the sketch's
// word, so that room is no fresh allowance.
func (h *held) find(now int64) {
	if h.cell, h.known = h.cells[h.hash]; !h.known {
		h.cell = h.table.overflow.look(h.hash, now/h.table.window)
	}
}

// count adds one to the key, in the map, or in the sketch where the rule's
// table is full. A live count is never given up for another one: a flood of
// new keys must not erase anybody's.
func (h *held) count(now int64) {
	if !h.known && !h.room(now) {
		h.table.overflow.add(h.hash, h.cell.win)
		return
	}
	h.cell.cur++
	h.cells[h.hash] = h.cell
	h.peak = max(h.peak, len(h.cells))
}

// room reports whether the table takes one more key, after it has looked for
// expired ones: once a window, so that the work is small for each key, and
// sooner where the table is full.
func (h *held) room(now int64) bool {
	due := h.table.window
	if h.table.keys.Load() >= maxKeys {
		due /= 16
	}
	if now-h.sweptAt >= due {
		h.sweep(now)
	}
	if h.table.keys.Add(1) <= maxKeys {
		return true
	}
	h.table.keys.Add(-1)
	return false
}

// sweep deletes the shard's expired cells, and gives the memory of a flood
// back: a map that was emptied keeps its size, so it is made anew.
func (h *held) sweep(now int64) {
	h.sweptAt = now
	before := len(h.cells)
	for hash, c := range h.cells {
		if c.expired(now, h.table.window) {
			delete(h.cells, hash)
		}
	}
	h.table.keys.Add(int64(len(h.cells) - before))
	if h.peak < 64 || len(h.cells) > h.peak/4 {
		return
	}
	smaller := make(map[uint64]cell, len(h.cells))
	maps.Copy(smaller, h.cells)
	h.cells, h.peak = smaller, len(smaller)
}
