package readiness

import (
	"context"
	"crypto/x509"
	"net/netip"
	"os"
	"sync/atomic"
	"time"

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
//
// A host is named by its label below Domain ("app", "a.b"), by "@" for Domain
// itself, by its full name where that lies in Domain, or, anywhere else, by
// its full name with a dot at the end ("shop.other.example."). Case does not
// matter.
type Config struct {
	_ [0]func()

	// Env lists the environment variables that the service reads. Default: none.
	Env []EnvVar
	// LookupEnv returns the value of a variable and whether it is set, like
	// os.LookupEnv, which is the default. CheckEnv calls it once per variable,
	// or more often; it must be safe for concurrent use if CheckEnv is called
	// concurrently. Where it does not return, Check goes on without it, and the
	// environment is unknown.
	LookupEnv func(name string) (value string, set bool)

	// Domain is the domain to launch, such as "acme.example". Default: none,
	// and nothing beyond the environment is looked at.
	Domain string
	// Hosts lists the hosts that must work. Domain itself, and "www" where
	// Domain is one that can be registered, are looked at in any case.
	Hosts []string
	// Canonical is the host that the others of "@" and "www" redirect to: "@"
	// or "www". Default: either will do.
	Canonical string
	// Proxied lists the hosts that must stand behind Cloudflare's proxy.
	Proxied []string
	// DNSOnly lists the hosts that must not, such as those for SSH.
	DNSOnly []string
	// Private lists the hosts that no stranger may use, such as "admin" and
	// "staging". They are looked at as hosts too, and need not stand in Hosts.
	Private []string
	// Origins lists the servers behind the proxy that a stranger must not
	// reach past it, each an address or HOST:PORT; the port is 443 by default.
	Origins []string
	// CloudflareRanges are the networks of Cloudflare's proxy. Default: those
	// that Cloudflare publishes, as of the library's release.
	CloudflareRanges []netip.Prefix
	// Mail lists the domains that have to do with e-mail. Default: Domain, and
	// what it does is taken from its records.
	Mail []Mail
	// Registration says that a check asks the registry of Domain when the
	// registration ends, and who the registrar is, over RDAP: one request to
	// data.iana.org and one to the registry. Default: no.
	Registration bool
	// Redirects lists addresses that must lead elsewhere.
	Redirects []Redirect
	// Custom lists checks of your own.
	Custom []Custom
	// Accept takes known risks off the list until a date.
	Accept []Acceptance
	// Handover says what whoever takes over needs to know.
	Handover Handover
	// Memory keeps the names of the variables that were set in the last
	// release, so that Check finds one that vanished; see [Dir]. Default:
	// none, and the report says that no earlier release is known.
	Memory Memory

	// StopOn makes [Report.Err] count every finding of this severity or above:
	// those of the environment at once, and those made over the network, by
	// Custom checks or for the handover once a second answer, a second or more
	// later, confirmed them (what is not declared for the handover needs none).
	// A Blocker of the environment counts in any case. Default: only that does.
	StopOn Severity
	// Only restricts Check to these families: "env", "dns", "mail", "web".
	// Custom checks and the handover are left out then. Default: everything.
	Only []string
	// Timeout bounds Check as a whole; what is unfinished is unknown. Default:
	// 10 s; at most 5 minutes.
	Timeout time.Duration
	// Interval is the time between two checks of Run, of which up to a tenth
	// is added at random. Default: 1 hour; at least 1 minute.
	Interval time.Duration
	// Resolvers are the recursive name servers to ask, each an address or
	// HOST:PORT; the port is 53 by default, and the address of a name is looked
	// up by the system. Default: those of the system.
	Resolvers []string
	// ConnectTo sends connections elsewhere, each "HOST:PORT:ADDR:PORT" as
	// curl's --connect-to has it: an empty HOST or PORT in front matches any,
	// one behind leaves it as it is, the first match counts. It serves HTTP,
	// TLS and the questions put to name servers directly (port 53; HOST is
	// the server's name or address), not those to Resolvers.
	ConnectTo []string
	// RootCAs are the certificate authorities to trust. Default: the system's.
	RootCAs *x509.CertPool
	// AllowPrivate lets connections to private addresses through, for a
	// rehearsal. Default: none is made, but to what ConnectTo names.
	AllowPrivate bool
	// Progress is called about four times a second while Check works, with the
	// number of DNS questions so far and the time left, from one goroutine at
	// a time. One that does not return is not called again, and holds nothing
	// up for more than a tenth of a second. Default: none.
	Progress func(lookups int, left time.Duration)
	// Logger gets one entry for each finding of a check: a blocker at level
	// Error, a high risk at Warn, a medium one at Info. Run logs changes only.
	// Default: no log.
	Logger *zap.Logger
}

// Checker checks what its Config declares. Make one with [New]. It is
// immutable, and safe for concurrent use.
type Checker struct {
	env       []EnvVar
	lookup    func(string) (string, bool)
	inProcess bool // the environment looked at is that of this process
	log       *zap.Logger
	site      site
	codes     map[string]codeRow
	running   atomic.Bool
	// progressing: a call of Progress is under way.
	progressing atomic.Bool
}

// New returns a Checker for cfg, which it copies. Where cfg is not valid it
// returns nil and an error that joins every problem of cfg, each a
// [*ConfigError]. New looks at nothing yet.
func New(cfg Config) (*Checker, error) {
	problems := cfgerr.For("readiness")
	checkDeclarations(problems, goNames(), cfg.Env, nil)
	s := compile(&cfg, func(path, format string, args ...any) { problems.Addf(path, format, args...) }, nil)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	c := &Checker{
		env: copyEnv(cfg.Env), lookup: cfg.LookupEnv, inProcess: cfg.LookupEnv == nil, log: cfg.Logger, site: s, codes: map[string]codeRow{},
	}
	for _, row := range codeRows() {
		c.codes[row.Code] = row
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
// environment; each call looks anew. It leaves Memory alone, which [Check]
// reads.
func (c *Checker) CheckEnv() Report {
	r := Report{variables: len(c.env), stopOn: c.site.stopOn, looked: []string{"env"}}
	r.Findings = c.environment()
	r.accept(c.site.accept, time.Now())
	r.sort()
	c.logFindings(r.Findings)
	return r
}

// Check looks once at everything that the Config declares, within Timeout or
// until ctx ends, and reports what it found; what could not be looked at by
// then is in Unknown. The context of its parts ends a little sooner, by a tenth
// of the time and half a second at most, so that Timeout holds; where ctx is
// cancelled Check returns as much later at most. It never panics, whatever a check of Custom does. It
// starts goroutines and waits for them, but for a check of Custom that does
// not heed its context, and a LookupEnv or Progress that does not return.
func (c *Checker) Check(ctx context.Context) Report {
	r := c.check(ctx)
	c.logFindings(r.Findings)
	return r
}

// environment returns the findings of the variables.
func (c *Checker) environment() []Finding {
	var found []Finding
	for i := range c.env {
		found = append(found, c.variable(&c.env[i])...)
	}
	return found
}

func (c *Checker) logFindings(found []Finding) {
	for _, f := range found {
		level := zapcore.InfoLevel
		switch f.Severity {
		case Blocker:
			level = zapcore.ErrorLevel
		case High:
			level = zapcore.WarnLevel
		}
		c.log.Log(level, "readiness: finding", zap.Inline(f))
	}
}
