package smoke

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// Outcome is what came of a step, written as it stands in JSON.
type Outcome string

const (
	// OK is a step that passed.
	OK Outcome = "ok"
	// Failed is a step that was run and did not find what it expects.
	Failed Outcome = "failed"
	// Skipped is a step that was not run: a value that it needs was never
	// set, or the run was over.
	Skipped Outcome = "skipped"
)

// StepResult is what came of one step. None of its texts holds a secret.
type StepResult struct {
	// Name is the name of the step.
	Name string `json:"name"`
	// Owner is who is to be told of a failure, empty where nobody is named.
	Owner string `json:"owner,omitempty"`
	// Session is the session that the step ran in, see [Step.As].
	Session string `json:"session,omitempty"`
	// Outcome is ok, failed or skipped.
	Outcome Outcome `json:"outcome"`
	// Duration is how long the step took, with all its requests. In JSON it
	// is duration_ms, in milliseconds.
	Duration time.Duration `json:"-"`
	// Verdict is one line: why the step failed or was skipped. A step that
	// passed has one only where something is worth telling.
	Verdict string `json:"verdict,omitempty"`
	// Warnings are what is wrong without failing the step, a line each.
	Warnings []string `json:"warnings,omitempty"`
	// Info is what is worth knowing, a line each, among it what [Step.Allow]
	// let pass.
	Info []string `json:"info,omitempty"`
	// Detail is, for a failed step, the request and the answer, and for
	// a target that is a URL a curl line.
	Detail string `json:"detail,omitempty"`

	local bool // the service need not be there for it
}

