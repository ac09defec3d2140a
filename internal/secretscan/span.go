package secretscan

import "slices"

// span is a match of a rule, before it is known whether a better rule matches
// there too.
type span struct {
	rule       int
	start, end int64 // of the secret
	finding    Finding
	decided    bool
}

// margin is how far behind a secret a keyword may still begin a match that
// overlaps it.
const margin = maxBack + 64

// settle decides about the spans that nothing can overlap any more, because
// the automaton has read up to a place. Of those that overlap, the one of the
// earliest rule is kept: token = "ghp_…" is a token of GitHub.
func (s *Scanner) settle(read int64) {
	for i := range s.spans {
		x := &s.spans[i]
		if x.decided || x.end+margin > read {
			continue
		}
		x.decided = true
		beaten := false
		for j := range s.spans {
			if y := &s.spans[j]; i != j && x.start < y.end && y.start < x.end && better(y, x, j < i) {
				beaten = true
				break
			}
		}
		if !beaten {
			s.kept = append(s.kept, *x)
		}
	}
	s.spans = slices.DeleteFunc(s.spans, func(x span) bool { return x.decided && x.end+maxReach+margin < read })
}

// better reports whether x is told instead of y, where both are at the same
// place.
func better(x, y *span, earlier bool) bool {
	switch {
	case x.rule != y.rule:
		return x.rule < y.rule
	case x.start != y.start:
		return x.start < y.start
	case x.end != y.end:
		return x.end > y.end
	default:
		return earlier
	}
}
