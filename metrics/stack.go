package metrics

import (
	"path"
	"runtime"
	"strconv"
	"strings"
)

const (
	maxCallers = 128
	maxFrames  = 32
	// serveFunc is where the request came in: what called it is the same for
	// all.
	serveFunc = "github.com/launchready/readiness/metrics.(*Metrics).serve"
)

// panicStack returns the functions that were running when the panic that is
// being recovered began, the innermost first, as "package.Func file.go:12".
// It is made of the program's own names alone: the text that runtime/debug
// makes has the arguments in it, and the panic's value may be any text.
func panicStack() []string {
	var callers [maxCallers]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	var stack []string
	for {
		f, more := frames.Next()
		switch {
		case f.Function == serveFunc:
			return stack
		case f.Function == "runtime.gopanic":
			// What panicked before, and was recovered and passed on, is further
			// down: that is where it began.
			stack = nil
		case strings.HasPrefix(f.Function, "runtime.") && len(stack) == 0:
			// A signal or a check that made the panic.
		case len(stack) < maxFrames:
			stack = append(stack, f.Function+" "+path.Base(f.File)+":"+strconv.Itoa(f.Line))
		}
		if !more {
			return stack
		}
	}
}
