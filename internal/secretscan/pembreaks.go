package secretscan

import "bytes"

// pemBreaks is what stands between the lines of a PEM block, in files, logs,
// comments and the literals of most languages.
type pemBreaks struct {
	// prefix stood before the header in its line, and may stand before each
	// line: "# ", "app-1  | " or the time of a log, whose digits change.
	prefix []byte
}

// maxPrefix is the length of a prefix.
const maxPrefix = 64

// newPEMBreaks takes what stands before a header in its line. Only what can be
// no part of a key is a prefix.
func newPEMBreaks(before []byte) (p pemBreaks) {
	before = bytes.TrimLeft(before, " \t")
	if len(before) <= maxPrefix && bytes.ContainsFunc(before, func(r rune) bool { return r >= 128 || !base64Byte(byte(r)) }) {
		p.prefix = before
	}
	return p
}

// lineBreaks are those that are more than one byte, besides the escaped ones.
var lineBreaks = []string{"%0a", "%0A", "%0d", "%0D", "<br>", "<br/>", "<br />"}

// skip reads what stands between two lines.
func (p pemBreaks) skip(text []byte, at int) int {
	begun := false // a line has, and nothing of it was read yet
	for at < len(text) {
		if begun {
			if n := p.prefixOf(text[at:]); n > 0 {
				at, begun = at+n, false
				continue
			}
		}
		switch c := text[at]; {
		case space(c):
			begun = begun || c == '\n'
			at++
		case quote(c) || c == '+' || c == ',' || c == '|' || c == '>':
			begun = false
			at++
		case c == '\\':
			end := escapedBreak(text, at)
			if end == at {
				return at
			}
			at = end
		case c == '%' || c == '<':
			n := 0
			for _, b := range lineBreaks {
				if bytes.HasPrefix(text[at:], []byte(b)) {
					n = len(b)
				}
			}
			if n == 0 {
				return at
			}
			at += n
		default:
			return at
		}
	}
	return at
}

// prefixOf is how long the prefix is that a line begins with. Blanks at its end
// may miss in a line of nothing else.
func (p pemBreaks) prefixOf(line []byte) int {
	same := 0
	for same < len(p.prefix) && same < len(line) && (p.prefix[same] == line[same] || digit(p.prefix[same]) && digit(line[same])) {
		same++
	}
	short := len(bytes.TrimRight(p.prefix, " \t"))
	if same == len(p.prefix) || same >= short && same < len(line) && (line[same] == '\n' || line[same] == '\r') {
		return same
	}
	return 0
}

// escapedBreak reads backslashes with n, r, t, or the number of one of them, or
// before a line break, where a text goes on in the next line.
func escapedBreak(text []byte, at int) int {
	end := at
	for end < len(text) && text[end] == '\\' {
		end++
	}
	rest := text[end:]
	switch {
	case len(rest) == 0:
		return at
	case rest[0] == 'n' || rest[0] == 'r' || rest[0] == 't':
		return end + 1
	case rest[0] == '\n' || rest[0] == '\r':
		return end
	case len(rest) >= 5 && rest[0] == 'u' && (bytes.EqualFold(rest[1:5], []byte("000a")) || bytes.EqualFold(rest[1:5], []byte("000d"))):
		return end + 5
	default:
		return at
	}
}
