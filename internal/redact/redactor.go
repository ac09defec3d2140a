package redact

import (
	"cmp"
	"maps"
	"strings"
	"sync"
)

const (
	// Min is the shortest value, in bytes, that can be hidden: a shorter one would
	// be found in the middle of ordinary words.
	Min = 4
	// MinLong is the same for values that the target made up, which are
	// often short and harmless, such as a cookie theme=dark.
	MinLong = 8
)

// Redactor puts names in place of secret values. The zero value is ready for
// use and hides e-mail addresses alone. It is safe for concurrent use: many
// visitors of one run learn of new values. It must not be copied.
type Redactor struct {
	mu    sync.Mutex
	added map[string]string // the values themselves, and their names
	known map[string]string // every spelling of a value, and its name
	fresh []hidden          // those that are not found yet
	found []*index          // a few, each much larger than the next
}

// Add hides a value from now on, also without the blanks around it and
// without the scheme of an Authorization header before it.
func (r *Redactor) Add(name, value string) { r.add(name, value, Min) }

func (r *Redactor) add(name, value string, shortest int) {
	if len(value) < shortest || r.has(value) {
		return
	}
	for _, v := range append([]string{value}, within(value)...) {
		if len(v) >= shortest && !r.has(v) {
			r.addWhole(name, v)
		}
	}
}

func (r *Redactor) addWhole(name, value string) {
	list := parts(value)
	for i, part := range list {
		r.addPart(name, part, i < len(list)-1)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.added[value] = name
}

// addPart hides a value that is not long, or a part of one that goes on.
func (r *Redactor) addPart(name, value string, goesOn bool) {
	all, pieces := spellings(value), base64Pieces(value)
	all, pieces = withUnescaped(all, 2), withUnescaped(pieces, len(pieces)) // the others become what the value does
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil {
		r.added, r.known = map[string]string{}, map[string]string{}
	}
	for _, s := range all {
		r.learn(hidden{text: s, name: name, goesOn: goesOn})
	}
	for _, s := range pieces {
		r.learn(hidden{text: s, name: name, piece: true})
	}
}

func (r *Redactor) has(value string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.added[value]
	return ok
}

// withUnescaped adds what the first n of some spellings are without escapes.
func withUnescaped(spellings []string, n int) []string {
	for _, s := range spellings[:n] {
		if hasEscapes(s) {
			spellings = append(spellings, unescaped(s).folded())
		}
	}
	return spellings
}

// learn keeps a spelling. The lock is held.
func (r *Redactor) learn(h hidden) {
	if _, twice := r.known[h.text]; twice || len(h.text) < Min {
		return
	}
	r.known[h.text] = h.name
	r.fresh = append(r.fresh, h)
}

// AddLong hides a value that nobody declared, if it is long enough to be one.
func (r *Redactor) AddLong(name, value string) { r.add(name, value, MinLong) }

// NameOf returns the name of a value, "" where it is no secret.
func (r *Redactor) NameOf(value string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return cmp.Or(r.known[value], r.added[value])
}

// CutByFragment reports whether the fragment of an address begins within a
// secret, which is then no longer found in what stands before it.
func (r *Redactor) CutByFragment(address string) bool {
	at := strings.IndexByte(address, '#')
	if at < 0 {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for value := range r.known {
		for offset, c := range []byte(value) {
			if c == '#' && offset <= at && strings.HasPrefix(address[at-offset:], value) {
				return true
			}
		}
	}
	return false
}

// Replace puts the names in place. It looks at the text as it is, and without
// its escapes.
func (r *Redactor) Replace(s string) string {
	all := r.indexes()
	if len(all) == 0 {
		return s
	}
	var spans []span
	for _, x := range all {
		spans = append(spans, x.find(s, s)...)
	}
	if hasEscapes(s) {
		p := unescaped(s)
		folded := p.folded()
		for _, x := range all {
			for _, found := range x.find(folded, p.text) {
				found.from, found.to = p.original(found.from, found.to)
				spans = append(spans, found)
			}
		}
	}
	return withNames(s, spans)
}

// indexes returns what finds the values. Where a new value is added before
// each text, one index of all would be made anew each time; so it is put into a
// larger one only when there are enough of its kind.
func (r *Redactor) indexes() []*index {
	const times = 8
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.fresh) == 0 {
		return r.found
	}
	last := (*index)(nil).extended(r.fresh)
	keep := len(r.found)
	for keep > 0 && len(r.found[keep-1].list) < times*len(last.list) {
		keep--
		last = r.found[keep].extended(last.list)
	}
	r.found, r.fresh = append(r.found[:keep:keep], last), nil // others may read the old ones
	return r.found
}

// Spellings returns every spelling of every value that is hidden, with its
// name.
func (r *Redactor) Spellings() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.known)
}
