package redact

import (
	"html"
	"strings"
	"unicode/utf8"
)

// plainText is a text without its escapes, which knows where each byte of it
// came from. All escapes of HTML, JSON, addresses and the strings of most
// languages are taken away, and again where one of them wrapped another, so
// that a value and any spelling of it become the same.
type plainText struct {
	text string
	from []int32 // by byte of text: where in the original it began; one more for the end
}

// longestEntity is how long an entity of HTML may be.
const longestEntity = 33

func unescaped(s string) plainText {
	d := decoder{text: make([]byte, 0, len(s)), from: make([]int32, 0, len(s)+1)}
	for i := range len(s) {
		d.push(s[i], int32(i))
	}
	return plainText{text: string(d.text), from: append(d.from, int32(len(s)))}
}

// hasEscapes reports whether unescaped would change a text.
func hasEscapes(s string) bool { return strings.ContainsAny(s, `%\&+`) }

// folded is the text with one spelling for the two of a blank in an address.
func (p plainText) folded() string { return strings.ReplaceAll(p.text, "+", " ") }

// original returns where in the original the bytes from and up to to stood.
// What one escape became is not taken apart.
func (p plainText) original(from, to int) (int, int) {
	for to < len(p.text) && to > 0 && p.from[to] == p.from[to-1] {
		to++
	}
	return int(p.from[from]), int(p.from[to])
}

// decoder keeps what it has read like a stack: whenever the end of it has
// become an escape, that gives way to what it stands for, which may be the end
// of another. Each step makes it shorter, so the whole takes linear time.
type decoder struct {
	text []byte
	from []int32
}

func (d *decoder) push(c byte, at int32) {
	for {
		d.text, d.from = append(d.text, c), append(d.from, at)
		n, meant := d.ending()
		if n == 0 {
			return
		}
		keep := len(d.text) - n
		at = d.from[keep]
		d.text, d.from = d.text[:keep], d.from[:keep]
		if len(meant) == 1 {
			c = meant[0] // it may be the end of an escape again
			continue
		}
		for _, b := range []byte(meant) {
			d.text, d.from = append(d.text, b), append(d.from, at)
		}
		return
	}
}

// ending returns how many bytes at the end are an escape, and what it means.
func (d *decoder) ending() (n int, meant string) {
	t := d.text
	last := t[len(t)-1]
	if last == ';' {
		return d.entity()
	}
	if len(t) >= 2 && t[len(t)-2] == '\\' {
		return shortEscape(last)
	}
	if _, ok := hexDigit(last); !ok {
		return 0, ""
	}
	if v, ok := hexEnding(t, "%", 2); ok {
		return 3, string([]byte{byte(v)})
	}
	if v, ok := hexEnding(t, `\x`, 2); ok {
		return 4, string([]byte{byte(v)})
	}
	if v, ok := hexEnding(t, `\U`, 8); ok {
		return 10, string(v)
	}
	if v, ok := hexEnding(t, `\u`, 4); ok {
		return d.unit(v)
	}
	return 0, ""
}

// shortEscape is a backslash with one sign. Before & and %, which begin
// escapes themselves, it stays.
func shortEscape(c byte) (n int, meant string) {
	const letters, meanings = "nrtbfva", "\n\r\t\b\f\v\a"
	if i := strings.IndexByte(letters, c); i >= 0 {
		return 2, meanings[i : i+1]
	}
	if c > ' ' && c < 0x7f && c != '&' && c != '%' && (strings.IndexByte(everywhere, c) < 0 || strings.IndexByte("-_.~", c) >= 0) {
		return 2, string([]byte{c})
	}
	return 0, ""
}

// unit is a \u escape. One beyond the first plane comes as two, and the first
// half is kept as three bytes until the second is there.
func (d *decoder) unit(v rune) (n int, meant string) {
	t := d.text
	switch {
	case v >= 0xd800 && v < 0xdc00:
		return 6, string([]byte{0xe0 | byte(v>>12), 0x80 | byte(v>>6)&0x3f, 0x80 | byte(v)&0x3f})
	case v >= 0xdc00 && v < 0xe000 && len(t) >= 9 && t[len(t)-9] == 0xed && t[len(t)-8]&0xf0 == 0xa0:
		high := rune(t[len(t)-8]&0x0f)<<6 | rune(t[len(t)-7]&0x3f)
		return 9, string(0x10000 + high<<10 | v&0x3ff)
	}
	return 6, string(v)
}

// entity is one of HTML that ends with a semicolon.
func (d *decoder) entity() (n int, meant string) {
	t := d.text
	for n = 3; n <= min(longestEntity, len(t)); n++ {
		c := t[len(t)-n]
		if c == '&' {
			name := string(t[len(t)-n:])
			if meant = html.UnescapeString(name); meant != name {
				return n, meant
			}
			return 0, ""
		}
		if c != '#' && (c >= utf8.RuneSelf || strings.IndexByte(everywhere, c) < 0) {
			break
		}
	}
	return 0, ""
}

// hexEnding reads a sign and n digits after it at the end of a text.
func hexEnding(t []byte, sign string, n int) (rune, bool) {
	at := len(t) - n - len(sign)
	if at < 0 || string(t[at:at+len(sign)]) != sign {
		return 0, false
	}
	var v rune
	for _, c := range t[at+len(sign):] {
		digit, ok := hexDigit(c)
		if !ok {
			return 0, false
		}
		v = v<<4 | digit
	}
	return v, true
}

func hexDigit(c byte) (rune, bool) {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0'), true
	case c >= 'a' && c <= 'f':
		return rune(c - 'a' + 10), true
	case c >= 'A' && c <= 'F':
		return rune(c - 'A' + 10), true
	}
	return 0, false
}
