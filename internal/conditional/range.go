package conditional

import (
	"math"
	"strconv"
	"strings"
)

// Part is a part of a representation, by the positions of its first and last
// byte, both of them in it.
type Part struct{ First, Last int64 }

// Verdict is how to answer a Range.
type Verdict int

// The verdicts.
const (
	Whole         Verdict = iota // the field does not apply: 200 with everything
	Single                       // 206 with one part
	Unsatisfiable                // 416
)

// Range reads the Range lines of a request for a representation of size bytes
// (RFC 9110, sections 14.1.2 and 14.2). The part lies within the
// representation and is set where the verdict is [Single]. The verdict is
// [Whole], which the RFC always allows, for a field that is absent, not in
// bytes, not well-formed, or has several ranges (parts in one answer
// cost more than they save, and are a way to ask for much with little), and
// for an empty representation: of that there is no part to name, and clients
// that bound every download by a Range want the empty body.
func Range(lines []string, size int64) (part Part, verdict Verdict) {
	if len(lines) != 1 || size <= 0 {
		return Part{}, Whole
	}
	unit, set, _ := strings.Cut(strings.TrimLeft(lines[0], " \t"), "=")
	first, last, dash := strings.Cut(strings.Trim(set, ", \t"), "-") // a list may have empty elements
	from, hasFirst := position(first)
	to, hasLast := position(last)
	switch {
	case !strings.EqualFold(unit, "bytes"), !dash, !hasFirst && first != "", !hasLast && last != "", !hasFirst && !hasLast:
		return Part{}, Whole
	case !hasFirst: // the last bytes, as many as that
		from, to = size-min(to, size), size
	case !hasLast:
		to = size
	case from > to:
		return Part{}, Whole
	}
	if from >= size {
		return Part{}, Unsatisfiable
	}
	return Part{First: from, Last: min(to, size-1)}, Single
}

// ContentRange returns the Content-Range of a 206 with the part of a
// representation of size bytes (RFC 9110, section 14.4).
func ContentRange(part Part, size int64) string {
	b := append(make([]byte, 0, 64), "bytes "...)
	b = append(strconv.AppendInt(b, part.First, 10), '-')
	b = append(strconv.AppendInt(b, part.Last, 10), '/')
	return string(strconv.AppendInt(b, size, 10))
}

// Unsatisfied returns the Content-Range of a 416 for a representation of size
// bytes.
func Unsatisfied(size int64) string { return "bytes */" + strconv.FormatInt(size, 10) }

// position reads a number of bytes; one that is too large for an int64 is the
// largest, since no representation reaches that far.
func position(s string) (n int64, ok bool) {
	for i := range len(s) {
		digit := int64(s[i]) - '0'
		switch {
		case digit < 0 || digit > 9:
			return 0, false
		case n > (math.MaxInt64-digit)/10:
			n = math.MaxInt64
		default:
			n = n*10 + digit
		}
	}
	return n, s != ""
}
