package cache

import (
	"hash/maphash"
	"sync/atomic"
	"time"
)

// leaseFor is how long after a good read of the log its reader is taken to
// know of every purge: the most by which a page outlives its purge on a
// replica that has lost its Redis.
const leaseFor = 2 * time.Second

// lease is what this process knows of the purges of all replicas: which there
// were, and until when it is taken to know of all. It is written by the tail
// and by this process's own purges, and is safe for concurrent use.
type lease struct {
	start time.Time
	until atomic.Int64 // in nanoseconds after start
	// era changes whenever a purge may have been missed. What was seen in
	// another era is to be looked up in Redis.
	era  atomic.Uint64
	seed maphash.Seed
	// purges counts the purges of the names that share a cell. A name that
	// shares one with a purged name costs a look at Redis and nothing else.
	purges [cells]atomic.Uint64
}

// sight is what a lease knew of some names at one moment.
type sight struct {
	era    uint64
	where  []uint32
	values []uint64
}

func newLease(now time.Time) *lease { return &lease{start: now, seed: maphash.MakeSeed()} }

// look returns what is known of the names. It is called before Redis is
// asked about them: whatever is purged after Redis has answered is heard of
// after that, and shows in covers.
func (l *lease) look(names []string) sight {
	s := sight{era: l.era.Load(), where: make([]uint32, len(names)), values: make([]uint64, len(names))}
	for i, name := range names {
		s.where[i] = l.cell(short(name))
		s.values[i] = l.purges[s.where[i]].Load()
	}
	return s
}

// and returns both sights as one, of the earlier era.
func (s sight) and(o sight) sight {
	return sight{min(s.era, o.era), append(s.where, o.where...), append(s.values, o.values...)}
}

// covers reports whether nothing that was seen has been purged since, as far
// as the lease says that every purge is known.
//
// Whether the lease holds is asked first: a purge is heard of before the lease
// is renewed, so that a lease that holds knows what purged is asked.
func (l *lease) covers(s sight, now time.Time) bool {
	return l.holds(now) && l.era.Load() == s.era && !l.purged(s)
}

// purged reports whether one of the names has been purged since, or one that
// shares its cell.
func (l *lease) purged(s sight) bool {
	for i, where := range s.where {
		if l.purges[where].Load() != s.values[i] {
			return true
		}
	}
	return false
}

// holds reports whether the lease has not run out.
func (l *lease) holds(now time.Time) bool { return int64(now.Sub(l.start)) < l.until.Load() }

// renew extends the lease after a good read of the log that was sent then.
func (l *lease) renew(sent time.Time) { l.until.Store(int64(sent.Sub(l.start) + leaseFor)) }

// end ends the lease at once.
func (l *lease) end() { l.until.Store(0) }

// missed is told that purges may have been missed.
func (l *lease) missed() { l.era.Add(1) }

// heard is told what was purged.
func (l *lease) heard(names []string) {
	for _, name := range names {
		l.purges[l.cell(short(name))].Add(1)
	}
}

func (l *lease) cell(name string) uint32 { return uint32(maphash.String(l.seed, name) % cells) }
