package cache

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// Key returns the key of r under p, or why r passes by.
func Key(p Policy, r *http.Request) (string, string) {
	compiled := &policy{Policy: p, id: "policy", byQuery: p.Class == Follow}
	a, reason := compiled.asks(r, nil)
	if reason != "" {
		return "", reason
	}
	key, reason := compiled.key(nil, r, a.proxied)
	return string(key), reason
}

// Variant returns the key of r among those of a primary one that differ by the
// headers of a response's Vary, or why r passes by.
func Variant(primary string, vary []string, r *http.Request) (string, string) {
	names, ok := varies(vary)
	if !ok {
		return "", "vary"
	}
	return variant(primary, names, r.Header)
}

// What the tables and the fuzz targets look at alone.
var (
	Forbids = forbids
	CanMeet = canMeet
	ShapeOf = shapeOf
	Fits    = fits
)

// Weight returns how many bytes the in-process store reckons that it holds.
func Weight(c *Cache) uint64 {
	m := c.store.(*memory)
	m.pages.CleanUp()
	return m.pages.WeightedSize()
}

// Held returns how many bytes the pages in the in-process store are reckoned to
// take and how many pages there are, counted one by one as they stand: without
// the store's own sum, and before it tidies up.
func Held(c *Cache) (bytes uint64, pages int) {
	for key, h := range c.store.(*memory).pages.All() {
		bytes += uint64(weigh(key, h))
		pages++
	}
	return bytes, pages
}

// WaitAtMost and AloneFor are the bounds of coalescing.
const (
	WaitAtMost = waitAtMost
	AloneFor   = aloneFor
)

// Backdate makes c as old as if New had been called that much earlier.
func Backdate(c *Cache, by time.Duration) { c.made = c.made.Add(-by) }

// Faulty is an in-process store that answers nothing while Broken is true.
type Faulty struct {
	*memory
	Broken atomic.Bool
}

// NewFaulty returns a Faulty that works.
func NewFaulty() *Faulty {
	m, err := newMemory(1 << 20)
	if err != nil {
		panic(err) // the bound is a constant
	}
	return &Faulty{memory: m}
}

var errBroken = errors.New("secret: the store is broken")

func (f *Faulty) get(ctx context.Context, key []byte, s scope) (found, error) {
	if f.Broken.Load() {
		return found{}, errBroken
	}
	return f.memory.get(ctx, key, s)
}

func (f *Faulty) read(ctx context.Context, s scope) (stamp, error) {
	if f.Broken.Load() {
		return stamp{}, errBroken
	}
	return f.memory.read(ctx, s)
}

func (f *Faulty) set(ctx context.Context, key string, e *entry, st stamp) (bool, error) {
	if f.Broken.Load() {
		return false, errBroken
	}
	return f.memory.set(ctx, key, e, st)
}

func (f *Faulty) purge(ctx context.Context, names []string, how purgeKind) error {
	if f.Broken.Load() {
		return errBroken
	}
	return f.memory.purge(ctx, names, how)
}
