package health

import (
	"path"
	"runtime"
	"strconv"
	"strings"
)

// maxFrames bounds what is logged of a panic's stack.
const maxFrames = 32

// panicStack returns the functions that were running when the panic that is
// being recovered began, the innermost first, each on a line of its own. The
// text that runtime/debug makes has the arguments in it, and with them the
// bytes of a key that was passed by value.
func panicStack() string {
	var callers [2 * maxFrames]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	var stack []string
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			stack = nil // what came before is the recovering
		case len(stack) < maxFrames:
			stack = append(stack, f.Function+" "+path.Base(f.File)+":"+strconv.Itoa(f.Line))
		}
		if !more {
			return strings.Join(stack, "\n")
		}
	}
}
