package smoke

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
)

// ErrConfig is what every error of New is, for errors.Is.
var ErrConfig = cfgerr.ErrConfig

// ConfigError is one problem of a Config, with the Path of the field.
type ConfigError = cfgerr.Error

const (
	defaultTimeout    = 10 * time.Second
	defaultRunTimeout = 5 * time.Minute
	// maxRelease and maxNote bound what is kept with a run, in bytes.
	maxRelease = 100
	maxNote    = 300
)

// Config says what to check and where. Exactly one of URL and Handler is set;
// [Main] fills in URL from its -url flag. A Config is only read: the same
// value may serve several checkers.
type Config struct {
	_ [0]func()

	// URL is the address of a running service, such as
	// "https://market.example": scheme, host and, if need be, a port.
	URL string
	// Handler is the service itself. It is served over a pipe inside the
	// process by a real net/http server, under https://smoke.test, so that
	// Secure cookies come back.
	Handler http.Handler
	// Steps are run in their order; at least one is required.
	Steps []Step
	// Release is the release that is checked, such as "v7" or a revision.
	// Settling waits for it, and Memory keeps what was measured under its
	// name. The default is the release that the endpoint of Settling tells.
	Release string
	// Settling is how a fresh deploy is waited for. The zero value does not
	// wait.
	Settling Settling
	// Performance is what is measured after the steps. The zero value measures
	// nothing.
	Performance Performance
	// Memory keeps what was measured, so that the next release is compared
	// with this one: smoke.Dir(".readiness"). Each run is kept, with its Note.
	// nil keeps nothing.
	Memory Memory
	// Note is a line to keep with the run, such as what was done for its
	// speed. Together they are the log of it.
	Note string
	// Owner is who is to be told of a failure for which no step names
	// somebody, such as that the service does not settle. Empty means nobody.
	Owner string
	// Timeout bounds each single request, with the reading of its body.
	// 0 means 10 seconds.
	Timeout time.Duration
	// RunTimeout bounds the run as a whole, once the service has settled, but
	// for the functions of a Do that do not heed their context.
	// 0 means 5 minutes, one more for each endpoint of Performance, and four
	// times the Load.
	RunTimeout time.Duration
	// LookupEnv returns the value of an environment variable that a Secret
	// names. nil means os.LookupEnv; a test gives its own.
	LookupEnv func(name string) (value string, found bool)
	// Hosts are further hosts of the service by their names for [Step.On]:
	// "api": "https://api.market.example". {host} stands for the host of the
	// target, so that "https://api.{host}" serves staging too; "//api.{host}"
	// has the scheme and the port of the target as well, for one on this
	// machine, where every name below localhost leads. Redirects,
	// forms and links may lead from one to the other; no other host is ever
	// contacted. A Handler is asked under these names as well.
	Hosts map[string]string
	// Header is sent with every request to the hosts of the target, such as
	// a mark that the check is one.
	Header map[string]string
	// SecretHeader is the same for values that no output may show: the name
	// of the header, and the environment variable that holds its value. It is
	// not sent over plain http, loopback apart.
	SecretHeader map[string]string
	// BasicAuth is sent with every request. Like SecretHeader it is not sent
	// over plain http, loopback apart. nil sends none.
	BasicAuth *BasicAuth
	// ForeignHosts are hosts of other environments, such as
	// "staging.market.example", that no cookie of this one may reach.
	ForeignHosts []string
	// Client is whose Transport is used for a URL, for a private certificate
	// authority or a proxy. It stays the caller's: its idle connections are
	// not closed. Cookies, redirects and time limits are the check's own, so
	// the client may have no Jar, CheckRedirect or Timeout. nil means a fresh
	// copy of http.DefaultTransport.
	Client *http.Client
}

// Checker is a compiled [Config]. Make one with [New]. It is safe for
// concurrent use: each run has its own cookies and values.
type Checker struct {
	base       *url.URL
	handler    http.Handler
	client     *http.Client
	steps      []Step
	timeout    time.Duration
	runTimeout time.Duration
	lookupEnv  func(string) (string, bool)

	foreignHosts []string
	settling     Settling
	release      string
	performance  Performance
	memory       Memory
	note         string
	owner        string
	first        []firstTask         // before anything else
	declared     map[string]bool     // the names of Hosts, also those whose address is wrong
	hidden       map[string]string   // by a name, what no output may show beside the secrets
	hosts        map[string]*url.URL // by their name
	header       map[string]string
	secretHeader map[string]string
	basicAuth    *BasicAuth
}

