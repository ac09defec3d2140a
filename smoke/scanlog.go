package smoke

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/launchready/readiness/internal/intime"
	"github.com/launchready/readiness/internal/secretscan"
)

// firstTask is done before the service is looked at, for the command line.
type firstTask struct {
	title string
	run   func(*run) StepResult
}

// maxLeaks is how many of the secrets in a log are told.
const maxLeaks = 20

// scanTask reads the log of a deploy to its end and fails where a secret
// stands in it: one of a known shape, or the value of a variable that the run
// itself uses.
func scanTask(file string, open func() (io.ReadCloser, error)) firstTask {
	name := "scan of " + file
	if file == "-" {
		name = "scan of standard input"
	}
	return firstTask{name, func(r *run) StepResult {
		result := StepResult{Name: name, Outcome: OK, local: true}
		began := time.Now()
		type outcome struct {
			leaks []string
			empty bool
			err   error
		}
		done := make(chan outcome, 1) // a pipe that never ends is left to itself
		known := r.redact.Spellings()
		err := intime.Do(r.ctx, func() error {
			log, err := open() // which waits too, where it is a pipe
			if err != nil {
				done <- outcome{err: err}
				return nil
			}
			defer func() { _ = log.Close() }() // only read: nothing to lose
			leaks, empty, err := scanLog(r.ctx, known, log)
			done <- outcome{leaks, empty, err}
			return nil
		})
		result.Duration = time.Since(began)
		if err != nil {
			return failedScan(result, "the log did not end before the run was over")
		}
		got := <-done
		const unread = "the log could not be read to its end" // the error may hold what was read
		switch {
		case got.err != nil && len(got.leaks) == 0:
			return failedScan(result, unread)
		case len(got.leaks) == 0:
			if got.empty {
				result.Warnings = []string{"the log is empty: nothing was looked at"}
			}
			return result
		case got.err != nil:
			result.Detail = "also: " + unread + "\n"
		}
		result.Outcome = Failed
		what := "a secret stands in the log: "
		if n := len(got.leaks); n > 1 {
			what = fmt.Sprintf("%d secrets stand in the log, the first: ", n)
		}
		result.Verdict = r.redact.Line(what + got.leaks[0] + ". Whoever reads the log has it: replace it, and keep it out")
		for _, leak := range got.leaks[:min(len(got.leaks), maxLeaks)] {
			result.Detail += r.redact.Line(leak) + "\n"
		}
		if more := len(got.leaks) - maxLeaks; more > 0 {
			result.Detail += fmt.Sprintf("… and %d more\n", more)
		}
		return result
	}}
}

func failedScan(result StepResult, why string) StepResult {
	result.Outcome, result.Verdict = Failed, why
	return result
}

// scanLog returns a line for each secret in a log. An endless one ends with
// ctx.
func scanLog(ctx context.Context, known map[string]string, log io.Reader) (lines []string, empty bool, err error) {
	finder := newValueFinder(known)
	leaks, err := Scan(io.TeeReader(secretscan.Plain(readerWith{ctx, log}), finder))
	lines = finder.lines()
	for _, l := range leaks {
		lines = append(lines, fmt.Sprintf("line %d: %s: %s", l.Line, l.Rule, l.Masked))
	}
	return lines, !finder.fed, err
}

// readerWith is a reader that ends with a context.
type readerWith struct {
	ctx context.Context
	io.Reader
}

func (r readerWith) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// valueFinder looks for known values in what is written to it, in pieces of
// any length.
type valueFinder struct {
	known   map[string]string // every spelling of a value, and its name
	longest int
	tail    []byte
	line    int            // of the beginning of tail
	first   map[string]int // the line at which the value of that name stands first
	fed     bool           // something was written
}

func newValueFinder(known map[string]string) *valueFinder {
	f := &valueFinder{known: known, line: 1, first: map[string]int{}}
	for value := range known {
		f.longest = max(f.longest, len(value))
	}
	return f
}

// Write looks for values in p and in what came before it.
func (f *valueFinder) Write(p []byte) (int, error) {
	f.fed = f.fed || len(p) > 0
	text := append(f.tail, p...)
	for value, name := range f.known {
		if before, _, ok := bytes.Cut(text, []byte(value)); ok {
			line := f.line + bytes.Count(before, []byte("\n"))
			if was, found := f.first[name]; !found || line < was {
				f.first[name] = line
			}
		}
	}
	drop := max(0, len(text)-max(0, f.longest-1))
	f.line += bytes.Count(text[:drop], []byte("\n"))
	f.tail = append(f.tail[:0], text[drop:]...)
	return len(p), nil
}

// lines names the values that were found.
func (f *valueFinder) lines() []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(f.first)) {
		lines = append(lines, fmt.Sprintf("line %d: the value of %s", f.first[name], name))
	}
	return lines
}
