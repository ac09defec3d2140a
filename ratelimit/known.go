package ratelimit

import "hash/maphash"

// known is what this process knows of a key that another store counts.
type known struct {
	cell
	strikes int64
	left    int64 // milliseconds until the strikes' delay ends, negative where it has
}

// hash returns the key's hash in this process.
func (m *memory) hash(key []byte) uint64 { return maphash.Bytes(m.seed, key) }

// knows returns what is known of one key. A key that only the sketch has
// counted is not known: what the sketch says may be a stranger's.
func (m *memory) knows(r *rule, hash uint64) (k known, ok bool) {
	s := m.slot(r, hash)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := m.now()
	s.load(now)
	if !s.known {
		s.cell = cell{win: now / r.window}
	}
	return known{cell: s.cell, strikes: s.strikes.n, left: s.strikes.until - now}, s.known
}

// look fills in the charge's verdict as it stands, and counts nothing.
func (m *memory) look(c *charge) {
	s := m.slot(c.rule, m.hash(c.key))
	s.mu.Lock()
	defer s.mu.Unlock()
	now := m.now()
	s.load(now)
	c.verdict = verdict{view: s.view(now), strikes: s.strikes.n, blocked: s.strikes.blocked(now)}
	c.denied = c.blocked > 0 || c.used()+c.cost > c.limit
}

// slot returns a key's slot. Its shard is not locked.
func (m *memory) slot(r *rule, hash uint64) slot {
	s := slot{table: m.tables[r.index], hash: hash}
	s.shard = &s.table.shards[s.number()]
	return s
}
