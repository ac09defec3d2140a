package cache

import (
	"context"
	"hash/maphash"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/launchready/readiness/internal/cfgerr"
)

// memory is the in-process store. otter bounds the bytes; expiry is decided
// here, because otter's own begins a goroutine in its constructor. A page
// that has ended takes its place until it is asked for or pushed out.
type memory struct {
	pages *otter.Cache[string, *held]
	seed  maphash.Seed
	cells [cells]atomic.Uint64
}

// cells is how many counters hold the generations. Names that share one end
// each other's pages: a page more may end than has to, never one less, and
// the memory is bounded whatever is purged.
const cells = 1 << 15

// held is a page in memory with the generations it lives by, as indices of
// cells and their values.
type held struct {
	*entry
	where  []uint32
	values []uint64
}

func newMemory(maxBytes int64) (*memory, error) {
	m := &memory{seed: maphash.MakeSeed()}
	var err error
	m.pages, err = otter.New(&otter.Options[string, *held]{
		MaximumWeight: uint64(maxBytes),
		Weigher: func(key string, h *held) uint32 {
			return uint32(int64(len(key)) + h.size() + int64(12*len(h.where)))
		},
		// On the goroutine that writes: the bound holds when set returns, and
		// no goroutine outlives a test.
		Executor: func(f func()) { f() },
	})
	return m, err
}

func (m *memory) get(_ context.Context, key string, s scope) (*entry, stamp, error) {
	now := time.Now()
	if h, ok := m.pages.GetIfPresent(key); ok {
		if now.Before(h.expires) && m.unchanged(h) {
			return h.entry, stamp{at: now}, nil
		}
		m.pages.Invalidate(key) // perhaps a newer one by now; it will be made again
	}
	st := stamp{names: s.names(), at: now}
	st.values = make([]uint64, len(st.names))
	for i, name := range st.names {
		st.values[i] = m.cells[m.cell(name)].Load()
	}
	return nil, st, nil
}

func (m *memory) set(_ context.Context, key string, e *entry, st stamp) (bool, error) {
	if !time.Now().Before(e.expires) {
		return false, nil
	}
	h := &held{entry: e, where: make([]uint32, len(st.names)), values: st.values}
	for i, name := range st.names {
		h.where[i] = m.cell(name)
	}
	if !m.unchanged(h) {
		return false, nil
	}
	m.pages.Set(key, h)
	return true, nil
}

func (m *memory) purge(_ context.Context, names []string) error {
	for _, name := range names {
		m.cells[m.cell(name)].Add(1)
	}
	return nil
}

func (m *memory) check(*cfgerr.List) {}

func (m *memory) unchanged(h *held) bool {
	for i, cell := range h.where {
		if m.cells[cell].Load() != h.values[i] {
			return false
		}
	}
	return true
}

func (m *memory) cell(name string) uint32 {
	return uint32(maphash.String(m.seed, name) % cells)
}
