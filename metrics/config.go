package metrics

import (
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.uber.org/zap"
)

// The defaults and the bounds of a [Config].
const (
	defaultSlowerThan = 800 * time.Millisecond
	defaultMaxRoutes  = 200
	maxEvents         = 100
	minToken          = 32
	minSecret         = 32
	maxRelease        = 100
)

// ErrConfig is what every error of [New] is, for errors.Is.
var ErrConfig = cfgerr.ErrConfig

// ConfigError is one problem of a [Config], with the Path of the field.
type ConfigError = cfgerr.Error

// Config says what a [Metrics] counts and where it registers. The zero value
// is valid. [New] copies what it needs: changing a Config afterwards changes
// nothing.
type Config struct {
	_ [0]func()

	// SlowerThan is the duration beyond which a request counts as slow, in a
	// Snapshot and as a boundary of the histogram. Default: 800 ms; at least
	// 1 ms.
	SlowerThan time.Duration

	// Registerer is where the metrics are registered. Default: a new
	// registry with the Go and process collectors. Two Metrics cannot share
	// one.
	Registerer prometheus.Registerer

	// Gatherer is what Handler serves. Default: the Registerer, which must
	// be a Gatherer then, as every *prometheus.Registry is. It cannot be set
	// without a Registerer: it would not serve what is registered.
	Gatherer prometheus.Gatherer

	// MaxRoutes is how many routes are told apart. A route costs up to 16 KB
	// for its last minutes, and a histogram for each method and class that
	// was seen. Default: 200.
	MaxRoutes int

	// Exclude are routes that are not counted, named as Name and Snapshot
	// name them: the whole pattern without a method, such as
	// "/static/{file}", or "_unmatched". Their errors are still captured, and
	// while they run they are among the requests in flight. Default: none.
	Exclude []string

	// Events are the names that Event counts, such as "login_failed": small
	// letters, digits and underscores, beginning with a letter, at most 64
	// characters, and 100 names at most. Default: none.
	Events []string

	// TraceID returns the id of the trace that a request belongs to, or "".
	// Where it is given, the histogram keeps the id of an example for each
	// bucket (an exemplar), and Handler offers the OpenMetrics format, which
	// can tell it. It is called when a request is over, with the request as
	// Middleware got it: start the trace outside. Ids of 64 letters, digits,
	// "-" and "_" at most are kept, others left out. Default (nil): none.
	TraceID func(*http.Request) string

	// SnapshotTokens are what SnapshotHandler asks for, as
	// "Authorization: Bearer TOKEN"; any of them will do, so that one can be
	// exchanged for another. At least 32 characters of those that such a
	// header can carry: letters, digits and -._~+/=. They are secrets, and
	// stand in no log and no error. Default: none, and SnapshotHandler
	// refuses everybody.
	SnapshotTokens []string

	// Errors says how requests that fail are captured. They are by default.
	Errors ErrorCapture

	// Release is the running release, for captured errors and snapshots.
	// Default: the version of the main module, where the build knows one.
	Release string

	// Secret keys the hash that stands for a user in captured errors, so that
	// nobody can try addresses until the hash is right. At least 32 bytes,
	// the same on all replicas; the secret that signs your sessions will do.
	// Default: random, so that hashes can be compared within this process.
	Secret []byte

	// Logger gets captured errors, and a warning each when MaxRoutes is
	// reached, when most answered requests have no route, when an event was
	// not declared, and when Handler cannot gather everything. Nil means no
	// log.
	Logger *zap.Logger
}

// New compiles cfg and registers its metrics. It returns every problem of cfg
// at once, each a [*ConfigError], and leaves nothing registered then. It
// starts no goroutine.
func New(cfg Config) (*Metrics, error) {
	problems := cfgerr.For("metrics")
	if cfg.Logger == nil {
		cfg.Logger = zap.NewNop()
	}
	cfg.checkValues(problems)
	cfg.checkNames(problems)
	cfg.checkSecrets(problems)
	cfg.Errors.check(problems)
	cfg.chooseRegistry(problems)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	m := newMetrics(cfg)
	m.register(problems, cfg.Registerer)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return m, nil
}

func (cfg *Config) checkValues(problems *cfgerr.List) {
	if cfg.SlowerThan == 0 {
		cfg.SlowerThan = defaultSlowerThan
	} else if cfg.SlowerThan < time.Millisecond {
		problems.Addf("SlowerThan", "must be at least 1ms, got %s: use 0 for the default of %s, or give a unit such as time.Millisecond", cfg.SlowerThan, defaultSlowerThan)
	}
	if cfg.MaxRoutes == 0 {
		cfg.MaxRoutes = defaultMaxRoutes
	} else if cfg.MaxRoutes < 0 {
		problems.Addf("MaxRoutes", "must be positive, got %d: use 0 for the default of %d", cfg.MaxRoutes, defaultMaxRoutes)
	}
	if len(cfg.Release) > maxRelease {
		problems.Addf("Release", "must have at most %d bytes, got %d: it is a name such as a version or a commit", maxRelease, len(cfg.Release))
	}
}

