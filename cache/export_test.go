package cache

import (
	"net/http"
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
