package cache

import (
	"context"
	"hash/maphash"
	"slices"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/launchready/readiness/internal/cfgerr"
)

// memory is the in-process store. otter bounds the bytes; expiry is decided
// here, because otter's own begins a goroutine in its constructor. A page
// that has ended takes its place until it is asked for or pushed out.
type memory struct {
	pages *otter.Cache[uint64, *held] // by the hash of the key, which a hit need not make a string of
	seed  maphash.Seed
	cells [cells]cell
}

// cells is how many counters hold the generations. Names that share one end
// each other's pages: a page more may end than has to, never one less, and
// the memory is bounded whatever is purged.
const cells = 1 << 15

type cell struct{ hard, soft atomic.Uint64 }

func (c *cell) load() generation { return generation{c.hard.Load(), c.soft.Load()} }

// held is a page in memory with the generations it lives by, as indices of
// cells and their values.
type held struct {
	*entry
	key    string // the whole: two keys of one hash are two pages
	where  []uint32
	values []generation
}

// heldCost is what a generation takes in a held page.
const heldCost = 4 + 16

func newMemory(maxBytes int64) (*memory, error) {
	m := &memory{seed: maphash.MakeSeed()}
	var err error
	m.pages, err = otter.New(&otter.Options[uint64, *held]{
		MaximumWeight: uint64(maxBytes),
		Weigher:       weigh,
		// On the goroutine that writes, so that none outlives a test.
		Executor: func(f func()) { f() },
	})
	return m, err
}

// weigh returns about how many bytes a page takes.
func weigh(_ uint64, h *held) uint32 {
	return uint32(h.size() + int64(texts(h.key)+heldCost*cap(h.where)))
}

func (m *memory) get(_ context.Context, key []byte, s scope) (found, error) {
	now, hash := time.Now(), maphash.Bytes(m.seed, key)
	if h, ok := m.pages.GetIfPresent(hash); ok && h.key == string(key) {
		if same, stale := m.unchanged(h); same && now.Before(h.ends) {
			return found{page: h.entry, soft: stale, stamp: stamp{at: now}, under: h.values}, nil
		}
		m.pages.Invalidate(hash) // perhaps a newer one by now; it will be made again
	}
	return found{stamp: m.stamp(s.names(), now)}, nil
}

func (m *memory) read(_ context.Context, s scope) (stamp, error) {
	return m.stamp(s.names(), time.Now()), nil
}

func (m *memory) stamp(names []string, now time.Time) stamp {
	st := stamp{names: names, values: make([]generation, len(names)), groups: m.cell(anyGroup).hard.Load(), at: now}
	for i, name := range names {
		st.values[i] = m.cell(name).load()
	}
	return st
}

func (m *memory) set(_ context.Context, key string, e *entry, st stamp) (bool, error) {
	if !time.Now().Before(e.ends) {
		return false, nil
	}
	h := &held{entry: e, key: key, where: make([]uint32, 0, len(st.names)+len(e.groups)), values: st.values}
	for _, name := range st.names {
		h.where = append(h.where, m.index(name))
	}
	if len(e.groups) > 0 {
		h.values = slices.Clone(st.values)
		for _, name := range e.groups {
			h.where, h.values = append(h.where, m.index(name)), append(h.values, m.cell(name).load())
		}
		// Looked at after the groups: where no group was purged since the
		// handler began, those values are the ones that it began under.
		if m.cell(anyGroup).hard.Load() != st.groups {
			return false, nil
		}
	}
	if same, _ := m.unchanged(h); !same {
		return false, nil
	}
	m.pages.Set(maphash.String(m.seed, key), h)
	// A write that finds another at work leaves it to that one, or to the next,
	// to push out what is over the bound, and many pages may pile up meanwhile.
	// Here each waits until its own is counted.
	m.pages.CleanUp()
	return true, nil
}

func (m *memory) drop(_ context.Context, key string) error {
	m.pages.Invalidate(maphash.String(m.seed, key))
	return nil
}

func (m *memory) purge(_ context.Context, names []string, how purgeKind) error {
	for _, name := range names {
		if how == soft {
			m.cell(name).soft.Add(1)
		} else {
			m.cell(name).hard.Add(1)
		}
	}
	return nil
}

func (m *memory) check(*cfgerr.List) {}

func (m *memory) owes() int { return 0 }

func (m *memory) leases() bool { return false }

func (m *memory) run(ctx context.Context) { <-ctx.Done() }

// unchanged reports whether no hard purge has ended the page, and whether a
// soft one has made it stale.
func (m *memory) unchanged(h *held) (same, stale bool) {
	for i, where := range h.where {
		now := m.cells[where].load()
		if now.hard != h.values[i].hard {
			return false, false
		}
		stale = stale || now.soft != h.values[i].soft
	}
	return true, stale
}

func (m *memory) index(name string) uint32 {
	return uint32(maphash.String(m.seed, name) % cells)
}

func (m *memory) cell(name string) *cell { return &m.cells[m.index(name)] }
