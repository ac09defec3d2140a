package ratelimit

import (
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/launchready/readiness/internal/cfgerr"
)

const (
	defaultPrefix  = "ratelimit"
	defaultTimeout = 50 * time.Millisecond
	maxTimeout     = time.Second
	minSecret      = 32
)

// RedisConfig says how a Redis store uses its server. The zero value is good.
type RedisConfig struct {
	_ [0]func()

	// Prefix begins every key, as "{Prefix}:", so that several services can
	// share a server. Default: "ratelimit". At most 64 letters, digits and
	// the characters -_.: are allowed. The braces are a hash tag: in a Cluster
	// all keys are in one slot, because the rules of a request are taken
	// together, and so one node carries all of the limits' load.
	Prefix string
	// Timeout caps how long a request waits for Redis. Default: 50 ms. At most
	// 1 s. Where a connection has to be made first, a Client whose options do
	// not say ContextTimeoutEnabled may wait twice as long.
	Timeout time.Duration
}

// NewRedisStore returns a Store that counts in Redis (version 5 or newer),
// for replicas that must agree. Together they never count more than a rule's
// Limit by the weighting of its window: there is one script call for all rules
// of a request, on the server's clock. What is wrong with client or cfg is
// reported by [New], under Store.
//
// client is a *redis.Client (a single server or Sentinel), a
// *redis.ClusterClient or a *redis.Ring, and remains the caller's: it is
// neither changed nor closed. A Client whose options do not say
// ContextTimeoutEnabled is used through its WithTimeout copy, which runs none
// of the hooks that were added to it; ClusterClient and Ring have no such copy,
// so that their options must say ContextTimeoutEnabled. Retries are the client's (MaxRetries): a
// retried call may count a request twice, never not at all.
//
// While Redis does not answer within the Timeout, or answers with an error,
// each process counts alone, at the full limit, beginning with what it has
// counted in earlier outages; a warning says so once a minute. A client that
// hangs up is counted all the same. Redis sees hashes only: see
// [Config.Secret].
func NewRedisStore(client redis.UniversalClient, cfg RedisConfig) Store {
	return &redisStore{client: client, cfg: cfg}
}

type redisStore struct {
	client redis.UniversalClient
	cfg    RedisConfig
}

func (s *redisStore) bind(problems *cfgerr.List, in binding) backend {
	b := &redisBackend{
		script:  redis.NewScript(takeScript),
		timeout: s.cfg.Timeout,
		local:   newMemory(in.rules),
		outages: onceAMinute(in.log),
	}
	switch {
	case b.timeout == 0:
		b.timeout = defaultTimeout
	case b.timeout < time.Millisecond || b.timeout > maxTimeout:
		problems.Addf("Store.Timeout", "must be from 1ms to %s, got %s", maxTimeout, b.timeout)
	}
	prefix := s.cfg.Prefix
	if prefix == "" {
		prefix = defaultPrefix
	}
	if len(prefix) > 64 || !plainPrefix(prefix) {
		problems.Addf("Store.Prefix", "%q must be at most 64 letters, digits and -_.:", prefix)
	}
	if len(in.secret) < minSecret {
		problems.Addf("Secret", "must have at least %d bytes with a Redis store, got %d, so that no address can be read from Redis; take them from a secret environment variable", minSecret, len(in.secret))
	}
	b.names = newNames(prefix, in.secret)
	b.client = bounded(problems, s.client, b.timeout)
	return b
}

// bounded returns client with the timeout, and adds a problem where it cannot
// have one.
func bounded(problems *cfgerr.List, client redis.UniversalClient, timeout time.Duration) redis.Scripter {
	const enable = "set ContextTimeoutEnabled in its options: without it no deadline holds, and a stalled Redis stalls every request"
	switch c := client.(type) {
	case *redis.Client:
		switch {
		case c == nil:
		case c.Options().ContextTimeoutEnabled:
			return c // the deadline of each call holds, and the client's hooks run
		default:
			return c.WithTimeout(timeout)
		}
	case *redis.ClusterClient:
		if c != nil {
			if !c.Options().ContextTimeoutEnabled {
				problems.Addf("Store", "the *redis.ClusterClient has no deadlines; %s", enable)
			}
			return c
		}
	case *redis.Ring:
		if c != nil {
			if !c.Options().ContextTimeoutEnabled {
				problems.Addf("Store", "the *redis.Ring has no deadlines; %s", enable)
			}
			return c
		}
	case nil:
	default:
		problems.Addf("Store", "a client of type %T is not supported, because its deadlines are not known; use *redis.Client, *redis.ClusterClient or *redis.Ring", client)
		return nil
	}
	problems.Addf("Store", "NewRedisStore was given a nil client; connect one with redis.NewClient")
	return nil
}

func plainPrefix(s string) bool {
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '-', c == '_', c == '.', c == ':':
		default:
			return false
		}
	}
	return true
}
