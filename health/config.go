package health

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
	"go.uber.org/zap"
)

// The defaults of a [Check].
const (
	defaultInterval  = 15 * time.Second
	defaultTimeout   = 2 * time.Second
	defaultFailAfter = 3

	// minDuration is what no interval and no time-out is meant to be below:
	// such a value lacks its unit (15 instead of 15 * time.Second).
	minDuration = time.Millisecond
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
	// is required. Its context is cancelled at Timeout and when Run ends, and
	// is never that of a request. No two runs of it overlap. It should heed
	// its context; one that does not is marked failed all the same.
	Func func(context.Context) error

	// Interval is the least time from the beginning of one run to that of
	// the next; up to a tenth of it is added at random, so that replicas do
	// not run in step. Default: 15 s; at least 1 ms.
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
}

// New compiles cfg. It returns every problem of cfg at once, each a
// [*ConfigError], and starts nothing: [Checker.Run] and [Checker.Serve] do.
func New(cfg Config) (*Checker, error) {
	problems := cfgerr.For("health")
	c := &Checker{
		release: cfg.Release,
		log:     cfg.Logger,
		checks:  make([]*check, 0, len(cfg.Checks)),
	}
	if c.release == "" {
		c.release = revision()
	}
	if c.log == nil {
		c.log = zap.NewNop()
	}
	seen := make(map[string]int, len(cfg.Checks))
	for i, one := range cfg.Checks {
		c.checks = append(c.checks, compile(problems, seen, i, one))
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	c.state, c.since = NotRunning, time.Now()
	c.answer.Store(&answers.notRunning)
	return c, nil
}

// compile checks one entry of Config.Checks and fills in its defaults.
func compile(problems *cfgerr.List, seen map[string]int, i int, in Check) *check {
	at := func(field string) string { return cfgerr.Index("Checks", i, field) }
	if in.Name == "" {
		problems.Addf(at("Name"), "is empty: name the dependency, such as %q", "database")
	} else if first, ok := seen[in.Name]; ok {
		problems.Addf(at("Name"), "%q is the name of Checks[%d] already: give each check its own", in.Name, first)
	} else {
		seen[in.Name] = i
	}
	if in.Func == nil {
		problems.Addf(at("Func"), "is nil: set the function that looks at the dependency")
	}
	out := &check{
		name: in.Name, run: in.Func, required: in.Required,
		interval: in.Interval, timeout: in.Timeout, failAfter: in.FailAfter,
		state: Starting,
	}
	if out.interval == 0 {
		out.interval = defaultInterval
	} else if out.interval < minDuration {
		problems.Addf(at("Interval"), "must be at least %s, got %s: use 0 for the default of %s, or give a unit such as time.Second", minDuration, in.Interval, defaultInterval)
	}
	switch {
	case out.timeout == 0:
		out.timeout = min(defaultTimeout, out.interval)
	case out.timeout < minDuration:
		problems.Addf(at("Timeout"), "must be at least %s, got %s: use 0 for the default of %s, or give a unit such as time.Second", minDuration, in.Timeout, defaultTimeout)
	case out.interval >= minDuration && out.timeout > out.interval:
		problems.Addf(at("Timeout"), "must not be longer than Interval (%s), got %s", out.interval, in.Timeout)
	}
	if out.failAfter == 0 {
		out.failAfter = defaultFailAfter
	} else if out.failAfter < 0 {
		problems.Addf(at("FailAfter"), "must be positive, got %d: use 0 for the default of %d", in.FailAfter, defaultFailAfter)
	}
	return out
}

// revision returns the commit that the go command stamped into the binary.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}
