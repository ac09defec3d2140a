package readiness

import (
	"fmt"
	"strconv"
	"strings"
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

// count returns "1 blocker", "2 blockers".
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
