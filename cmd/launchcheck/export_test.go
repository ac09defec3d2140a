package main

import (
	"io"
	"time"
)

// Run is the whole command, for the tests.
var Run = run

// Progress returns the two functions of the line on a terminal w.
func Progress(w io.Writer) (show func(int, time.Duration), clear func()) {
	p := &progress{w}
	return p.show(), p.clear
}
