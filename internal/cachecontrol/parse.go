package cachecontrol

import "strings"

// Parse reads the Cache-Control lines of a request or a response (RFC 9111,
// section 5.2). Names are taken in either case and arguments with or without
// quotes; an unknown directive is ignored. Parse never fails: in a part of a
// line that is not well-formed every name still counts, as a directive whose
// argument cannot be read, so that a slip such as a semicolon for a comma
// cannot hide a no-store. It allocates nothing.
func Parse(lines []string) Directives {
	var d Directives
	for _, line := range lines {
		quoted := isQuoted(line)
		for line != "" {
			var part string
			part, line = cutPart(line, quoted)
			d.parsePart(strings.Trim(part, " \t"), quoted)
		}
	}
	return d
}

// parsePart reads what stands between two commas of a line that is quoted or
// not (see isQuoted).
func (d *Directives) parsePart(part string, quoted bool) {
	n := tokenLength(part)
	name, after := part[:n], part[n:]
	switch argument, ok := parseArgument(after, quoted); {
	case part == "": // a list may have empty elements
	case after == "":
		d.Set(name, "", false)
	case n > 0 && ok:
		d.Set(name, argument, true)
	default:
		for part != "" {
			n = tokenLength(part)
			d.Set(part[:n], "", true)
			part = part[min(n+1, len(part)):]
		}
	}
}

// parseArgument reads "=" and a token or, where the line is quoted, a quoted
// string. Escapes of a quoted string stay as they are: no argument that means
// something has a use for them.
func parseArgument(s string, quoted bool) (argument string, ok bool) {
	argument, ok = strings.CutPrefix(s, "=")
	if !ok {
		return "", false
	}
	if text, open := strings.CutPrefix(argument, `"`); open && quoted {
		return strings.TrimSuffix(text, `"`), true // isQuoted saw that the string ends here
	}
	return argument, tokenLength(argument) == len(argument) // the empty one is no token, and no directive has a use for it
}

// cutPart cuts a line at its first comma; where the line is quoted, at the
// first outside a quoted string.
func cutPart(line string, quoted bool) (part, after string) {
	from := 0
	for quoted {
		i := strings.IndexAny(line[from:], `,"`)
		if i < 0 || line[from+i] == ',' {
			break
		}
		from += i + 1
		from += quoteLength(line[from:]) + 1
	}
	end := strings.IndexByte(line[from:], ',')
	if end < 0 {
		return line, ""
	}
	return line[:from+end], line[from+end+1:]
}

// isQuoted reports whether a line has quoted strings, each of them a whole
// argument. Where a quote is out of place it is anybody's guess which commas
// are quoted, so that no quote of the line is believed: one that is never
// closed must not swallow the directives behind it.
func isQuoted(line string) bool {
	for found := false; ; found = true {
		i := strings.IndexByte(line, '"')
		if i < 0 {
			return found
		}
		end := quoteLength(line[i+1:])
		if i == 0 || line[i-1] != '=' || end < 0 {
			return false
		}
		line = strings.TrimLeft(line[i+1+end+1:], " \t")
		if line != "" && line[0] != ',' {
			return false
		}
	}
}

// quoteLength is the length of a quoted string's text, up to the quote that
// closes it; -1 where none does.
func quoteLength(text string) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
	return -1
}

// tokenLength is the length of the token that s starts with (RFC 9110,
// section 5.6.2). It takes a single quote for no part of one: no directive
// has it in its name, and those who write 'no-store' mean it.
func tokenLength(s string) int {
	for i := range len(s) {
		if !inToken(s[i]) {
			return i
		}
	}
	return len(s)
}

func inToken(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_.!#$%&*+^`|~", c) >= 0
}
