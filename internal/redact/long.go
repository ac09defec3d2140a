package redact

import (
	"strings"
	"unicode/utf8"
)

// maxPart is the longest value that is looked for as a whole: what a browser
// keeps of a cookie. A comparison costs the length of what it compares, and
// there is one for each byte of a text.
const maxPart = 4096

// parts takes a value apart, if it is a long one. Each part is hidden for
// itself, so that no bytes of the value stay.
func parts(value string) []string {
	var all []string
	for len(value) > maxPart {
		n := min(maxPart, len(value)/2) // the last one is not short: it would be found in other words
		for back := 0; back < utf8.UTFMax-1 && !utf8.RuneStart(value[n]); back++ {
			n--
		}
		all, value = append(all, value[:n]), value[n:]
	}
	return append(all, value)
}

// restOfWord returns where the word ends that goes on at a place: a part of
// a value may stand before what is left of one that was cut.
func restOfWord(s string, at int) int {
	if end := strings.IndexAny(s[at:], " \t\r\n\"'`<>"); end >= 0 {
		return at + end
	}
	return len(s)
}
