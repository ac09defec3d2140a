package cache

import (
	"net/http"
	"testing"
	"time"
)

// Key returns the key of r under p, or why r passes by.
func Key(p Policy, r *http.Request) (string, string) {
	compiled := &policy{Policy: p, id: "policy"}
	_, proxied := compiled.passes(r, nil)
	key, reason := compiled.key(nil, r, proxied)
	return string(key), reason
}

// What the tables and the fuzz targets look at alone.
var (
	Forbids   = forbids
	NoneMatch = noneMatch
	StrongTag = strongTag
	CanMeet   = canMeet
	ShapeOf   = shapeOf
	Fits      = fits
)

// Decode reads a page as Redis holds it, and returns what encoding it again
// gives.
func Decode(data []byte, key string) ([]byte, bool) {
	e, st, ok := decode(data, key)
	if !ok {
		return nil, false
	}
	return encode(e, key, st), true
}

// Encoded returns a page as Redis holds it.
func Encoded(t testing.TB, key, body string) []byte {
	t.Helper()
	p := &policy{}
	e := p.newEntry(http.Header{"X-Outer": {"1"}}, http.Header{"Content-Type": {"text/plain"}, "Link": {"a", "b"}}, []byte(body), time.Unix(1, 0))
	return encode(e, key, stamp{names: []string{everything, "t:a"}, values: []uint64{7, 1 << 60}})
}

// Weight returns how many bytes the in-process store reckons that it holds.
func Weight(c *Cache) uint64 {
	m := c.store.(*memory)
	m.pages.CleanUp()
	return m.pages.WeightedSize()
}

// WaitAtMost and AloneFor are the bounds of coalescing.
const (
	WaitAtMost = waitAtMost
	AloneFor   = aloneFor
	Rest       = rest
	MaxOwed    = maxOwed
)

// SetClock makes the guard of a Redis store go by now, where a socket forbids
// a bubble.
func SetClock(s Store, now func() time.Time) { s.(*redisStore).guard.now = now }

// Owed returns how many purges a Redis store keeps.
func Owed(s Store) int { return len(s.(*redisStore).guard.owed()) }
