package readiness

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.uber.org/zap/zapcore"
)

// Report is what a check found. It holds no time and no duration, so that two
// reports of the same state are equal. It belongs to the caller; its methods
// only read it and are safe for concurrent use. Its text is that of
// [Report.WriteText], its JSON form is described at [Report.MarshalJSON], and
// zap logs it with zap.Object("report", report).
type Report struct {
	// Findings is what was found: the worst first, then by Code and Subject.
	Findings []Finding

	variables int // how many environment variables were looked at
}

// Counts says how many findings there are of each severity.
type Counts struct {
	// Blocker, High and Medium count the findings of that severity.
	Blocker, High, Medium int
}

// Counts counts the findings.
func (r Report) Counts() Counts {
	var c Counts
	for _, f := range r.Findings {
		switch f.Severity {
		case Blocker:
			c.Blocker++
		case High:
			c.High++
		case Medium:
			c.Medium++
		}
	}
	return c
}

// At returns the findings at severity s or above, in the order of Findings, in
// a slice of its own: At(High) is the blockers and the high risks.
func (r Report) At(s Severity) []Finding {
	var at []Finding
	for _, f := range r.Findings {
		if f.Severity >= s {
			at = append(at, f)
		}
	}
	return at
}

// Err returns nil where no finding is a Blocker. Otherwise the text of the
// error lists every blocker on a line of its own, each with its fix, and no
// value of any variable.
func (r Report) Err() error {
	blockers := r.At(Blocker)
	if len(blockers) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "readiness: %s", count(len(blockers), "blocker"))
	for _, f := range blockers {
		fmt.Fprintf(&b, "\n  %s: %s (%s)", f.Subject, f.Title, f.Code)
		if f.Fix != "" {
			fmt.Fprintf(&b, "; fix: %s", f.Fix)
		}
	}
	return errors.New(b.String())
}

// MarshalJSON returns
//
//	{"version":1,
//	 "counts":{"blocker":0,"high":0,"medium":0,"unknown":0},
//	 "findings":[{"code":…,"severity":…,"subject":…,"title":…,"detail":…,"evidence":[],"fix":…,"ref":…}]}
//
// A list is never null. "unknown" counts what could not be looked at, which
// for an environment is nothing. It fails where a finding that the caller made
// has no severity.
func (r Report) MarshalJSON() ([]byte, error) {
	findings := r.Findings
	if findings == nil {
		findings = []Finding{}
	}
	c := r.Counts()
	return json.Marshal(struct {
		Version  int            `json:"version"`
		Counts   map[string]int `json:"counts"`
		Findings []Finding      `json:"findings"`
	}{
		Version:  1,
		Counts:   map[string]int{"blocker": c.Blocker, "high": c.High, "medium": c.Medium, "unknown": 0},
		Findings: findings,
	})
}

// MarshalLogObject lets zap log r with zap.Object: the numbers blocker, high
// and medium, and the list findings.
func (r Report) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	c := r.Counts()
	enc.AddInt("blocker", c.Blocker)
	enc.AddInt("high", c.High)
	enc.AddInt("medium", c.Medium)
	return enc.AddArray("findings", zapcore.ArrayMarshalerFunc(func(enc zapcore.ArrayEncoder) error {
		for _, f := range r.Findings {
			if err := enc.AppendObject(f); err != nil {
				return err
			}
		}
		return nil
	}))
}

// sort brings the findings into the order that Findings promises.
func (r *Report) sort() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Subject, b.Subject))
	})
}
