package ratelimit

import (
	"context"
	"hash/maphash"
	"time"
)

// memory counts in this process. Keys are hashed under a seed of this process,
// so that nobody can prepare keys that collide.
type memory struct {
	seed   maphash.Seed
	start  time.Time // the clock is monotonic from here on
	epoch  int64     // start in nanoseconds since 1970, from where Redis counts its windows too
	tables []*table  // by rule
}

func newMemory(rules []*rule) *memory {
	start := time.Now()
	m := &memory{seed: maphash.MakeSeed(), start: start, epoch: start.UnixNano(), tables: make([]*table, len(rules))}
	for i, r := range rules {
		m.tables[i] = newTable(r.window, r.penalty)
	}
	return m
}

// now returns the store's clock in milliseconds. It never goes back.
func (m *memory) now() int64 { return (m.epoch + int64(time.Since(m.start))) / int64(time.Millisecond) }

// take locks the shards of all charges, decides, and counts.
func (m *memory) take(_ context.Context, charges []charge) (bool, error) {
	// Asked before the locks are taken, which are held for less time then. Where
	// somebody else has meanwhile begun the next window, that one counts.
	now := m.now()
	var space [4]slot
	slots := m.lock(space[:0], charges)
	admitted := true
	for i := range charges {
		c, s := &charges[i], &slots[i]
		c.view = s.load(now)
		c.strikes, c.blocked = s.strikes.n, s.strikes.blocked(now)
		c.counted, c.local, c.unavailable = false, false, false
		c.denied = c.blocked > 0 || c.used()+c.cost > c.limit
		admitted = admitted && (!c.denied || c.rule.dryRun)
	}
	for i := range charges {
		c, s := &charges[i], &slots[i]
		switch {
		case c.denied && c.blocked == 0:
			s.strike(now)
			c.strikes, c.blocked = s.strikes.n, s.strikes.blocked(now)
		case admitted && !c.denied:
			s.add(now, c.cost)
			c.cur += c.cost
			c.counted = true
		}
	}
	unlock(slots)
	return admitted, nil
}

// refund takes back what was counted. What went into a sketch stays there: a
// counter that several keys share may only say too much of one of them.
func (m *memory) refund(_ context.Context, charges []charge) error {
	var space [4]slot
	slots := m.lock(space[:0], charges)
	now := m.now()
	for i := range charges {
		if c, s := &charges[i], &slots[i]; c.counted {
			s.load(now)
			s.sub(c.win, c.cost)
		}
	}
	unlock(slots)
	return nil
}

// reset forgets keys.
func (m *memory) reset(_ context.Context, charges []charge) error {
	var space [4]slot
	slots := m.lock(space[:0], charges)
	for i := range slots {
		slots[i].forget()
	}
	unlock(slots)
	return nil
}

// warm raises what this process knows of the charges' keys to what another
// store's verdicts say, so that this one can take over without a fresh
// allowance for anybody. The other store's clock may be a little off.
func (m *memory) warm(charges []charge) {
	var space [4]slot
	slots := m.lock(space[:0], charges)
	now := m.now()
	for i := range charges {
		c, s := &charges[i], &slots[i]
		s.load(now)
		s.raise(now, c.verdict)
	}
	unlock(slots)
}

func (m *memory) state() StoreState {
	s := StoreState{Kind: "memory"}
	for _, t := range m.tables {
		s.Keys += t.keys.Load()
	}
	return s
}

// lock finds the charges' slots and locks their shards, each once, in one
// order for all callers so that no two of them wait for each other: by rule,
// which is the order of the charges, and then by number.
func (m *memory) lock(slots []slot, charges []charge) []slot {
	for i := range charges {
		c := &charges[i]
		hash := maphash.Bytes(m.seed, c.key)
		t := m.tables[c.rule.index]
		slots = append(slots, slot{table: t, shard: &t.shards[hash>>(64-shardBits)], hash: hash})
	}
	if len(slots) == 1 {
		slots[0].mu.Lock()
		slots[0].owner = true
		return slots
	}
	for i := 0; i < len(slots); {
		n := i + 1
		for n < len(slots) && slots[n].table == slots[i].table {
			n++
		}
		lockAll(slots[i:n])
		i = n
	}
	return slots
}

// lockAll locks the shards of one table.
func lockAll(slots []slot) {
	for last := -1; ; {
		next := -1
		for i := range slots {
			if n := slots[i].number(); n > last && (next < 0 || n < slots[next].number()) {
				next = i
			}
		}
		if next < 0 {
			return
		}
		slots[next].mu.Lock()
		slots[next].owner = true
		last = slots[next].number()
	}
}

func unlock(slots []slot) {
	for i := range slots {
		if slots[i].owner {
			slots[i].mu.Unlock()
		}
	}
}
