package cache

import "strings"

// strongTag reports whether s is one strong entity tag (RFC 9110, section
// 8.8.3).
func strongTag(s string) bool {
	return len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' && !strings.ContainsFunc(s[1:len(s)-1], notTagText)
}

func notTagText(r rune) bool { return r == '"' || r <= ' ' || r == 0x7f }

// noneMatch reports whether If-None-Match lines name the tag, by the weak
// comparison (RFC 9110, section 13.1.2): what a compressing middleware made
// of our tag still names the page. A part that is no tag ends the reading of
// its line: whatever follows cannot be told apart.
func noneMatch(lines []string, tag string) bool {
	for _, line := range lines {
		left := strings.Trim(line, " \t")
		if left == "*" {
			return true
		}
		for left != "" {
			opaque, ok := strings.CutPrefix(strings.TrimPrefix(left, "W/"), `"`)
			if !ok {
				break
			}
			text, after, ok := strings.Cut(opaque, `"`)
			if !ok || strings.ContainsFunc(text, notTagText) {
				break
			}
			if len(tag) == len(text)+2 && tag[1:len(tag)-1] == text {
				return true
			}
			after = strings.TrimLeft(after, " \t")
			if after != "" && after[0] != ',' {
				break
			}
			left = strings.TrimLeft(after, ", \t")
		}
	}
	return false
}
