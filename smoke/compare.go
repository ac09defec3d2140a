package smoke

import (
	"slices"
	"time"
)

// baseline is what a figure is compared with.
type baseline struct {
	p95     time.Duration
	release string
	found   bool
}

func (b baseline) known() bool { return b.found }

// of names the release, as far as it has a name.
func (b baseline) of() string {
	if b.release == "" {
		return ""
	}
	return " (" + b.release + ")"
}

// grew reports whether a p95 is above the one before by more than a quarter
// and by more than 50 ms. Less is the noise of a network, and so is the p95 of
// a few calls.
func (b baseline) grew(f Figure) bool {
	return b.found && f.N >= minCalls && f.P95 > b.p95+b.p95/4 && f.P95 > b.p95+50*time.Millisecond
}

// before finds what a figure is compared with: the last run of another release
// that measured it, whether it was green or red. So a growth is told once, with
// the release that brought it, and the next release is not red for what was
// accepted; the trend still shows it.
func (r *run) before(f Figure) baseline {
	for _, one := range slices.Backward(r.earlier) {
		if r.release != "" && one.Release == r.release {
			continue
		}
		if was, ok := one.figure(f.Name, f.Source); ok && was.N >= minCalls {
			return baseline{was.P95, one.Release, true}
		}
	}
	return baseline{}
}
