package conditional

import "strings"

// StrongTag reports whether s is one strong entity tag (RFC 9110, section
// 8.8.3).
func StrongTag(s string) bool {
	n := tagLength(s)
	return n > 0 && n == len(s)
}

// WeakTag reports whether s is one weak entity tag.
func WeakTag(s string) bool {
	strong, weak := strings.CutPrefix(s, "W/")
	return weak && StrongTag(strong)
}

// NoneMatch reports whether If-None-Match lines name the tag, by the weak
// comparison (RFC 9110, section 13.1.2), which is the case for a 304: what a
// compressing middleware made of our tag still names the page. The tag may be
// weak or strong. "*" names every tag, and a representation without one (""),
// but only where it is the whole field. A part that is no tag ends the
// reading of its line: whatever follows cannot be told apart. NoneMatch
// allocates nothing.
func NoneMatch(lines []string, tag string) bool {
	if len(lines) == 1 && strings.Trim(lines[0], " \t") == "*" {
		return true
	}
	tag = strings.TrimPrefix(tag, "W/")
	if !StrongTag(tag) {
		return false
	}
	for _, line := range lines {
		for {
			line = strings.TrimPrefix(strings.TrimLeft(line, ", \t"), "W/")
			n := tagLength(line)
			if n == 0 {
				break
			}
			named, after := line[:n], strings.TrimLeft(line[n:], " \t")
			if after != "" && after[0] != ',' {
				break
			}
			if named == tag {
				return true
			}
			line = after
		}
	}
	return false
}

// tagLength is the length of the strong entity tag that s starts with, 0
// where it starts with none.
func tagLength(s string) int {
	if s == "" || s[0] != '"' {
		return 0
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return i + 1
		case c <= ' ' || c == 0x7f:
			return 0
		}
	}
	return 0
}
