package cachecontrol

import (
	"strings"
	"time"

	"github.com/launchready/readiness/internal/httpdate"
)

// Lifetime returns the explicit freshness lifetime of a response for a shared
// cache (RFC 9111, section 4.2.1): s-maxage, else max-age, else Expires minus
// Date, from 0 to [Longest]. ok is false where the response has none of them;
// there is no heuristic. An Expires that is no date, "0" among them, or has
// more than one line, has expired (section 5.3).
func Lifetime(d Directives, expires []string, date time.Time) (lifetime time.Duration, ok bool) {
	switch {
	case d.SMaxAge.Set:
		return d.SMaxAge.Value, true
	case d.MaxAge.Set:
		return d.MaxAge.Value, true
	case len(expires) == 0:
		return 0, false
	}
	until, ok := httpdate.Single(expires)
	if !ok {
		return 0, true
	}
	return between(date, until), true
}

// InitialAge returns how old a response was when it was received, from 0 to
// [Longest]: the corrected_initial_age of RFC 9111, section 4.2.3, from its
// Age lines, its Date (see [Date]), and when it was asked for and received.
// Of several ages the first counts; one that is no number of seconds is
// ignored (section 5.1).
func InitialAge(ageLines []string, date, requested, received time.Time) time.Duration {
	apparent := between(date, received)
	corrected := firstAge(ageLines) + between(requested, received)
	return min(max(apparent, corrected), Longest)
}

// Date returns the time that a Date field gives, and received where no line
// of it is a date. Of several the earliest counts: a response must never be
// taken for younger than it is.
func Date(lines []string, received time.Time) time.Time {
	date, found := received, false
	for _, line := range lines {
		if t, ok := httpdate.Parse(strings.Trim(line, " \t")); ok && (!found || t.Before(date)) {
			date, found = t, true
		}
	}
	return date
}

// firstAge reads the first member of an Age field as if it were a list.
func firstAge(lines []string) time.Duration {
	for _, line := range lines {
		if line = strings.TrimLeft(line, ", \t"); line == "" {
			continue
		}
		first, _, _ := strings.Cut(line, ",")
		age, _ := deltaSeconds(strings.TrimRight(first, " \t"))
		return age
	}
	return 0
}

// between is the time from one moment to a later one, 0 where it is earlier
// (clocks disagree, and are set back), at most Longest.
func between(from, to time.Time) time.Duration {
	return min(max(to.Sub(from), 0), Longest)
}
