package mailrecord

import "strings"

// tag is one name=value of a tag-list (RFC 6376, section 3.2).
type tag struct {
	at          int // from one; empty ones count
	text        string
	name, value string
	ok          bool // it has a name and a =
	quoted      bool // what spoils it is a quote or a backslash
}

// splitTags reads the tag-list of a record. An empty last tag, after the last
// semicolon, is legal and left out; any other stands in the list, not ok.
func splitTags(text string) []tag {
	words := strings.Split(text, ";")
	if isSpace(words[len(words)-1]) && len(words) > 1 {
		words = words[:len(words)-1]
	}
	out := make([]tag, len(words))
	for i, word := range words {
		name, value, ok := strings.Cut(word, "=")
		name, value = trim(name), trim(value)
		out[i] = tag{at: i + 1, text: trim(word), name: name, value: value, ok: ok && tagName(name), quoted: strings.ContainsAny(word, `"\`)}
	}
	return out
}

// tagName reports whether s can be the name of a tag.
func tagName(s string) bool {
	if s == "" || !isAlpha(s[0]) {
		return false
	}
	for i := range len(s) {
		if !isAlnum(s[i]) && s[i] != '_' {
			return false
		}
	}
	return true
}

const spaces = " \t\r\n"

func trim(s string) string { return strings.Trim(s, spaces) }

func isSpace(s string) bool { return trim(s) == "" }

// colons splits a list such as h=sha1:sha256 and trims each.
func colons(s string) []string {
	words := strings.Split(s, ":")
	for i, w := range words {
		words[i] = trim(w)
	}
	return words
}
