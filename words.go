package readiness

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// some lists values in quotes, eight at most.
func some(values []string) string {
	const most = 8
	quoted := each(values[:min(most, len(values))], quoteCut)
	if left := len(values) - most; left > 0 {
		return strings.Join(quoted, ", ") + fmt.Sprintf(" and %d more", left)
	}
	return strings.Join(quoted, ", ")
}

// each returns f of every value.
func each[T, U any](values []T, f func(T) U) []U {
	out := make([]U, len(values))
	for i, s := range values {
		out[i] = f(s)
	}
	return out
}

// quoteCut returns s in quotes, cut to 60 characters, with control characters
// escaped.
func quoteCut(s string) string {
	runes := 0
	for i := range s {
		if runes++; runes > 60 {
			return strconv.Quote(s[:i] + "…")
		}
	}
	return strconv.Quote(s)
}

// escaped returns s with its control characters, line breaks and those that
// change the direction of writing among them, as Go writes them: \n, \x1b.
func escaped(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"): // no UTF-8
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' || r == '\uFEFF':
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// count returns "1 blocker", "2 blockers".
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
