package ratelimit

import (
	"crypto/rand"
	"net/http"
	"net/netip"

	"go.uber.org/zap"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/launchready/readiness/internal/clientip"
	"github.com/launchready/readiness/internal/route"
)

// ErrConfig is what every error of [New] is, for errors.Is.
var ErrConfig = cfgerr.ErrConfig

// ConfigError is one problem of a [Config], with the Path of the field.
type ConfigError = cfgerr.Error

// Config says what is limited. [New] copies what it needs: changing a Config
// afterwards changes nothing.
type Config struct {
	_ [0]func()

	// Rules are the limits; at least one is required.
	Rules []Rule
	// ClientIP says how a client's address is found. Default: the address of
	// the connection, and no header is believed.
	ClientIP ClientIP
	// Store is where the counts live. Default (nil): in this process, at most
	// 100,000 keys a rule. See [NewRedisStore].
	Store Store
	// Secret keys the hashes under which keys leave the process, to Redis, the
	// log and OnEvent, so that neither addresses nor e-mail addresses do. A
	// Redis store requires it, at least 32 bytes, the same on all replicas.
	// Default: another one for each process. It is never logged, and is not
	// itself sent anywhere: the secret that signs your sessions will do.
	Secret []byte
	// Logger gets warnings, and denials as information, at most ten a second
	// and every hundredth beyond. Default (nil): none. No field holds an
	// address, a key but as its hash, or an error's text.
	Logger *zap.Logger

	// OnEvent is told of every request that a rule has allowed or denied, and
	// of a Redis store that fails or recovers, for counters of your own.
	// Default (nil): nobody. It is called by many requests at a time, before
	// the handler, and must return at once. So it does not know yet what will
	// fail: [RuleState] has the successes.
	OnEvent func(Event)
	// OnDeny answers what is denied, to render a form again with its values:
	// the body can be read. Retry-After and Cache-Control: no-store are set;
	// the status is OnDeny's to write, Denial.Status. Default (nil): problem+json
	// or a small HTML page, whichever the client accepts. See also Rule.OnDeny.
	OnDeny func(http.ResponseWriter, *http.Request, Denial)
	// XRateLimit adds X-RateLimit-Limit, X-RateLimit-Remaining and
	// X-RateLimit-Reset (seconds since 1970), as httprate sets them, of the rule
	// by address that has the least left.
	XRateLimit bool
}

// ClientIP says whose word is taken for a client's address. The zero value
// takes nobody's: a client is the peer of its connection.
type ClientIP struct {
	_ [0]func()

	// TrustedProxies are the networks your own proxies connect from: see
	// [PrivateNetworks] and [CloudflareRanges]. Only what they send in Header
	// is believed. Clients inside these networks can choose their address.
	// Prefixes wider than 10.0.0.0/8 or fc00::/7 are refused.
	TrustedProxies []netip.Prefix
	// Header is the one header that the proxies set: "X-Forwarded-For" or
	// "Forwarded", to which each proxy adds its peer at the right end, or
	// "CF-Connecting-IP", which Cloudflare replaces. Where a trusted proxy does
	// not send it, all of its clients share the proxy's count. It is required
	// with TrustedProxies, and useless without.
	Header string
}

// New compiles cfg. Its error joins all problems of cfg, each a [*ConfigError]
// and each [ErrConfig]. No goroutine is started and nothing is connected to.
func New(cfg Config) (*Limiter, error) {
	problems := cfgerr.For("ratelimit")
	log := cfg.Logger
	if log == nil {
		log = zap.NewNop()
	}
	rules := compile(problems, cfg.Rules)
	for i, r := range rules {
		if r.Quiet && r.OnDeny == nil && cfg.OnDeny == nil {
			problems.Addf(cfgerr.Index("Rules", i, "Quiet"), "is set although nothing answers in the rule's place; set OnDeny to what shows the usual page")
		}
	}
	secret := cfg.Secret
	if len(secret) == 0 {
		secret = []byte(rand.Text())
	}
	l := &Limiter{
		rules: rules,
		table: route.New(problems, entries(rules), route.Options{}),
		clients: clientip.New(problems, "ClientIP", clientip.Options{
			TrustedProxies: cfg.ClientIP.TrustedProxies,
			Header:         cfg.ClientIP.Header,
			Logger:         log,
		}),
		ids: newIdentities(secret), log: log, denials: someASecond(log), badKeys: onceAMinute(log),
		onEvent: cfg.OnEvent, onDeny: cfg.OnDeny, xFields: cfg.XRateLimit,
	}
	if cfg.Store == nil {
		if n := len(cfg.Secret); n > 0 && n < minSecret {
			problems.Addf("Secret", "must have at least %d bytes, got %d, so that no key can be guessed from the log; take them from a secret environment variable, or leave it empty", minSecret, n)
		}
		l.counts = newMemory(rules)
	} else {
		l.counts = cfg.Store.bind(problems, binding{rules: rules, secret: cfg.Secret, log: log, emit: l.emit})
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return l, nil
}

func entries(rules []*rule) []route.Entry {
	list := make([]route.Entry, len(rules))
	for i, r := range rules {
		list[i] = route.Entry{Pattern: r.Pattern, Path: cfgerr.Index("Rules", i, "Pattern")}
	}
	return list
}
