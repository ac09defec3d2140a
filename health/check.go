package health

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// maxErrorText bounds what is kept of an error's text.
const maxErrorText = 1 << 10

// Why a run failed, for the log: it has no room for the error's own text,
// which may hold a password.
const (
	reasonError   = "error"
	reasonTimeout = "timeout"
	reasonPanic   = "panic"
	reasonStale   = "stale"
)

const goexitText = "the check ended its goroutine"

// check is a compiled Check and what is known of it.
type check struct {
	name      string
	run       func(context.Context) error
	interval  time.Duration
	timeout   time.Duration
	failAfter int
	required  bool

	// Guarded by Checker.mu.
	state       State
	since       time.Time
	told        State     // the state that was logged last
	expires     time.Time // when state goes stale; zero: never
	checked     time.Time
	duration    time.Duration
	failures    int
	passed      bool // at least once
	lastError   string
	lastErrorAt time.Time
	cause       string
	stuck       int
	hanging     bool
	reason      string // of the last result, and the stack of its panic
	stack       string
}

// outcome is what one run found. Without a reason, it passed.
type outcome struct {
	reason string
	text   string
	cause  string // text, where it is more than that time is up
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
		o := outcome{reason: reasonError, text: goexitText, cause: goexitText}
		defer func() {
			if v := recover(); v != nil {
				text := clip(fmt.Sprintf("panic: %v", v), maxErrorText)
				o = outcome{reason: reasonPanic, text: text, cause: text, stack: panicStack()}
			}
			done <- o
		}()
		o = judge(ctx, k.run(ctx))
	}()
	return done
}

// judge reads an error while the guard against panics is up: an error's own
// method may panic, too.
func judge(ctx context.Context, err error) outcome {
	if err == nil {
		return outcome{}
	}
	o := outcome{reason: reasonError, text: clip(err.Error(), maxErrorText)}
	// Drivers have words of their own for the end of a context.
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		o.reason = reasonTimeout
	}
	if ctx.Err() == nil || o.reason != reasonTimeout && !errors.Is(err, context.Canceled) {
		o.cause = o.text
	}
	return o
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
	o.text = text
	return o
}

// clip cuts s to at most n bytes of valid UTF-8. It copies, so that a long
// text is not kept for the sake of its beginning.
func clip(s string, n int) string {
	if len(s) > n {
		s = strings.Clone(s[:n])
	}
	return strings.ToValidUTF8(s, "")
}
