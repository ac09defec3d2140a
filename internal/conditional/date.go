package conditional

import (
	"strings"
	"time"

	"github.com/launchready/readiness/internal/httpdate"
)

// ModifiedSince reports whether a stored response has changed since the date
// of If-Modified-Since lines (RFC 9110, section 13.1.3); false is the case for
// a 304. The response's date is that of its Last-Modified lines. Where it has
// none, date stands in for it: the response's Date, or when it was received
// (RFC 9111, section 4.3.2); the zero date does not. Where either side is not
// one date, the condition is ignored: true.
func ModifiedSince(lines, modified []string, date time.Time) bool {
	since, ok := httpdate.Single(lines)
	if !ok {
		return true
	}
	changed := date
	if len(modified) > 0 {
		if changed, ok = httpdate.Single(modified); !ok {
			return true
		}
	}
	return changed.IsZero() || changed.Truncate(time.Second).After(since)
}

// IfRange reports whether the Range of a request applies to a stored
// response (RFC 9110, section 13.1.5): there are no If-Range lines; or they
// are the response's entity tag, by the strong comparison; or its
// Last-Modified, exactly, and at least a second earlier than its Date, so
// that it cannot have changed again within that second (section 8.8.2.2).
func IfRange(lines []string, tag string, modified []string, date time.Time) bool {
	if len(lines) == 0 {
		return true
	}
	if len(lines) > 1 {
		return false
	}
	if value := strings.Trim(lines[0], " \t"); StrongTag(value) {
		return value == tag
	}
	wanted, ok := httpdate.Single(lines)
	if !ok {
		return false
	}
	changed, ok := httpdate.Single(modified)
	return ok && changed.Equal(wanted) && date.Sub(changed) >= time.Second
}
