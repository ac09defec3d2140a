package cache

import (
	"slices"
	"time"

	"github.com/maypok86/otter/v2"
)

// near is the tier of a Redis store that is in this process: pages with the
// generations of Redis that they live by.
type near struct {
	pages *otter.Cache[string, *nearPage]
}

// nearPage is a page as it stands in Redis, and what this process knows of
// it.
type nearPage struct {
	*entry
	names  []string // of the scope, and then the page's groups
	values []generation
	soft   bool          // Redis said that it is stale
	seen   sight         // when Redis was asked
	life   time.Duration // from born to ends
}

// livesBy reports whether the page was made under those names and its groups.
func (p *nearPage) livesBy(names []string) bool {
	return slices.Equal(p.names[:len(p.names)-len(p.groups)], names)
}

func newNear(maxBytes int64) (*near, error) {
	pages, err := otter.New(&otter.Options[string, *nearPage]{
		MaximumWeight: uint64(maxBytes),
		Weigher:       func(key string, p *nearPage) uint32 { return uint32(int64(texts(key)) + p.weight()) },
		Executor:      func(f func()) { f() }, // as in the memory store
	})
	return &near{pages}, err
}

// get returns the page under key that has not reached its end, nil where
// there is none.
func (n *near) get(key string, now time.Time) *nearPage {
	p, ok := n.pages.GetIfPresent(key)
	if !ok {
		return nil
	}
	if !now.Before(p.ends) {
		n.drop(key)
		return nil
	}
	return p
}

func (n *near) set(key string, p *nearPage) {
	n.pages.Set(key, p)
	n.pages.CleanUp() // as in the memory store: the bound holds now
}

func (n *near) drop(key string) { n.pages.Invalidate(key) }

// What a near page takes besides its entry, and for each name: the generation,
// and the cell and its value.
const (
	nearCost     = 128
	nearNameCost = 16 + 4 + 8
)

// weight returns about how many bytes the page takes.
func (p *nearPage) weight() int64 {
	return p.size() + nearCost + int64(texts(p.names...)+nearNameCost*cap(p.names))
}
