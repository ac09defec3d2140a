package redact

import "strings"

// maxName is how long the name of a value may be.
const maxName = 64

// withoutPairs hides the values that stand behind their names: in quotes as in
// JSON, with a sign and nothing else between as in a query, an attribute or a
// .env file, and as in headers and printed lists.
func withoutPairs(s string) string {
	p := unescaped(s)
	var spans []span
	end := 0 // of what is hidden
	for at := range len(p.text) {
		if at < end || strings.IndexByte("=:,", p.text[at]) < 0 {
			continue
		}
		pair, ok := p.pair(at)
		if !ok || !Opens(pair.name) {
			continue
		}
		from, to := p.value(pair.value)
		value := p.text[from:to]
		switch {
		case isName(value): // hidden already
			continue
		case pair.query && value != "":
		case pair.listed && !strings.ContainsAny(value, "0123456789"): // in a sentence
			continue
		case !Hides(pair.name, value):
			continue
		}
		end = to
		from, to = p.original(from, to)
		spans = append(spans, span{from, to, "hidden"})
	}
	return withNames(s, spans)
}

// pair is a name, and where its value begins.
type pair struct {
	name   string
	value  int
	query  bool // in the query of an address
	listed bool // in a list, or in a sentence
}

// pair reads what stands around the sign between a name and its value.
func (p plainText) pair(at int) (pair, bool) {
	sign := p.text[at : at+1]
	next := at + 1
	if sign == "=" && strings.HasPrefix(p.text[next:], ">") {
		sign, next = "=>", next+1
	}
	before := p.text[max(0, at-2*maxName):at]
	name := strings.TrimRight(before, " \t\r\n")
	apart := len(name) < len(before)
	if n := len(name); n > 1 && strings.IndexByte("\"'`", name[n-1]) >= 0 {
		start := strings.LastIndexByte(name[:n-1], name[n-1])
		if start < 0 || n-start > maxName {
			return pair{}, false
		}
		return pair{name: name[start+1 : n-1], value: p.skip(next, " \t\r\n")}, true
	}
	found := pair{value: next}
	switch {
	case sign == "=" && !apart:
	case sign == ":" && !apart, sign == "=>":
		found.value, found.listed = p.skip(next, " "), true
	default:
		return pair{}, false
	}
	start := len(name)
	for start > 0 && (name[start-1] == '[' || name[start-1] == ']' || name[start-1] != '~' && strings.IndexByte(everywhere, name[start-1]) >= 0) {
		start--
	}
	found.name = strings.TrimLeft(name[start:], "[]0123456789.-")
	found.query = sign == "=" && start > 0 && strings.IndexByte("?&;", name[start-1]) >= 0
	return found, found.name != "" && len(found.name) <= maxName
}

// skip returns the first place from at on with none of some signs.
func (p plainText) skip(at int, signs string) int {
	for at < len(p.text) && strings.IndexByte(signs, p.text[at]) >= 0 {
		at++
	}
	return at
}

// value returns where the value is that begins at a place: in quotes, which
// end with the same spelling of a quote, in brackets, or up to what cannot be
// in one.
func (p plainText) value(at int) (from, to int) {
	if at >= len(p.text) {
		return at, at
	}
	switch first := p.text[at]; first {
	case '"', '\'', '`':
		quote := p.spelled(at)
		for to = at + 1; to < len(p.text); to++ {
			if p.text[to] == first && p.spelled(to) == quote {
				break
			}
		}
		return at + 1, to
	case '[':
		if end := strings.IndexByte(p.text[at:], ']'); end >= 0 {
			return at + 1, at + end
		}
	}
	to = at + nameAt(p.text[at:])
	for to < len(p.text) && (strings.IndexByte("&,;\"'`<>)}] \t\r\n", p.text[to]) < 0 || p.spelled(to) == 3) { // %26 is no &
		to++
	}
	return at, to
}

// longestName is how long a name is that stands in place of a value, with its
// quotation marks.
const longestName = 2 * maxName

// nameAt returns how long the name is that a text begins with, which stands in
// place of a value and may hold blanks; 0 for none.
func nameAt(s string) int {
	if !strings.HasPrefix(s, "«") {
		return 0
	}
	end := strings.Index(s[:min(len(s), longestName)], "»")
	if end < 0 || strings.ContainsAny(s[:end], "\n\"<>") {
		return 0
	}
	return end + len("»")
}

// isName reports whether a text is such a name and nothing else.
func isName(s string) bool { return s != "" && nameAt(s) == len(s) }

// spelled is how many bytes of the original a byte stands for.
func (p plainText) spelled(at int) int { return int(p.from[at+1] - p.from[at]) }