// New checks cfg and compiles it. Its error lists every problem at once, each
// a [ConfigError]; an environment variable that a step needs and that is not
// set is one of them. New contacts nothing.
func New(cfg Config) (*Checker, error) {
	problems := cfgerr.For("smoke")
	c := &Checker{
		handler: cfg.Handler, client: cfg.Client, steps: slices.Clone(cfg.Steps),
		timeout: cfg.Timeout, runTimeout: cfg.RunTimeout, lookupEnv: cfg.LookupEnv,
		foreignHosts: slices.Clone(cfg.ForeignHosts), settling: cfg.Settling,
		release: strings.TrimSpace(cfg.Release), memory: cfg.Memory, note: cfg.Note, owner: cfg.Owner,
		header: maps.Clone(cfg.Header), secretHeader: maps.Clone(cfg.SecretHeader),
	}
	switch {
	case cfg.URL == "" && cfg.Handler == nil:
		problems.Addf("", "set URL or Handler: there is nothing to check")
	case cfg.URL != "" && cfg.Handler != nil:
		problems.Addf("", "set URL or Handler, not both")
	case cfg.URL != "":
		var ok bool
		if c.base, ok = baseURL(cfg.URL); !ok { // the text may hold a password: it is not repeated
			hint := ""
			if !strings.Contains(cfg.URL, "://") {
				hint = "; there is no http:// or https:// in front"
			}
			problems.Addf("URL", "must be http:// or https:// with a host, and no user, path, query or fragment%s", hint)
		} else if letters := foreignLetters(cfg.URL); letters != "" {
			problems.Addf("URL", "%s", letters)
		}
	}
	if cfg.Timeout < 0 {
		problems.Addf("Timeout", "must not be negative, got %s", cfg.Timeout)
	}
	if cfg.RunTimeout < 0 {
		problems.Addf("RunTimeout", "must not be negative, got %s", cfg.RunTimeout)
	}
	for i, host := range cfg.ForeignHosts {
		if u, ok := baseURL("https://" + host); !ok || u.Host != host || u.Port() != "" {
			problems.Addf(cfgerr.Index("ForeignHosts", i, ""), "must be the name of a host, such as staging.market.example")
		}
	}
	cfg.Settling.check(problems)
	if c.settling.Within == 0 {
		c.settling.Within = defaultSettleWithin
	}
	if c.settling.Field == "" {
		c.settling.Field = defaultSettleField
	}
	checkClient(problems, cfg)
	if c.timeout == 0 {
		c.timeout = defaultTimeout
	}
	if c.runTimeout == 0 {
		p := cfg.Performance
		c.runTimeout = defaultRunTimeout + time.Duration(len(p.Endpoints))*time.Minute
		if p.Load.Users > 0 {
			c.runTimeout += 4 * cmp.Or(p.Load.For, defaultLoadFor)
		}
	}
	if c.lookupEnv == nil {
		c.lookupEnv = os.LookupEnv
	}
	if len(cfg.Steps) == 0 {
		problems.Addf("Steps", "name at least one step")
	}
	if cfg.BasicAuth != nil {
		c.basicAuth = &BasicAuth{User: cfg.BasicAuth.User, Secret: cfg.BasicAuth.Secret}
	}
	origin := c.base
	if cfg.Handler != nil {
		origin = &url.URL{Scheme: "https", Host: inProcessHost, Path: "/"}
	}
	c.hosts, c.declared = checkHosts(problems, cfg, origin)
	checkAccess(problems, c, cfg)
	c.performance = cfg.Performance.check(problems, c)
	checkSteps(problems, c)
	checkEntries(problems, c)
	checkKept(problems, cfg)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// checkKept reports what cannot be kept for the next release as it is.
func checkKept(problems *cfgerr.List, cfg Config) {
	if n := len(cfg.Release); n > maxRelease {
		problems.Addf("Release", "must be at most %d bytes, got %d", maxRelease, n)
	}
	if n := len(cfg.Note); n > maxNote {
		problems.Addf("Note", "must be at most %d bytes, got %d: the rest belongs into the description of the change", maxNote, n)
	}
	if m, ok := cfg.Memory.(MemoryFuncs); ok && (m.LoadFunc == nil || m.SaveFunc == nil) {
		problems.Addf("Memory", "MemoryFuncs needs both LoadFunc and SaveFunc")
	}
}

func checkClient(problems *cfgerr.List, cfg Config) {
	if cfg.Client == nil {
		return
	}
	if cfg.Handler != nil {
		problems.Addf("Client", "is for a URL; a Handler needs none")
	}
	if cfg.Client.Jar != nil {
		problems.Addf("Client.Jar", "must be nil: every session of a run has its own cookies")
	}
	if cfg.Client.CheckRedirect != nil {
		problems.Addf("Client.CheckRedirect", "must be nil: redirects are followed and judged by the check")
	}
	if cfg.Client.Timeout != 0 {
		problems.Addf("Client.Timeout", "must be 0: use Config.Timeout")
	}
}
