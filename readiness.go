package readiness

import (
	"os"
	"slices"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/launchready/readiness/internal/cfgerr"
)

// ErrConfig is what every error of New and every wrong file of Load is, for
// errors.Is.
var ErrConfig = cfgerr.ErrConfig

// ConfigError is one problem of a Config, with the Path of the field.
type ConfigError = cfgerr.Error

// Config declares what a service needs to be launched. Fill in the fields that
// concern it, or read them from a file with [Load]. The zero Config is valid
// and declares nothing.
type Config struct {
	_ [0]func()

	// Env lists the environment variables that the service reads. Default: none.
	Env []EnvVar
	// LookupEnv returns the value of a variable and whether it is set, like
	// os.LookupEnv, which is the default. CheckEnv calls it once per variable,
	// or more often; it must be safe for concurrent use if CheckEnv is called
	// concurrently.
	LookupEnv func(name string) (value string, set bool)
	// Logger gets one entry for each finding of a check: a blocker at level
	// Error, a high risk at Warn, a medium one at Info. Default: no log.
	Logger *zap.Logger
}

// Checker checks what its Config declares. Make one with [New]. It is
// immutable, and safe for concurrent use.
type Checker struct {
	env       []EnvVar
	lookup    func(string) (string, bool)
	inProcess bool // the environment looked at is that of this process
	log       *zap.Logger
}

// New returns a Checker for cfg, which it copies. Where cfg is not valid it
// returns nil and an error that joins every problem of cfg, each a
// [*ConfigError]. New looks at no variable yet.
func New(cfg Config) (*Checker, error) {
	problems := cfgerr.For("readiness")
	checkDeclarations(problems, goNames(), cfg.Env, nil)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	c := &Checker{env: slices.Clone(cfg.Env), lookup: cfg.LookupEnv, inProcess: cfg.LookupEnv == nil, log: cfg.Logger}
	for i := range c.env {
		c.env[i].Schemes = slices.Clone(c.env[i].Schemes)
		c.env[i].OneOf = slices.Clone(c.env[i].OneOf)
	}
	if c.lookup == nil {
		c.lookup = os.LookupEnv
	}
	if c.log == nil {
		c.log = zap.NewNop()
	}
	return c, nil
}

// CheckEnv looks once at every declared environment variable. It is local and
// takes microseconds, so that it can run before anything else reads the
// environment; each call looks anew.
func (c *Checker) CheckEnv() Report {
	r := Report{variables: len(c.env)}
	for i := range c.env {
		r.Findings = append(r.Findings, c.variable(&c.env[i])...)
	}
	r.sort()
	for _, f := range r.Findings {
		level := zapcore.InfoLevel
		switch f.Severity {
		case Blocker:
			level = zapcore.ErrorLevel
		case High:
			level = zapcore.WarnLevel
		}
		c.log.Log(level, "readiness: finding", zap.Inline(f))
	}
	return r
}
