package health

import (
	"runtime/debug"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
	"go.uber.org/zap"
)

// The defaults of a [Config] and a [Check].
const (
	defaultStartupTimeout = 30 * time.Second
	defaultInterval       = 15 * time.Second
	defaultTimeout        = 2 * time.Second
	defaultFailAfter      = 3

	// minDuration is what no interval and no time-out is meant to be below:
	// such a value lacks its unit (15 instead of 15 * time.Second).
	minDuration = time.Millisecond
	// maxDuration leaves room for sums of a few of them.
	maxDuration = 365 * 24 * time.Hour
)

// New compiles cfg. It returns every problem of cfg at once, each a
// [*ConfigError], and starts nothing: [Checker.Run] and [Checker.Serve] do.
func New(cfg Config) (*Checker, error) {
	problems := cfgerr.For("health")
	c := &Checker{
		release: cfg.Release, log: cfg.Logger, onChange: cfg.OnChange,
		startupTimeout: duration(problems, "StartupTimeout", cfg.StartupTimeout, defaultStartupTimeout),
		checks:         make([]*check, 0, len(cfg.Checks)),
		sooner:         make(chan struct{}, 1),
		state:          NotRunning,
		since:          time.Now(),
	}
	if c.release == "" {
		c.release = revision()
	}
	if c.log == nil {
		c.log = zap.NewNop()
	}
	if c.onChange != nil {
		c.changes = make(chan Change, maxChanges)
	}
	seen := make(map[string]int, len(cfg.Checks))
	for i, one := range cfg.Checks {
		c.checks = append(c.checks, compile(problems, seen, i, one))
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	for _, k := range c.checks {
		k.since = c.since
	}
	c.verdict.Store(c.conclude())
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
		problems.Addf(at("Func"), "is nil: set the function that looks at the dependency; HTTP, TCP and the like return nil for what they cannot look at, such as a URL without https://")
	}
	out := &check{
		name: in.Name, run: in.Func, required: in.Required, failAfter: in.FailAfter,
		interval: duration(problems, at("Interval"), in.Interval, defaultInterval),
		state:    in.Initial,
	}
	out.timeout = duration(problems, at("Timeout"), in.Timeout, min(defaultTimeout, out.interval))
	if out.timeout > out.interval && (in.Interval == 0 || in.Interval == out.interval) {
		problems.Addf(at("Timeout"), "must not be longer than Interval (%s), got %s", out.interval, in.Timeout)
	}
	if out.failAfter == 0 {
		out.failAfter = defaultFailAfter
	} else if out.failAfter < 0 {
		problems.Addf(at("FailAfter"), "must be positive, got %d: use 0 for the default of %d", in.FailAfter, defaultFailAfter)
	}
	if out.state == "" {
		out.state = Starting
	} else if !out.state.initial() {
		problems.Addf(at("Initial"), "must be %q, %q, %q or %q, got %q: leave it empty for the first", Starting, Passing, Degraded, Failing, in.Initial)
	}
	out.told, out.passed = out.state, out.state == Passing
	return out
}

// duration returns the value of a field or its default. A value that cannot
// be meant is reported, and the default returned in its stead, so that it
// causes no second problem elsewhere.
func duration(problems *cfgerr.List, path string, value, byDefault time.Duration) time.Duration {
	switch {
	case value == 0:
		return byDefault
	case value < minDuration:
		problems.Addf(path, "must be at least %s, got %s: use 0 for the default of %s, or give a unit such as time.Second", minDuration, value, byDefault)
	case value > maxDuration:
		problems.Addf(path, "must be at most %s, got %s: use 0 for the default of %s", maxDuration, value, byDefault)
	default:
		return value
	}
	return byDefault
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
