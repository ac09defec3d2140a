package redact

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// hidden is a spelling of a value that no output shows.
type hidden struct {
	text, name string
	piece      bool // of base64, whose rest is hidden with it
	goesOn     bool // the value does, and the rest of the word is hidden with it
}

// index finds spellings in a text. It does not change once it is made, so many
// may use it at the same time.
type index struct {
	list    []hidden // by text
	chain   chain
	longest int
	begins  []uint64 // bits: the hashes of how the spellings begin
	shift   uint
}

// span is a part of a text, and the name that stands in its place.
type span struct {
	from, to int
	name     string
}

// extended returns an index that finds the fresh spellings too, which it
// sorts.
func (x *index) extended(fresh []hidden) *index {
	slices.SortFunc(fresh, func(a, b hidden) int { return strings.Compare(a.text, b.text) })
	next := &index{shift: 32 - 12}
	var old []hidden
	if x != nil {
		old = x.list
	}
	next.list = make([]hidden, 0, len(old)+len(fresh))
	for len(old) > 0 && len(fresh) > 0 {
		if old[0].text < fresh[0].text {
			next.list, old = append(next.list, old[0]), old[1:]
		} else {
			next.list, fresh = append(next.list, fresh[0]), fresh[1:]
		}
	}
	next.list = append(append(next.list, old...), fresh...)

	const perSpelling = 16 // bits, so that few others look like the beginning of one
	for 1<<(32-next.shift) < perSpelling*len(next.list) && next.shift > 8 {
		next.shift--
	}
	next.begins = make([]uint64, 1<<(32-next.shift)/64)
	next.chain = chainOf(next.list)
	for _, h := range next.list {
		next.longest = max(next.longest, len(h.text))
		bit := next.hash(h.text)
		next.begins[bit/64] |= 1 << (bit % 64)
	}
	return next
}

// hash is that of the first Min bytes.
func (x *index) hash(s string) uint32 {
	return (uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24) * 0x9e3779b1 >> x.shift
}

// at returns the longest spelling that a text begins with, nil for none. It
// follows in the order of the spellings that it is the last one that is not
// behind the text, or one which that begins with.
func (x *index) at(s string) *hidden {
	if len(s) < Min {
		return nil
	}
	if bit := x.hash(s); x.begins[bit/64]&(1<<(bit%64)) == 0 {
		return nil
	}
	i := int32(sort.Search(len(x.list), func(i int) bool { return x.list[i].text > s })) - 1
	if i < 0 {
		return nil
	}
	if i = x.chain.longest(x.list, i, common(s, x.list[i].text)); i < 0 {
		return nil
	}
	return &x.list[i]
}

// find returns where spellings stand in a text. Those that overlap are one: in
// a text that repeats itself one may begin at each byte. base64 is the text
// with its + as they were.
func (x *index) find(s, base64 string) []span {
	var spans []span
	end := 0 // of those so far
	for i := range len(s) {
		h := x.at(s[i:])
		if h == nil || i+len(h.text) <= end {
			continue
		}
		found := span{i, i + len(h.text), h.name}
		if h.goesOn {
			found.to = restOfWord(s, found.to)
		}
		if h.piece {
			found.from, found.to = aroundPiece(base64, found.from, found.to, end)
		}
		if i < end {
			spans[len(spans)-1].to = found.to
		} else {
			spans = append(spans, found)
		}
		end = found.to
	}
	return spans
}

// aroundPiece takes the rest of the base64 that a piece stands in, back to
// what is hidden already. A slash ends it, because it may be that of a path,
// but for the sign next to the piece, which holds bits of the value.
func aroundPiece(s string, from, to, end int) (int, int) {
	rest := func(c byte, next bool) bool { return c != '=' && base64Sign(c) && (next || c != '/') }
	for next := true; from > end && rest(s[from-1], next); next = false {
		from--
	}
	for next := true; to < len(s) && rest(s[to], next); next = false {
		to++
	}
	for to < len(s) && s[to] == '=' {
		to++
	}
	return from, to
}

// begun returns where the end of a text is the beginning of a spelling, the
// length of the text where it is not.
func (x *index) begun(s string) int {
	for i := max(0, len(s)-x.longest+1); i <= len(s)-Min; i++ {
		if bit := x.hash(s[i:]); x.begins[bit/64]&(1<<(bit%64)) == 0 {
			continue
		}
		at := sort.Search(len(x.list), func(k int) bool { return x.list[k].text > s[i:] })
		if at < len(x.list) && strings.HasPrefix(x.list[at].text, s[i:]) {
			return i
		}
	}
	return len(s)
}

// withNames puts the names in place of the spans.
func withNames(s string, spans []span) string {
	if len(spans) == 0 {
		return s
	}
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to)) })
	var b strings.Builder
	end := 0
	for _, part := range spans {
		if part.from >= end { // otherwise it overlaps the one before, whose name is enough
			b.WriteString(s[end:part.from])
			b.WriteString("«" + part.name + "»")
		}
		end = max(end, part.to)
	}
	b.WriteString(s[end:])
	return b.String()
}
