package cache

import (
	"cmp"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/launchready/readiness/internal/cfgerr"
)

// RedisConfig is how a [NewRedisStore] store uses its Redis.
type RedisConfig struct {
	_ [0]func()

	// Prefix begins every key. Default "readiness:cache". Two applications
	// that share one Redis database need two prefixes; so does a release
	// whose pages must not be mixed with those of the one before.
	Prefix string
	// Timeout bounds every call. Default 50 ms. What takes longer is as good
	// as an error: the handler answers.
	Timeout time.Duration
}

const (
	defaultPrefix  = "readiness:cache"
	defaultTimeout = 50 * time.Millisecond
	maxPrefix      = 128
)

// NewRedisStore returns a Store that keeps pages and generations in Redis, so
// that replicas share both. What is wrong with its arguments is reported by
// [New].
//
// It is strict: every hit is one trip that reads the page and its generations
// together, and a page is served only where none has changed. A purge is one
// call whatever the number of pages. So nothing is served after its purge has
// returned, while the primary holds: a failover to a replica that lacks a
// purge loses it, which the TTL bounds.
//
// While Redis is down, slow or refuses, handlers answer and nothing is
// stored; after an error it is left alone for a second. A purge that it did
// not take is kept, and sent before anything else is read.
//
// The store never changes the client and never closes it. Where the client
// was not made with ContextTimeoutEnabled, the store uses the client's own
// WithTimeout copy, which shares its connections and has none of its hooks. A
// *redis.ClusterClient or *redis.Ring has no such copy and must be made with
// ContextTimeoutEnabled.
func NewRedisStore(client redis.UniversalClient, cfg RedisConfig) Store {
	s := &redisStore{
		given: client, client: client, cfg: cfg,
		prefix: cmp.Or(cfg.Prefix, defaultPrefix), timeout: cmp.Or(cfg.Timeout, defaultTimeout),
		open: redis.NewScript(openScript), bump: redis.NewScript(bumpScript),
		guard: guard{now: time.Now},
	}
	if c, ok := client.(*redis.Client); ok && c != nil && s.timeout > 0 && !c.Options().ContextTimeoutEnabled {
		s.client = c.WithTimeout(s.timeout)
	}
	return s
}

func (s *redisStore) check(problems *cfgerr.List) {
	switch c := s.given.(type) {
	case nil:
		problems.Addf("Store", "NewRedisStore needs a client, got nil")
	case *redis.Client:
		if c == nil {
			problems.Addf("Store", "NewRedisStore needs a client, got a nil *redis.Client")
		}
	case *redis.ClusterClient:
		if c == nil || !c.Options().ContextTimeoutEnabled {
			problems.Addf("Store", "the *redis.ClusterClient needs ContextTimeoutEnabled: true in its ClusterOptions, or no call would end in time")
		}
	case *redis.Ring:
		if c == nil || !c.Options().ContextTimeoutEnabled {
			problems.Addf("Store", "the *redis.Ring needs ContextTimeoutEnabled: true in its RingOptions, or no call would end in time")
		}
	default:
		problems.Addf("Store", "NewRedisStore takes a *redis.Client, *redis.ClusterClient or *redis.Ring, got %T, whose calls it cannot bound", s.given)
	}
	if strings.ContainsAny(s.prefix, "{}") || len(s.prefix) > maxPrefix {
		problems.Addf("Store", "RedisConfig.Prefix must be at most %d bytes without braces, got %q", maxPrefix, s.prefix)
	}
	if s.cfg.Timeout < 0 {
		problems.Addf("Store", "RedisConfig.Timeout must be positive, got %s", s.cfg.Timeout)
	}
}
