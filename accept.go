package readiness

import (
	"slices"
	"strings"
	"time"
)

// accept moves the findings that are accepted out of the list. Where an
// acceptance is over, the finding stays and says so. One that matches nothing
// although its rule was looked at is noted.
func (r *Report) accept(list []acceptance, now time.Time) {
	if len(list) == 0 {
		return
	}
	var left []Finding
	defer r.noteUnused(list, slices.Concat(r.Findings, r.Unknown), now)
	for _, f := range r.Findings {
		a, over := accepting(list, &f, now)
		switch {
		case a != nil:
			r.Accepted = append(r.Accepted, Accepted{Finding: f, Until: a.Until, Reason: a.Reason})
			continue
		case over != nil:
			f.lapsed = over.Until
			f.Detail = joinSentences(f.Detail, "It was accepted until "+over.Until+", which is over.")
		}
		left = append(left, f)
	}
	r.Findings = left
}

// accepting returns the acceptance that takes f off the list, and otherwise
// one that used to.
func accepting(list []acceptance, f *Finding, now time.Time) (a, over *acceptance) {
	for i := range list {
		a := &list[i]
		switch {
		case !a.means(f):
		case now.Before(a.end):
			return a, nil
		default:
			over = a
		}
	}
	return nil, over
}

// noteUnused adds the acceptances that none of the findings, or of what could
// not be looked at, is meant by.
func (r *Report) noteUnused(list []acceptance, all []Finding, now time.Time) {
	if r.Blind() {
		return
	}
	for _, a := range list {
		if !r.lookedAt(a.Code) || slices.ContainsFunc(all, func(f Finding) bool { return a.means(&f) }) {
			continue
		}
		note := "matched nothing: see that its code and subject are right, or delete it where the risk is gone"
		if !now.Before(a.end) {
			note = "matched nothing, and is over: delete it"
		}
		r.Accepted = append(r.Accepted, Accepted{Finding: Finding{Code: a.Code, Subject: a.Subject}, Until: a.Until, Reason: a.Reason, Note: note})
	}
}

// lookedAt reports whether the check looked at what the rule of a code is about.
func (r *Report) lookedAt(code string) bool {
	if strings.HasPrefix(code, "env.") {
		return slices.Contains(r.looked, "env")
	}
	for _, f := range families() {
		if slices.ContainsFunc(f.codes, func(row codeRow) bool { return row.Code == code }) {
			return slices.Contains(r.looked, f.name)
		}
	}
	return r.whole
}

// means reports whether the acceptance is about a finding.
func (a *acceptance) means(f *Finding) bool {
	return a.Code == f.Code && (a.Subject == "" || a.Subject == f.Subject)
}

func joinSentences(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}
