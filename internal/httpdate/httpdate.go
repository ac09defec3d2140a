// Package httpdate reads the timestamps of HTTP fields (RFC 9110, section
// 5.6.7). It is stricter than [http.ParseTime], whose layouts let through
// what is no HTTP-date: one-digit hours, fractions of a second, runs of
// spaces, and zones other than GMT, read by the machine's own zone. A cache
// that took such an Expires at its word would call fresh what another cache
// calls stale.
package httpdate

import (
	"net/http"
	"strings"
	"time"
)

// The shapes of the three forms: A stands for a letter, 0 for a digit, _ for
// a digit or a space, anything else for itself. A day of the obsolete RFC 850
// form has a name of any length, so its shape starts at the comma.
const (
	imfFixdate = "AAA, 00 AAA 0000 00:00:00 GMT"
	rfc850     = ", 00-AAA-00 00:00:00 GMT"
	asctime    = "AAA AAA _0 00:00:00 0000"
)

// Parse reads one HTTP-date in any of the three forms, without space around
// it, and returns it in UTC; ok is false for anything else. A day of the week
// that does not fit the date is no error: the form is right, and the date is
// what counts. A year of two digits is one of 1969 to 2068, which is never
// more than the 50 years ahead that the RFC allows. Parse is safe for
// concurrent use.
func Parse(s string) (t time.Time, ok bool) {
	comma := max(strings.IndexByte(s, ','), 0)
	if !fits(s, imfFixdate) && !fits(s[comma:], rfc850) && !fits(s, asctime) {
		return time.Time{}, false
	}
	t, err := http.ParseTime(s)
	if err != nil {
		return time.Time{}, false // the right shape around the wrong words, or a 31 February
	}
	return t.UTC(), true
}

// Single reads the lines of a field that holds one HTTP-date; ok is false
// where there is not exactly one line, or it is no date.
func Single(lines []string) (t time.Time, ok bool) {
	if len(lines) != 1 {
		return time.Time{}, false
	}
	return Parse(strings.Trim(lines[0], " \t"))
}

// fits reports whether s has the shape.
func fits(s, shape string) bool {
	if len(s) != len(shape) {
		return false
	}
	for i := range len(s) {
		c, digit := s[i], s[i] >= '0' && s[i] <= '9'
		switch shape[i] {
		case 'A':
			if lower := c | 0x20; lower < 'a' || lower > 'z' {
				return false
			}
		case '0':
			if !digit {
				return false
			}
		case '_':
			if !digit && c != ' ' {
				return false
			}
		default:
			if c != shape[i] {
				return false
			}
		}
	}
	return true
}
