package route

import (
	"cmp"
	"net/http"
	"slices"
)

// Match is an entry that matches a request, with the spelling in which it
// does. The zero Match matches nothing.
type Match struct {
	// Entry is the entry's index in the list given to New.
	Entry   int
	entry   *entry
	path    string
	escaped bool
}

// Route returns the pattern without its method, for a label: "/listings/{id}".
// It is "*" for an empty pattern.
func (m Match) Route() string {
	if m.entry == nil {
		return ""
	}
	return cmp.Or(m.entry.route, "*")
}

// Value returns what the wildcard of that name matched, unescaped; empty
// where the pattern has none.
func (m Match) Value(name string) string {
	if m.entry == nil || name == "" {
		return ""
	}
	value, left := "", m.path
	for _, s := range m.entry.path {
		if left == "" {
			return ""
		}
		seg, below := cut(left)
		if s.kind == rest {
			seg, below = left[1:], ""
		}
		if s.kind != literal && s.text == name {
			value = seg
			break
		}
		left = below
	}
	if m.escaped {
		return unescape(value)
	}
	return value
}

// same reports whether both are the same entry with the same values.
func (m Match) same(o Match) bool {
	if m.entry != o.entry {
		return false
	}
	if m.entry == nil {
		return true
	}
	for _, s := range m.entry.path {
		if s.kind != literal && m.Value(s.text) != o.Value(s.text) {
			return false
		}
	}
	return true
}

// All returns every entry that matches the request in any spelling, most
// specific first; nil where none does. An entry stands in it twice, side by
// side, where two spellings give its wildcards different values. It costs one
// allocation where something matches and none otherwise.
func (t *Table) All(r *http.Request) []Match { return t.Append(nil, r) }

// Append appends what [Table.All] returns to dst, which must be empty, and
// returns the longer slice. It allocates nothing where dst has room.
func (t *Table) Append(dst []Match, r *http.Request) []Match {
	var formsBuf [1]form // a clean path has one spelling
	var hitsBuf [8]hit
	forms, hits := t.spell(r, formsBuf[:0]), hitsBuf[:0]
	if len(forms) > 1 {
		forms = mounted(forms)
	}
	for i := range forms {
		forms[i].lenient = true
		hits = t.walk(hits, r.Method, &forms[i], i)
	}
	for _, e := range t.anywhere {
		hits = append(hits, hit{entry: e})
	}
	if len(hits) == 0 {
		return dst
	}
	if len(hits) == 1 {
		return append(dst, forms[hits[0].form].match(hits[0].entry))
	}
	// Stable, so that the path as sent stands before its other spellings.
	insertionSort(hits)
	dst = slices.Grow(dst, len(hits))
	for _, h := range hits {
		m := forms[h.form].match(h.entry)
		if !slices.ContainsFunc(dst, m.same) {
			dst = append(dst, m)
		}
	}
	return dst
}

// First returns the most specific entry that matches, where every spelling of
// the path that a router may go by leads to it, with the same values. It
// allocates nothing for a clean path.
//
// A path without its last slash is another spelling of the path with it where
// the table has nothing else for it, as in ServeMux; and where it has only
// something broader, nobody can say which of the two a router takes: for
// /account there is no first entry between /{page} and /account/.
func (t *Table) First(r *http.Request) (Match, bool) {
	var formsBuf [1]form // a clean path has one spelling
	forms := t.spell(r, formsBuf[:0])
	forms[0].lenient = true
	first, clear := t.best(r.Method, &forms[0])
	if !clear {
		return Match{}, false
	}
	for i := range forms[1:] {
		other, _ := t.best(r.Method, &forms[i+1])
		if other.entry == nil || other.entry.text == "" {
			slashed := forms[i+1]
			slashed.path += "/"
			other, _ = t.best(r.Method, &slashed)
		}
		if !first.same(other) {
			return Match{}, false
		}
	}
	return first, first.entry != nil
}

// best returns the most specific entry for one spelling. Where the spelling
// is lenient, clear is false if the path with another last slash has an entry
// that is more specific on the way that both share.
func (t *Table) best(method string, f *form) (m Match, clear bool) {
	var hitsBuf [8]hit
	hits := t.walk(hitsBuf[:0], method, f, 0)
	for _, e := range t.anywhere {
		hits = append(hits, hit{entry: e})
	}
	var best, slashed *entry
	for _, h := range hits {
		switch {
		case h.slash && (slashed == nil || h.entry.rank < slashed.rank):
			slashed = h.entry
		case !h.slash && (best == nil || h.entry.rank < best.rank):
			best = h.entry
		}
	}
	if best == nil {
		return Match{}, true
	}
	return f.match(best), slashed == nil || compareShared(&slashed.pattern, &best.pattern) >= 0
}

func (t *Table) walk(hits []hit, method string, f *form, number int) []hit {
	if n := t.hosts[f.host]; n != nil {
		hits = n.walk(hits, f.path, method, f, number)
	}
	return t.anyHost.walk(hits, f.path, method, f, number)
}

func (f *form) match(e *entry) Match {
	return Match{Entry: e.index, entry: e, path: f.path, escaped: f.escaped}
}

// insertionSort orders a handful of hits by rank. It is stable.
func insertionSort(hits []hit) {
	for i := 1; i < len(hits); i++ {
		for j := i; j > 0 && hits[j].entry.rank < hits[j-1].entry.rank; j-- {
			hits[j], hits[j-1] = hits[j-1], hits[j]
		}
	}
}
