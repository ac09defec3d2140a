package cache

import (
	"context"
	"testing"
	"time"
)

// Decode reads a page as Redis holds it, and returns what encoding it again
// gives.
func Decode(data []byte, key string) ([]byte, bool) {
	p, ok := decode(data, key)
	if !ok {
		return nil, false
	}
	p.ends = p.born.Add(p.life)
	return encode(p, key, false), true
}

// Body returns the body of a page as Redis holds it.
func Body(data []byte, key string) (string, bool) {
	p, ok := decode(data, key)
	if !ok {
		return "", false
	}
	return string(p.body), true
}

// What else reads from Redis.
var (
	LogNames        = logNames
	ReadLogNames    = readLogNames
	ParseGeneration = func(text string) (hard, soft uint64) { g := parseGeneration(text); return g.hard, g.soft }
	ParseStreamID   = func(text string) (string, bool) { id, ok := parseStreamID(text); return id.String(), ok }
)

// Encoded returns a page with something in every part, as Redis holds it.
func Encoded(t testing.TB, key, body string, compress bool) []byte {
	t.Helper()
	groups := []string{groupName("h", "a"), groupName("h", "b")}
	born := time.Unix(1, 0)
	e := &entry{
		status: 404, etag: `"tag"`, version: "7", vary: []string{"Accept"}, signpost: true, groups: groups,
		rules: revalidate | public, fields: []field{{"Content-Type", []string{"text/plain"}}, {"Link", []string{"a", "b"}}},
		dropped: []string{"X-Outer"}, body: []byte(body),
		born: born, fresh: time.Minute, while: time.Second, onErr: time.Hour, ends: born.Add(time.Hour + time.Minute),
	}
	p := &nearPage{entry: e, names: append([]string{everything, "t:a"}, groups...), values: []generation{{7, 8}, {1 << 60, 9}, {1, 1}, {2, 2}}}
	return encode(p, key, compress)
}

// Rest and MaxOwed are the bounds of the guard, LeaseFor that of the lease.
const (
	Rest     = rest
	MaxOwed  = maxOwed
	LeaseFor = leaseFor
)

// SetClock makes the guard and the lease of a Redis store go by now, where a
// socket forbids a bubble.
func SetClock(s Store, now func() time.Time) { s.(*redisStore).now = now }

// SetBlock makes the tail of a Redis store wait less: so long does it take to
// notice that it is to end.
func SetBlock(s Store, d time.Duration) { s.(*redisStore).block = d }

// Owed returns how many purges a Redis store keeps.
func Owed(s Store) int { return len(s.(*redisStore).guard.owed()) }

// Leased reports whether a Redis store answers without asking Redis.
func Leased(s Store) bool {
	r := s.(*redisStore)
	return r.lease.holds(r.now())
}

// Tail is what reads the log of a Redis store, step by step: it is for tests
// in which Run is not running.
type Tail struct{ tail tail }

// NewTail returns a tail that waits no longer than a moment.
func NewTail(s Store) *Tail {
	SetBlock(s, time.Millisecond)
	return &Tail{tail{store: s.(*redisStore)}}
}

// Advance reads the log once.
func (t *Tail) Advance(ctx context.Context) error { return t.tail.advance(ctx) }

// Near returns how many bytes the pages in the process of a Redis store are
// reckoned to take and how many pages there are, counted one by one.
func Near(s Store) (bytes uint64, pages int) {
	for key, p := range s.(*redisStore).near.pages.All() {
		bytes += uint64(int64(texts(key)) + p.weight())
		pages++
	}
	return bytes, pages
}
