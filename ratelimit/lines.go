package ratelimit

import "strings"

const (
	linesText   = 1 << 10 // bytes
	linesValues = 32
)

// lines makes the values of response fields without an allocation for each: it
// cuts them from larger pieces. Every value is one request's own: nothing that
// was cut is written again, and a slice has no room to append to. A piece is
// freed with the last of its values.
type lines struct {
	text   strings.Builder
	values []string // still to be given away
}

// string returns b as a string.
func (l *lines) string(b []byte) string {
	if l.text.Cap()-l.text.Len() < len(b) {
		l.text.Reset() // leaves the piece to those who have its strings
		l.text.Grow(max(linesText, len(b)))
	}
	from := l.text.Len()
	l.text.Write(b)
	return l.text.String()[from:]
}

// value returns a field's value of one line.
func (l *lines) value(s string) []string {
	if len(l.values) == 0 {
		l.values = make([]string, linesValues)
	}
	v := l.values[:1:1]
	l.values = l.values[1:]
	v[0] = s
	return v
}
