package redact

import (
	"cmp"
	"maps"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

const (
	// Min is the shortest value, in bytes, that can be hidden: a shorter one would
	// be found in the middle of ordinary words.
	Min = 4
	// MinLong is the same for values that the target made up, which are
	// often short and harmless, such as a cookie theme=dark.
	MinLong = 8
)

var (
	escapedName = regexp.MustCompile(`%C2%AB[^/?#]*?%C2%BB`) // «NAME» in a path
	// halfEscape is the end of a text that was cut within an escape.
	halfEscape = regexp.MustCompile(`(?:%[0-9A-Fa-f]?|\\+(?:u[0-9A-Fa-f]{0,3})?|&#?[A-Za-z0-9]{0,8})$`)
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

// Text returns a text that may be shown: without secrets, e-mail addresses
// and characters that a terminal obeys. Line breaks and tabs stay.
func (r *Redactor) Text(s string) string {
	s = withoutMail(r.Replace(s))
	s = strings.Map(func(c rune) rune {
		if c == '\n' || c == '\t' || unicode.IsPrint(c) && c != utf8.RuneError {
			return c
		}
		return '·'
	}, s)
	return r.Replace(s)
}

// Beginning is the first bytes of text, for one that may be long. The secrets
// go before anything is cut, so that none is cut in two.
func (r *Redactor) Beginning(s string, limit int) string {
	s = r.Replace(s)
	if len(s) > 8*limit {
		s = s[:8*limit]
		s = s[:len(s)-len(emailEnd.FindString(s[7*limit:]))] // nor an address
	}
	return Cut(r.Text(s), limit)
}

// WithoutTail is for a text whose rest was not read: it hides the secrets, and
// takes away from the end what one of them begins with.
func (r *Redactor) WithoutTail(s string) string {
	s = r.Replace(s)
	half := unescaped(s[:len(s)-len(halfEscape.FindString(s[max(0, len(s)-longestEntity):]))])
	folded, end := half.folded(), len(s)
	for _, x := range r.indexes() {
		end = min(end, x.begun(s))
		if at := x.begun(folded); at < len(folded) {
			from, _ := half.original(at, len(folded))
			end = min(end, from)
		}
	}
	if end == len(s) {
		return s
	}
	return s[:end] + "…"
}

// Address is address without secrets, which go first: a secret may hold what
// an address is parsed by.
func (r *Redactor) Address(s string) string {
	return escapedName.ReplaceAllStringFunc(address(r.Replace(s)), func(escaped string) string {
		if name, err := url.PathUnescape(escaped); err == nil {
			return name
		}
		return escaped
	})
}

// Line is text on one line of at most 400 bytes.
func (r *Redactor) Line(s string) string {
	return Cut(r.Replace(strings.Join(strings.Fields(r.Text(s)), " ")), 400)
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

// Cut shortens a text to at most limit bytes and an ellipsis, between runes.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}
