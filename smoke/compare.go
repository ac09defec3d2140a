package smoke

import "time"

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
// and by more than 50 ms. Less is the noise of a network.
func (b baseline) grew(f Figure) bool {
	return b.found && f.N > 0 && f.P95 > b.p95+b.p95/4 && f.P95 > b.p95+50*time.Millisecond
}

// before finds what a figure is compared with: the last green run of another
// release, and where none was green the last of another release. Releases
// that were red do not count, so that a slow one does not become what the
// next is measured by.
func (r *run) before(f Figure) baseline {
	for _, green := range []bool{true, false} {
		for i := len(r.earlier) - 1; i >= 0; i-- {
			one := r.earlier[i]
			if one.OK != green || r.release != "" && one.Release == r.release {
				continue
			}
			for _, was := range one.Figures {
				if was.Name == f.Name && was.Source == f.Source && was.N > 0 {
					return baseline{was.P95, one.Release, true}
				}
			}
		}
	}
	return baseline{}
}
