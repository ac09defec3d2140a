package health

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"
)

const (
	// maxErrorText bounds what is kept of an error's text.
	maxErrorText = 1 << 10
	// maxStack bounds what is logged of a panic's stack.
	maxStack = 8 << 10
)

// Why a run failed, for the log: it has no room for the error's own text,
// which may hold a password.
const (
	reasonError   = "error"
	reasonTimeout = "timeout"
	reasonPanic   = "panic"
)

// check is a compiled Check and what is known of it.
type check struct {
	name      string
	run       func(context.Context) error
	interval  time.Duration
	timeout   time.Duration
	failAfter int
	required  bool

	// Guarded by Checker.mu.
	state     State
	since     time.Time
	failures  int
	passed    bool // at least once
	lastError string
	duration  time.Duration
}

// outcome is what one run found. Without a reason, it passed.
type outcome struct {
	reason string
	text   string
	stack  string
}

// start runs the check in a goroutine of its own, so that one that ignores
// its context holds nothing up, and hands over what it found. The channel has
// room for it: nobody needs to be there.
func (k *check) start(ctx context.Context) <-chan outcome {
	done := make(chan outcome, 1)
	go func() {
		// This outcome stays where the check ends its goroutine
		// (runtime.Goexit), as a test helper's FailNow does.
		o := outcome{reason: reasonError, text: "the check ended its goroutine"}
		defer func() {
			if v := recover(); v != nil {
				o = outcome{reason: reasonPanic, text: clip(fmt.Sprintf("panic: %v", v), maxErrorText), stack: clip(string(debug.Stack()), maxStack)}
			}
			done <- o
		}()
		o = judge(k.run(ctx))
	}()
	return done
}

// judge reads an error while the guard against panics is up: an error's own
// method may panic, too.
func judge(err error) outcome {
	switch {
	case err == nil:
		return outcome{}
	case errors.Is(err, context.DeadlineExceeded):
		return outcome{reason: reasonTimeout, text: clip(err.Error(), maxErrorText)}
	default:
		return outcome{reason: reasonError, text: clip(err.Error(), maxErrorText)}
	}
}

// timedOut returns the outcome of a run that outlived its time-out. What the
// run itself said, if it did, stands behind: "deadline exceeded" alone would
// hide that the password was wrong.
func (k *check) timedOut(o outcome) outcome {
	text := "timed out after " + k.timeout.String()
	if o.text != "" && o.text != context.DeadlineExceeded.Error() {
		text = clip(text+": "+o.text, maxErrorText)
	}
	if o.reason != reasonPanic {
		o.reason = reasonTimeout
	}
	return outcome{reason: o.reason, text: text, stack: o.stack}
}

// clip cuts s to at most n bytes of valid UTF-8. It copies, so that a long
// text is not kept for the sake of its beginning.
func clip(s string, n int) string {
	if len(s) > n {
		s = strings.Clone(s[:n])
	}
	return strings.ToValidUTF8(s, "")
}