// MarshalJSON writes the fields in snake case, durations in milliseconds.
func (s StepResult) MarshalJSON() ([]byte, error) {
	type plain StepResult
	return json.Marshal(struct {
		plain
		Milliseconds float64 `json:"duration_ms"`
	}{plain(s), milliseconds(s.Duration)})
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (s StepResult) skipped(why string) StepResult {
	s.Outcome, s.Verdict = Skipped, why
	return s
}

// Report is what came of a run. It is a plain value and belongs to the caller.
type Report struct {
	// Target is the address that was checked, or "in-process handler".
	Target string `json:"target"`
	// Release is the release that was checked, empty where it is not known.
	Release string `json:"release,omitempty"`
	// Run is the value of {run}, by which what the run left behind can be
	// found.
	Run string `json:"run,omitempty"`
	// Note is Config.Note.
	Note string `json:"note,omitempty"`
	// Started is when the run began.
	Started time.Time `json:"started"`
	// Duration is how long the run took. In JSON it is duration_ms.
	Duration time.Duration `json:"-"`
	// Reached is false where requests were made and nobody was there: not
	// even a connection came about, so the report says nothing about the
	// service itself.
	Reached bool `json:"reached"`
	// Steps are the results, in the order of the steps.
	Steps []StepResult `json:"steps"`
	// Figures are what was measured, see [Performance].
	Figures []Figure `json:"figures,omitempty"`
	// Earlier are the last runs of at most ten earlier releases that
	// Config.Memory knows, the oldest first.
	Earlier []Run `json:"earlier,omitempty"`
	// LastGreen is, of a run that did not pass, the last run of another
	// release that did: what to go back to. nil where none is known.
	LastGreen *Run `json:"last_green,omitempty"`
	// Warnings and Info are about the run as a whole, a line each.
	Warnings []string `json:"warnings,omitempty"`
	Info     []string `json:"info,omitempty"`
}

// MarshalJSON writes {"version":1,"target":…,"started":…,"reached":…,
// "steps":[…],"ok":…,"duration_ms":…} and what else there is.
func (r Report) MarshalJSON() ([]byte, error) {
	type plain Report
	return json.Marshal(struct {
		Version int `json:"version"`
		plain
		OK           bool    `json:"ok"`
		Milliseconds float64 `json:"duration_ms"`
	}{1, plain(r), r.Err() == nil, milliseconds(r.Duration)})
}

// WriteJSON writes what MarshalJSON does, indented. Its error is that of w.
func (r Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// Err returns nil where every step passed, and otherwise an error with one
// line for each step that failed or was skipped. A report without steps is no
// success.
func (r Report) Err() error {
	if len(r.Steps) == 0 {
		return errors.New("smoke: no step was run")
	}
	var lines []string
	for _, s := range r.Steps {
		if s.Outcome != OK {
			lines = append(lines, fmt.Sprintf("%s %s: %s", s.Outcome, s.title(), s.Verdict))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return fmt.Errorf("smoke: %s: %d of %d steps did not pass\n%s", r.Target, len(lines), len(r.Steps), strings.Join(lines, "\n"))
}

// title is the name with the session, where that is not the default one.
func (s StepResult) title() string { return inSession(s.Name, s.Session) }

// count returns how many steps have an outcome.
func (r Report) count(o Outcome) int {
	n := 0
	for _, s := range r.Steps {
		if s.Outcome == o {
			n++
		}
	}
	return n
}

// WriteTable writes a table for people: one line a step with its time, below
// it the details of each failure, what was measured beside the release before,
// the trend over the last ten releases with their notes, and of a run that did
// not pass the last release that did. Its error is that of w.
func (r Report) WriteTable(w io.Writer) error {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, s := range r.Steps {
		took := "-"
		if s.Outcome != Skipped {
			took = rounded(s.Duration).String()
		}
		row := s.Outcome.mark() + "\t" + cell(s.title()) + "\t" + took
		if s.Verdict != "" {
			row += "\t" + cell(s.Verdict)
		}
		_, _ = io.WriteString(table, row+"\n") // a strings.Builder cannot fail
	}
	_ = table.Flush()
	for _, s := range r.Steps {
		if s.Outcome != Failed {
			continue
		}
		fmt.Fprintf(&b, "\nFAILED %s: %s\n", s.title(), s.Verdict)
		if s.Owner != "" {
			fmt.Fprintf(&b, "owner: %s\n", s.Owner)
		}
		if s.Detail != "" {
			b.WriteString("\n" + indent(s.Detail))
		}
	}
	r.beforeAndAfter().write(&b)
	r.trend().write(&b)
	if notes := r.notes(); len(notes) > 0 {
		b.WriteString("\nnotes\n" + indent(strings.Join(notes, "\n")))
	}
	r.writeRemarks(&b)
	if r.LastGreen != nil {
		fmt.Fprintf(&b, "\nlast green: %s\n", r.LastGreen.summary())
	}
	fmt.Fprintf(&b, "\n%s\n", r.summary())
	_, err := io.WriteString(w, b.String())
	return err
}

// mark is an outcome as people read it: a failure stands out without colour.
func (o Outcome) mark() string {
	if o == Failed {
		return "FAILED"
	}
	return string(o)
}

// summary is the last line of a report.
func (r Report) summary() string {
	what := r.Target
	if r.Release != "" {
		what += " " + r.Release
	}
	text := fmt.Sprintf("%s: %d ok, %d failed, %d skipped in %s", what, r.count(OK), r.count(Failed), r.count(Skipped), rounded(r.Duration))
	if r.Run != "" {
		text += ", run " + r.Run
	}
	if !r.Reached {
		text += "; nobody was there"
	}
	return text
}

// writeRemarks writes what is to be told although it failed no step.
func (r Report) writeRemarks(b *strings.Builder) {
	if lines := r.remarks(); len(lines) > 0 {
		b.WriteString("\n" + strings.Join(lines, "\n") + "\n")
	}
}

// remarks are the warnings and then the information, a line each.
func (r Report) remarks() []string {
	var lines []string
	tell := func(kind string, whole []string, of func(StepResult) []string) {
		for _, text := range whole {
			lines = append(lines, kind+": "+text)
		}
		for _, s := range r.Steps {
			for _, text := range of(s) {
				lines = append(lines, kind+": "+s.title()+": "+text)
			}
		}
	}
	tell("warning", r.Warnings, func(s StepResult) []string { return s.Warnings })
	tell("information", r.Info, func(s StepResult) []string { return s.Info })
	return lines
}

// cell keeps a text in its column.
func cell(s string) string { return strings.Join(strings.Fields(s), " ") }

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ") + "\n"
}

// rounded leaves as many digits as a reader can use.
func rounded(d time.Duration) time.Duration {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond)
	case d >= 10*time.Millisecond:
		return d.Round(time.Millisecond)
	}
	return d.Round(10 * time.Microsecond)
}
