package ratelimit

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/launchready/readiness/internal/respond"
)

// The problem types of the same draft as the response fields.
const (
	quotaExceeded   = "https://iana.org/assignments/http-problem-types#quota-exceeded"
	reducedCapacity = "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity"
)

// Denial is what OnDeny is told.
type Denial struct {
	_ [0]func()

	// Rule is the name of the rule that denies; of several, the one that
	// denies longest.
	Rule string
	// Status is 429 Too Many Requests, or 503 Service Unavailable where a
	// rule with FailClosed cannot count.
	Status int
	// RetryAfter is when to try again, in whole seconds, rounded up.
	RetryAfter time.Duration
}

// deny answers 429 (RFC 6585), or 503. The answer is never stored.
func (l *Limiter) deny(w http.ResponseWriter, r *http.Request, s *scratch) {
	worst, alone := worstOf(s.charges)
	seconds := max(1, ceilSeconds(worst.wait()))
	status := http.StatusTooManyRequests
	if worst.unavailable {
		status = http.StatusServiceUnavailable
	}
	respond.Clean(w.Header())
	onDeny := worst.rule.OnDeny
	if onDeny == nil {
		onDeny = l.onDeny
	}
	if worst.rule.Quiet {
		l.setFields(w.Header(), s)
	} else {
		l.setDenied(w.Header(), s, seconds)
	}
	if onDeny != nil {
		if !worst.rule.Quiet {
			w.Header()["Cache-Control"] = []string{"no-store"}
		}
		onDeny(w, r, Denial{Rule: worst.rule.name, Status: status, RetryAfter: time.Duration(seconds) * time.Second})
		return
	}
	if alone && !worst.unavailable && !respond.PrefersHTML(r) {
		s.out = append(s.out[:0], problemBegin...)
		s.out = append(appendPlainly(s.out, seconds), worst.rule.problem...)
		respond.WriteJSON(w, r, status, s.out)
		return
	}
	respond.Write(w, r, problemOf(s.charges, status, seconds))
}

// worstOf returns the charge that is denied longest, and whether it is the
// only one that is denied. A rule that cannot count comes before one that
// can.
func worstOf(charges []charge) (worst *charge, alone bool) {
	for i := range charges {
		c := &charges[i]
		switch {
		case !c.denied || c.rule.dryRun:
		case worst == nil:
			worst, alone = c, true
		default:
			alone = false
			if c.unavailable != worst.unavailable && c.unavailable || c.unavailable == worst.unavailable && c.wait() > worst.wait() {
				worst = c
			}
		}
	}
	return worst, alone
}

// problemOf returns the answer in words.
func problemOf(charges []charge, status int, seconds int64) respond.Problem {
	p := respond.Problem{
		Status: status, Type: quotaExceeded, Title: "Too many requests",
		Detail: "Please try again in " + string(appendPlainly(nil, seconds)) + ".",
	}
	if status == http.StatusServiceUnavailable {
		p.Type, p.Title = reducedCapacity, "Not available at the moment"
	}
	var violated []string
	for i := range charges {
		if c := &charges[i]; c.denied && !c.rule.dryRun && (len(violated) == 0 || violated[len(violated)-1] != c.rule.name) {
			violated = append(violated, c.rule.name)
		}
	}
	p.Extra = map[string]any{"violated-policies": violated}
	return p
}

// A flood of denied requests is answered with JSON that is ready but for the
// wait: a test holds it against what respond makes of problemOf.
const problemBegin = `{"type":"` + quotaExceeded + `","title":"Too many requests","status":429,"detail":"Please try again in `

func problemBody(rule string) []byte {
	name, _ := json.Marshal(rule) // a string always has a form
	return append(append([]byte(`.","violated-policies":[`), name...), "]}\n"...)
}

// appendPlainly words a number of seconds for a person, rounded up.
func appendPlainly(dst []byte, seconds int64) []byte {
	unit, n := " second", seconds
	switch {
	case seconds > 48*60*60:
		unit, n = " day", (seconds+24*60*60-1)/(24*60*60)
	case seconds > 90*60:
		unit, n = " hour", (seconds+60*60-1)/(60*60)
	case seconds > 90:
		unit, n = " minute", (seconds+59)/60
	}
	dst = append(strconv.AppendInt(dst, n, 10), unit...)
	if n != 1 {
		dst = append(dst, 's')
	}
	return dst
}
