package mailrecord

import "strings"

// normal returns a name in lower case, without the last dot.
func normal(name string) string {
	return asciiLower(strings.TrimSuffix(name, "."))
}

// asciiLower is strings.ToLower for A to Z only: no other letter may turn
// into one that means something in a record.
func asciiLower(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for j, c := range b {
				if 'A' <= c && c <= 'Z' {
					b[j] = c + 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// nameFault says what is wrong with a DNS name, "" where nothing is. An
// underscore is allowed: names of records have it.
func nameFault(name string) string {
	name = strings.TrimSuffix(name, ".")
	if name == "" {
		return "the name is empty"
	}
	if len(name) > 253 {
		return "the name is longer than 253 characters"
	}
	for label := range strings.SplitSeq(name, ".") {
		switch {
		case label == "":
			return "the name has an empty label (two dots in a row, or one at the start)"
		case len(label) > 63:
			return "the name has a label longer than 63 characters"
		}
		for i := range len(label) {
			if c := label[i]; !isAlnum(c) && c != '-' && c != '_' {
				return "the name has a character that no host name has: " + quote(label[i:i+1])
			}
		}
	}
	return ""
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isAlpha(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isAlnum(c byte) bool { return isDigit(c) || isAlpha(c) }

// within reports whether name is domain or lies below it; both are normal.
func within(name, domain string) bool {
	return name == domain || strings.HasSuffix(name, "."+domain)
}

// toplabel reports whether s can be the last label of a domain-spec: letters,
// digits and inner hyphens, not digits alone (RFC 7208, section 7.1).
func toplabel(s string) bool {
	if s == "" || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	numeric := true
	for i := range len(s) {
		if !isAlnum(s[i]) && s[i] != '-' {
			return false
		}
		numeric = numeric && isDigit(s[i])
	}
	return !numeric
}
