package health

import (
	"context"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
	"go.uber.org/zap"
)

// ErrConfig is what every error of [New] is, for errors.Is.
var ErrConfig = cfgerr.ErrConfig

// ConfigError is one problem of a [Config] or a [ServeConfig], with the Path
// of the field.
type ConfigError = cfgerr.Error

// Config says what a [Checker] watches. The zero value is valid: without a
// check, readiness passes while Run runs. New copies what it needs: a later
// change of the Config changes nothing.
type Config struct {
	_ [0]func()

	// Checks are the dependencies to watch. Names must be unique.
	Checks []Check

	// Release names what is running, such as a version or a commit. It is in
	// every Snapshot and in the log, and in no probe's body. Default: the
	// revision that the go command stamped into the binary, if it did.
	Release string

	// StartupTimeout is how long after Run a check without a result keeps
	// readiness and startup back. From then on it is Stale until there is
	// one: startup passes, and readiness answers 503 for its sake only if it
	// is Required. A run that outlives its own Timeout is a result, too.
	// Default: 30 s; from 1 ms to a year.
	StartupTimeout time.Duration

	// OnChange, if set, is told of every change of state after Run began, of
	// a check or of readiness as a whole: to count it, or to send an alert.
	// Calls come one after the other, in the order of the changes, from a
	// goroutine of Run's, so that a slow hook delays no check and no probe.
	// At most 64 changes wait; more are dropped, with a warning. The context
	// of each call ends after 10 s, or five seconds after Run was told to
	// end. A panic is logged.
	OnChange func(context.Context, Change)

	// Logger gets changes of state. Nil means no log.
	Logger *zap.Logger
}

// Check is one dependency to watch.
type Check struct {
	_ [0]func()

	// Name names the check in the log and in a Snapshot. It is required and
	// unique.
	Name string

	// Func looks at the dependency once and returns nil if it is well. It
	// is required; [SQL], [HTTP] and others make one. Its context is cancelled at Timeout and when Run ends, and
	// is never that of a request. No two runs of it overlap. It should heed
	// its context; one that does not is marked failed all the same.
	Func func(context.Context) error

	// Interval is the least time from the beginning of one run to that of
	// the next; up to a tenth of it is added at random, so that replicas do
	// not run in step. Default: 15 s; from 1 ms to a year.
	Interval time.Duration

	// Timeout is how long a run may take before it counts as failed.
	// Default: 2 s, or Interval where that is shorter. It cannot be longer
	// than Interval.
	Timeout time.Duration

	// FailAfter is how many runs in a row must fail before the check counts
	// as Failing rather than Degraded. Default: 3.
	FailAfter int

	// Required makes readiness answer 503 while the check is Failing.
	// FailAfter shields a dependency that has worked from a blip; until it
	// has passed for the first time, one failure is enough, so that a
	// replica that cannot work is not sent any traffic. Leave it false for
	// what all replicas share, unless no page works without it: if it goes
	// away, they are all taken out at once.
	Required bool

	// Initial is what the check counts as before its first result: Starting,
	// which keeps readiness and startup back, or what to assume meanwhile:
	// Passing (as if it had passed just now, so that FailAfter shields it from
	// the start), Degraded or Failing. Default: Starting.
	Initial State
}
