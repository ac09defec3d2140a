package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// progress is a line on a terminal that says what the check is at. The nil
// progress writes nothing.
type progress struct {
	w io.Writer
}

// newProgress returns nil where w is no terminal.
func newProgress(w io.Writer) *progress {
	if !terminal(w) {
		return nil
	}
	return &progress{w}
}

// show returns what Config.Progress calls.
func (p *progress) show() func(lookups int, left time.Duration) {
	if p == nil {
		return nil
	}
	return func(lookups int, left time.Duration) {
		_, _ = fmt.Fprintf(p.w, "\r\x1b[K%d lookups, %d s left", lookups, int(left.Round(time.Second)/time.Second))
	}
}

// clear takes the line away.
func (p *progress) clear() {
	if p != nil {
		_, _ = io.WriteString(p.w, "\r\x1b[K")
	}
}

// terminal reports whether w is one that knows how to erase a line.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
