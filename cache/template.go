package cache

import "strings"

// canMeet reports whether two tags, with their wildcards filled in, can be
// the same text: "listing:{id}" can meet "listing:{number}", "listing:5" and
// "{kind}:5", and cannot meet "listings". The braces are known to be closed
// or are reported elsewhere.
func canMeet(a, b string) bool { return meet(globOf(a), globOf(b)) }

// shapeOf returns the texts around the wildcards of a tag: those of
// "listing:{id}" are "listing:" and "".
func shapeOf(tag string) (parts []string) {
	for {
		before, after, open := strings.Cut(tag, "{")
		parts = append(parts, before)
		_, below, closed := strings.Cut(after, "}")
		if !open || !closed {
			return parts
		}
		tag = below
	}
}

// fits reports whether a text can be the tag of that shape.
func fits(parts []string, text string) bool {
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return text == first
	}
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = after
	}
	return true
}

// glob is a tag as a list of bytes, with any for a wildcard.
type glob []int

const anyText = -1

func globOf(tag string) (g glob) {
	for tag != "" {
		if tag[0] == '{' {
			if _, after, ok := strings.Cut(tag, "}"); ok {
				g, tag = append(g, anyText), after
				continue
			}
		}
		g, tag = append(g, int(tag[0])), tag[1:]
	}
	return g
}

// meet walks the table of prefixes: reach[j] says that what was read of a and
// the first j items of b can be the same text.
func meet(a, b glob) bool {
	reach := make([]bool, len(b)+1)
	reach[0] = true
	for j, item := range b {
		reach[j+1] = reach[j] && item == anyText
	}
	for _, item := range a {
		next := make([]bool, len(b)+1)
		next[0] = reach[0] && item == anyText
		for j, other := range b {
			switch {
			case item == anyText:
				next[j+1] = reach[j+1] || next[j] || reach[j]
			case other == anyText:
				next[j+1] = next[j] || reach[j+1] || reach[j]
			default:
				next[j+1] = reach[j] && item == other
			}
		}
		reach = next
	}
	return reach[len(b)]
}
