package ratelimit

import (
	"context"
	"net/http"

	"github.com/launchready/readiness/internal/clientip"
	"github.com/launchready/readiness/internal/respond"
)

// What the tests see of the inside.
const (
	MaxKeys = maxKeys
)

// Used is view.used.
func Used(cur, prev, elapsed, window int64) int64 {
	return view{cur: cur, prev: prev, elapsed: elapsed, window: window}.used()
}

// Until is view.until.
func Until(cur, prev, elapsed, window, target int64) int64 {
	return view{cur: cur, prev: prev, elapsed: elapsed, window: window}.until(target)
}

// At is cell.at.
func At(win int64, cur, prev uint32, now, window int64) (newWin, newCur, newPrev, elapsed int64) {
	c, v := cell{win: win, cur: cur, prev: prev}.at(now, window)
	return c.win, v.cur, v.prev, v.elapsed
}

// Keys returns how many keys the in-process store holds for a rule, and
// whether the rule's sketch has any memory.
func Keys(l *Limiter, rule int) (n int, sketch bool) {
	t := l.counts.(*memory).tables[rule]
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		n += s.cells.n
		s.mu.Unlock()
	}
	if int64(n) != t.keys.Load() {
		panic("the table miscounts its keys")
	}
	return n, t.overflow.rows != nil
}

// Take charges several rules at once, each with its own key.
func Take(ctx context.Context, l *Limiter, keys ...string) bool {
	charges := make([]charge, len(keys))
	for i, key := range keys {
		charges[i] = charge{rule: l.rules[i], key: []byte(key), cost: 1, limit: l.rules[i].limit}
	}
	admitted, err := l.counts.take(ctx, charges)
	return admitted && err == nil
}

// AppendHeader is appendHeader.
func AppendHeader(values []string) string { return string(appendHeader(nil, values)) }

// AddressKey is the key of an address under IP().
func AddressKey(addr string) string {
	key, ok := IP().appendNamed(nil, addr)
	if !ok {
		panic(addr)
	}
	return string(key)
}

// CounterKeys returns how many keys a Counter holds one by one.
func CounterKeys(c *Counter) int { return int(c.state.Load().table.keys.Load()) }

// Answers returns the answer of a limiter's first rule as it is written for
// speed, and as it is told to respond.
func Answers(l *Limiter, seconds int64) (quick string, slow respond.Problem) {
	c := []charge{{rule: l.rules[0], verdict: verdict{denied: true}}}
	b := append(appendPlainly([]byte(problemBegin), seconds), l.rules[0].problem...)
	return string(b), problemOf(c, 429, seconds)
}

// Cells is cells, of which only cur is looked at.
type Cells struct{ cells cells }

func NewCells() *Cells { return &Cells{} }

func (c *Cells) Len() int { return c.cells.n }

func (c *Cells) Put(hash uint64, count uint32) {
	at, _ := c.cells.find(hash)
	c.cells.put(at, hash, cell{cur: count})
}

func (c *Cells) Get(hash uint64) (count uint32, known bool) {
	at, known := c.cells.find(hash)
	if known {
		count = c.cells.entries[at].cell.cur
	}
	return count, known
}

func (c *Cells) Delete(hash uint64) bool {
	at, known := c.cells.find(hash)
	if known {
		c.cells.delete(at)
	}
	return known
}

func (c *Cells) Keep(least uint32) { c.cells.keep(func(v cell) bool { return v.cur >= least }) }

// Normal is normal.
func Normal(value string) string { return normal(value) }

// JoinKeys is the key of values given as text.
func JoinKeys(keys []Key, values ...string) (string, bool) {
	var joined []byte
	for i, k := range keys {
		var ok bool
		if joined, ok = k.appendNamed(joined, values[i]); !ok {
			return "", false
		}
	}
	return string(joined), true
}

// KeyOf is the key of a request under IP().
func KeyOf(l *Limiter, r *http.Request) string {
	return string(appendAddress(nil, l.clients.Bucket(r)))
}

// Private reports whether an address's key belongs to a private network.
func Private(key string) bool {
	for _, p := range PrivateNetworks() {
		b := clientip.BucketOf(p.Addr())
		prefix := appendAddress(nil, b)
		bits := min(p.Bits(), 64)
		if len(prefix) == len(key) && samePrefix(string(prefix[2:]), key[2:], bits) && key[1] == prefix[1] {
			return true
		}
	}
	return false
}

func samePrefix(a, b string, bits int) bool {
	for i := range bits {
		if (a[i/8]^b[i/8])>>(7-i%8)&1 != 0 {
			return false
		}
	}
	return true
}
