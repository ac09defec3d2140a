package readiness

import "time"

// accept moves the findings that are accepted out of the list. Where an
// acceptance is over, the finding stays and says so.
func (r *Report) accept(list []acceptance, now time.Time) {
	if len(list) == 0 {
		return
	}
	var left []Finding
	for _, f := range r.Findings {
		a, over := accepting(list, &f, now)
		switch {
		case a != nil:
			r.Accepted = append(r.Accepted, Accepted{Finding: f, Until: a.Until, Reason: a.Reason})
			continue
		case over != nil:
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
		case a.Code != f.Code || a.Subject != "" && a.Subject != f.Subject:
		case now.Before(a.end):
			return a, nil
		default:
			over = a
		}
	}
	return nil, over
}

func joinSentences(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}
