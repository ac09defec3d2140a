// Package markdown quotes texts of strangers in a Markdown document.
package markdown

import "strings"

// Plain escapes what Markdown would read as markup or as a reference, and
// puts the text on one line: records and pages of strangers are quoted.
func Plain(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < ' ':
			r = ' '
		case strings.ContainsRune("\\`*_[]<>|#~$&", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Fence returns text as a block of code. No text can end it: the fence is
// longer than any in the text.
func Fence(text string) string {
	longest, run := 0, 0
	for _, r := range text {
		if r == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	fence := strings.Repeat("`", max(3, longest+1))
	return fence + "\n" + strings.TrimRight(text, "\n") + "\n" + fence + "\n"
}
