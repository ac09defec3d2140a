package smoke

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/launchready/readiness/internal/intime"
	"github.com/launchready/readiness/internal/redact"
)

const (
	memoryVersion = 1
	// maxRuns is how many runs are kept of all targets together.
	maxRuns = 200
	// maxLooked is how many of them, the last ones, a run looks at.
	maxLooked = 50
	// maxReleases is how many earlier releases a report shows.
	maxReleases = 10
	// memoryWithin bounds each call of a Memory.
	memoryWithin = 10 * time.Second
)

// Run is what is remembered of an earlier run.
type Run struct {
	// Release is the release that was checked, empty where it was not known.
	Release string `json:"release,omitempty"`
	// Target is what was checked, as in Report.
	Target string `json:"target"`
	// Started is when the run began.
	Started time.Time `json:"started"`
	// OK is whether every step passed.
	OK bool `json:"ok"`
	// Note is what was noted with it, see Config.Note.
	Note string `json:"note,omitempty"`
	// Figures are what was measured.
	Figures []Figure `json:"figures,omitempty"`
}

// memoryFile is the form in which a Memory keeps the runs, the last one last.
type memoryFile struct {
	Version int   `json:"version"`
	Runs    []Run `json:"runs"`
}

// What keeps a memory from being used. The first may be over the next time.
const (
	unreadable = "it cannot be read" // the error may hold a path or a password
	foreign    = "what it holds was not written by this library"
	later      = "a later version of this library wrote it"
)

// readMemory reads a memory. problem says why it cannot be used, "" where it
// can or is empty.
func readMemory(ctx context.Context, m Memory) (file memoryFile, problem string) {
	ctx, cancel := context.WithTimeout(ctx, memoryWithin)
	defer cancel()
	loaded := make(chan []byte, 1) // not a variable: a Load that comes back too late must not race
	err := intime.Do(ctx, func() error {
		data, err := m.Load(ctx)
		loaded <- data
		return err
	})
	if err != nil {
		return memoryFile{}, unreadable
	}
	data := <-loaded
	if len(data) == 0 {
		return memoryFile{Version: memoryVersion}, ""
	}
	var version struct{ Version int }
	switch err := json.Unmarshal(data, &version); {
	case len(data) > maxMemory || err != nil || version.Version < memoryVersion:
		return memoryFile{}, foreign
	case version.Version > memoryVersion:
		return memoryFile{}, later
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return memoryFile{}, foreign
	}
	return file, ""
}

// recall takes what is known of earlier runs of the same target from memory.
func (r *run) recall() {
	c := r.checker
	switch {
	case c.memory == nil && c.performance.asks():
		r.remarks = append(r.remarks, "no earlier release is known, so nothing is compared: Config.Memory keeps what is measured, or -memory DIR")
		return
	case c.memory == nil:
		return
	}
	file, problem := readMemory(r.ctx, c.memory)
	text := "the memory of earlier releases cannot be used: " + problem + ". Nothing is compared, and nothing is saved over it" + r.memoryPlace()
	switch problem {
	case "":
	case unreadable:
		r.warnings = append(r.warnings, text)
		return
	default: // it does not mend itself, and a comparison that never comes is not seen to be missing
		r.damaged = text
		return
	}
	r.keepable = true
	all := len(file.Runs)
	r.earlier = slices.DeleteFunc(file.Runs, func(one Run) bool { return one.Target != r.targetName() })
	if n := len(r.earlier) - maxLooked; n > 0 {
		green := lastGreen(r.earlier, r.release)
		r.earlier = r.earlier[n:]
		if green != nil && green.Started.Before(r.earlier[0].Started) {
			r.earlier = slices.Insert(slices.Clip(r.earlier), 0, *green)
		}
	}
	for i := range r.earlier {
		r.earlier[i] = r.shownRun(r.earlier[i])
	}
	if len(r.earlier) == 0 && c.performance.asks() {
		others := ""
		if all > 0 {
			others = fmt.Sprintf(" (the %d runs in the memory are of other addresses)", all)
		}
		r.remarks = append(r.remarks, "no earlier release of "+r.targetName()+" is known yet, so nothing is compared"+others+"; this run is what the next is compared with")
	}
}

// shownRun is a run of a memory as it may be shown: somebody else may have
// written it, and before a secret was one.
func (r *run) shownRun(one Run) Run {
	one.Release, one.Note = redact.Cut(r.redact.Line(one.Release), maxRelease), r.redact.Line(one.Note)
	one.Figures = slices.DeleteFunc(one.Figures, func(f Figure) bool {
		return f.Source != Calls && f.Source != UnderLoad && f.Source != LiveTraffic || f.N < 0 || f.Slow < 0 || f.Failed < 0
	})
	for i, f := range one.Figures {
		one.Figures[i].Name, one.Figures[i].BeforeRelease = r.redact.Line(f.Name), redact.Cut(r.redact.Line(f.BeforeRelease), maxRelease)
	}
	return one
}

// memoryPlace says where to look, as far as it is known.
func (r *run) memoryPlace() string {
	if f, ok := r.checker.memory.(folder); ok {
		return ": see " + f.file().Path()
	}
	return ""
}

// keep adds the run to the memory. It is read again before: another run may
// have ended in the meantime.
func (r *run) keep(report Report) {
	if !r.keepable || !report.Reached {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), memoryWithin) // a run that was stopped is kept, too
	defer cancel()
	file, problem := readMemory(ctx, r.checker.memory)
	if problem == "" {
		file.Runs = bounded(append(file.Runs, Run{
			Release: report.Release, Target: report.Target, Started: report.Started.UTC().Round(0), OK: report.Err() == nil,
			Note: report.Note, Figures: report.Figures,
		}))
		data, err := json.Marshal(file)
		for err == nil && len(data) > maxMemory && len(file.Runs) > 1 { // so many endpoints
			file.Runs = file.Runs[(len(file.Runs)+3)/4:]
			data, err = json.Marshal(file)
		}
		if err == nil {
			err = intime.Do(ctx, func() error { return r.checker.memory.Save(ctx, data) })
		}
		if err == nil {
			return
		}
		problem = "it cannot be written"
	}
	r.warnings = append(r.warnings, "this run could not be kept for the next release: "+problem+r.memoryPlace())
}

// bounded drops the oldest runs beyond what is kept, but of no target its
// last green one.
func bounded(runs []Run) []Run {
	kept := make([]Run, 0, min(len(runs), maxRuns))
	green := map[string]bool{} // targets
	for i, one := range slices.Backward(runs) {
		last := one.OK && !green[one.Target]
		green[one.Target] = green[one.Target] || one.OK
		if len(runs)-i <= maxRuns || last && len(kept) < 2*maxRuns {
			kept = append(kept, one)
		}
	}
	slices.Reverse(kept)
	return kept
}

// lastReleases returns the last run of each of the last releases but the one
// in hand, the oldest first. A run without a release is one of its own.
func lastReleases(runs []Run, current string) []Run {
	var last []Run
	seen := map[string]bool{"": false, current: current != ""}
	for _, one := range slices.Backward(runs) {
		if seen[one.Release] {
			continue
		}
		seen[one.Release] = one.Release != ""
		if last = append(last, one); len(last) == maxReleases {
			break
		}
	}
	slices.Reverse(last)
	return last
}

// lastGreen returns the last run of another release that passed, nil where
// none is known.
func lastGreen(runs []Run, current string) *Run {
	for _, one := range slices.Backward(runs) {
		if one.OK && (current == "" || one.Release != current) {
			return &one
		}
	}
	return nil
}
