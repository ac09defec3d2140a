package ratelimit

import (
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
	// Secret keys the hashes under which a Redis store keeps its counts, so
	// that neither addresses nor e-mail addresses stand in Redis. A Redis store
	// requires it, at least 32 bytes, the same on all replicas; without one it
	// is not used. It is never logged, and is not itself sent anywhere: the
	// secret that signs your sessions will do.
	Secret []byte
	// Logger gets warnings. Default (nil): none. No field holds an address, a
	// key, or an error's text.
	Logger *zap.Logger
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
	// "CF-Connecting-IP", which Cloudflare replaces. It is required with
	// TrustedProxies, and useless without.
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
	l := &Limiter{
		rules: rules,
		table: route.New(problems, entries(rules), route.Options{}),
		clients: clientip.New(problems, "ClientIP", clientip.Options{
			TrustedProxies: cfg.ClientIP.TrustedProxies,
			Header:         cfg.ClientIP.Header,
			Logger:         log,
		}),
		badKeys: onceAMinute(log),
	}
	if cfg.Store == nil {
		l.counts = newMemory(rules)
	} else {
		l.counts = cfg.Store.bind(problems, binding{rules: rules, secret: cfg.Secret, log: log, emit: func(Event) {}})
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return l, nil
}

func entries(rules []*rule) []route.Entry {
	list := make([]route.Entry, len(rules))
	for i, r := range rules {
		list[i] = route.Entry{Pattern: r.pattern, Path: cfgerr.Index("Rules", i, "Pattern")}
	}
	return list
}
