package ratelimit

import (
	"net/http"
	"strconv"

	"github.com/launchready/readiness/internal/respond"
)

// quotaExceeded is the problem type of the same draft as the fields.
const quotaExceeded = "https://iana.org/assignments/http-problem-types#quota-exceeded"

// deny answers 429 (RFC 6585). The response is never stored: respond.Write
// sets Cache-Control: no-store.
func deny(w http.ResponseWriter, r *http.Request, charges []charge) {
	wait := int64(0)
	var violated []string
	for i := range charges {
		if c := &charges[i]; c.denied {
			wait = max(wait, c.wait())
			violated = append(violated, c.rule.name)
		}
	}
	seconds := max(1, ceilSeconds(wait))
	w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	respond.Write(w, r, respond.Problem{
		Status: http.StatusTooManyRequests,
		Type:   quotaExceeded,
		Title:  "Too many requests",
		Detail: "Please try again in " + plainly(seconds) + ".",
		Extra:  map[string]any{"violated-policies": violated},
	})
}

// plainly words a number of seconds for a person, rounded up.
func plainly(seconds int64) string {
	unit, n := "second", seconds
	switch {
	case seconds > 48*60*60:
		unit, n = "day", (seconds+24*60*60-1)/(24*60*60)
	case seconds > 90*60:
		unit, n = "hour", (seconds+60*60-1)/(60*60)
	case seconds > 90:
		unit, n = "minute", (seconds+59)/60
	}
	if n != 1 {
		unit += "s"
	}
	return strconv.FormatInt(n, 10) + " " + unit
}