// eventName is what an event may be called: it is a label's value, and people
// type it in queries.
var eventName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

func (cfg *Config) checkNames(problems *cfgerr.List) {
	for i, name := range cfg.Exclude {
		switch path := cfgerr.Index("Exclude", i, ""); {
		case name == "":
			problems.Addf(path, "is empty: name a route, such as \"/static/{file}\"")
		case patternRoute(name) != name:
			problems.Addf(path, "must be a route without a method, got %q: write %q, which stands for every method", name, patternRoute(name))
		case label(name) != name:
			problems.Addf(path, "no route has this name: names have at most %d bytes and are valid UTF-8", maxLabel)
		case slices.Contains(cfg.Exclude[:i], name):
			problems.Addf(path, "names %q a second time", name)
		}
	}
	if len(cfg.Events) > maxEvents {
		problems.Addf("Events", "has %d names, and %d are the most: an event is a kind of thing that happens, and never holds who or what it happened to", len(cfg.Events), maxEvents)
		return
	}
	for i, name := range cfg.Events {
		switch path := cfgerr.Index("Events", i, ""); {
		case !eventName.MatchString(name):
			problems.Addf(path, "must be small letters, digits and underscores, beginning with a letter, at most 64 of them, such as \"login_failed\"; got %q", label(name))
		case slices.Contains(cfg.Events[:i], name):
			problems.Addf(path, "names %q a second time", name)
		}
	}
}

// bearer is what an Authorization header can carry (RFC 6750, section 2.1).
var bearer = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

// checkSecrets says what is wrong with a secret without a word of it.
func (cfg *Config) checkSecrets(problems *cfgerr.List) {
	for i, token := range cfg.SnapshotTokens {
		switch path := cfgerr.Index("SnapshotTokens", i, ""); {
		case len(token) < minToken:
			problems.Addf(path, "must have at least %d characters, got %d: it must not be guessed; make one with \"openssl rand -hex 32\"", minToken, len(token))
		case !bearer.MatchString(token):
			problems.Addf(path, "holds a character that an Authorization header cannot carry (a line break at its end?): use letters, digits and -._~+/=")
		case slices.Contains(cfg.SnapshotTokens[:i], token):
			problems.Addf(path, "is the same as an earlier one")
		}
	}
	if n := len(cfg.Secret); n > 0 && n < minSecret {
		problems.Addf("Secret", "must have at least %d bytes, got %d: leave it out, or take it from a secret environment variable", minSecret, n)
	}
}

func (cfg *Config) chooseRegistry(problems *cfgerr.List) {
	switch {
	case cfg.Registerer == nil && cfg.Gatherer != nil:
		problems.Addf("Gatherer", "is set without a Registerer: it would not serve what is registered")
	case cfg.Registerer == nil:
		own := prometheus.NewRegistry()
		own.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
		cfg.Registerer, cfg.Gatherer = own, own
	case cfg.Gatherer == nil:
		both, ok := cfg.Registerer.(prometheus.Gatherer)
		if !ok {
			problems.Addf("Gatherer", "is nil, and the Registerer (%T) is no Gatherer: set it, so that Handler has something to serve", cfg.Registerer)
		}
		cfg.Gatherer = both
	}
}

// ErrorCapture says how requests that fail are captured. The zero value
// captures them.
type ErrorCapture struct {
	_ [0]func()

	// Off captures nothing, and lets request bodies pass untouched.
	Off bool

	// Headers are further header fields whose names are recorded where a
	// request has them, besides those of [DefaultHeaders]. Their values never
	// are. Default: none.
	Headers []string
}

// fieldName is the name of a header field (RFC 9110, section 5.1).
var fieldName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$")

func (c *ErrorCapture) check(problems *cfgerr.List) {
	for i, name := range c.Headers {
		if path := cfgerr.Index("Errors.Headers", i, ""); !fieldName.MatchString(name) {
			problems.Addf(path, "must be the name of a header field, such as \"X-Tenant\", got %q", label(name))
		}
	}
}

// DefaultHeaders returns the header fields whose names are recorded: those
// that change how a request is answered. The list is the caller's.
func DefaultHeaders() []string {
	return []string{
		"Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Content-Encoding", "Content-Type", "Cookie",
		"Expect", "Forwarded", "Idempotency-Key", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since",
		"Origin", "Range", "Referer", "Sec-Fetch-Site", "Te", "Transfer-Encoding", "Upgrade", "User-Agent",
		"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Http-Method-Override", "X-Requested-With",
	}
}
