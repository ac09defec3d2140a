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
	maxReplicas    = 10_000
)

// RedisConfig says how a Redis store uses its server. The zero value is good.
type RedisConfig struct {
	_ [0]func()

	// Prefix begins every key, so that several services can share a server.
	// Default: "ratelimit". At most 64 letters, digits and the characters
	// -_.: are allowed.
	Prefix string
	// Timeout caps how long a call of Redis takes. Default: 50 ms. 1 ms to
	// 1 s. Where a connection has to be made first, with a Client whose options
	// do not say ContextTimeoutEnabled, it may take twice as long. In a burst a
	// request may wait for its turn before, for up to four times as long.
	// Where processes compete for too few cores, an answer that is there may
	// be read too late, and counts as slow: raise it there.
	Timeout time.Duration
	// Replicas is how many processes share the limits. While Redis does not
	// count, each of them admits a Replicas-th part of a limit, rounded up.
	// Default (0): 1, so that each admits all of it. At most 10,000.
	Replicas int
}

// NewRedisStore returns a Store that counts in Redis (version 5 or newer),
// for replicas that must agree. Together they never count more than a rule's
// Limit by the weighting of its window: there is one script call for all keys
// of a request, on the server's clock, and none where a key was denied less
// than a second ago. At most four calls are under way at a time; requests that
// come meanwhile share the next ones. What is wrong with client or cfg is reported by [New],
// under Store.
//
// client is a *redis.Client (a single server or Sentinel), a
// *redis.ClusterClient or a *redis.Ring, and remains the caller's: it is
// neither changed nor closed. A Client whose options do not say
// ContextTimeoutEnabled is used through its WithTimeout copy, which runs none
// of the hooks that were added to it; ClusterClient and Ring have no such
// copy, so that their options must say ContextTimeoutEnabled. Retries are the
// client's (MaxRetries): a retried call may count a request twice, never not
// at all. In a Cluster and a Ring the keys of a request lie on several nodes.
// Each has its own call then, all at once, and where one denies, the others
// are taken back: for that moment somebody else may be denied.
//
// Where Redis does not answer within the Timeout, or answers with an error,
// the requests that wait for it at that moment are counted in this process,
// and so are all others until it counts again: a warning and an [Event] say
// so. This process then begins with what Redis has told it, at its share of
// the limits (Replicas); rules that say FailClosed deny. Redis is tried
// meanwhile with the same script, by a goroutine that a request starts, that
// nobody waits for and that ends by itself. Once it answers it is first told
// what was counted without it, for up to 100,000 keys. If it has lost its
// counts, by a restart, FLUSHALL or an eviction, each key begins again with
// the most that a replica knows of it.
//
// Requests of a client that hangs up are counted all the same. Redis sees
// hashes only: see [Config.Secret].
func NewRedisStore(client redis.UniversalClient, cfg RedisConfig) Store {
	return &redisStore{client: client, cfg: cfg}
}

type redisStore struct {
	client redis.UniversalClient
	cfg    RedisConfig
}

func (s *redisStore) bind(problems *cfgerr.List, in binding) backend {
	b := &redisBackend{
		redis:    redisCalls{timeout: s.cfg.Timeout},
		replicas: int64(max(s.cfg.Replicas, 1)),
		local:    newMemory(in.rules),
		log:      in.log,
		denials:  denials{longest: maxDenial},
		outages:  onceAMinute(in.log),
		emit:     in.emit,
	}
	b.scripts.take = redis.NewScript(takeScript)
	b.scripts.reset = redis.NewScript(resetScript)
	switch {
	case s.cfg.Timeout == 0:
		b.redis.timeout = defaultTimeout
	case s.cfg.Timeout < time.Millisecond || s.cfg.Timeout > maxTimeout:
		problems.Addf("Store.Timeout", "must be from 1ms to %s, got %s", maxTimeout, s.cfg.Timeout)
	}
	if s.cfg.Replicas < 0 || s.cfg.Replicas > maxReplicas {
		problems.Addf("Store.Replicas", "must be from 1 to %d, or 0 for 1, got %d", maxReplicas, s.cfg.Replicas)
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
	b.redis.client, b.redis.spread = bounded(problems, s.client, b.redis.timeout)
	b.names = newNames(prefix, in.secret, b.redis.spread)
	return b
}

// bounded returns client with the timeout, and whether it spreads keys over
// several nodes. It adds a problem where the client cannot have a timeout.
func bounded(problems *cfgerr.List, client redis.UniversalClient, timeout time.Duration) (_ redis.Cmdable, spread bool) {
	const enable = "set ContextTimeoutEnabled in its options: without it no deadline holds, and a stalled Redis stalls every request"
	switch c := client.(type) {
	case *redis.Client:
		switch {
		case c == nil:
		case c.Options().ContextTimeoutEnabled:
			return c, false // the deadline of each call holds, and the client's hooks run
		default:
			return c.WithTimeout(timeout), false
		}
	case *redis.ClusterClient:
		if c != nil {
			if !c.Options().ContextTimeoutEnabled {
				problems.Addf("Store", "the *redis.ClusterClient has no deadlines; %s", enable)
			}
			return c, true
		}
	case *redis.Ring:
		if c != nil {
			if !c.Options().ContextTimeoutEnabled {
				problems.Addf("Store", "the *redis.Ring has no deadlines; %s", enable)
			}
			return c, true
		}
	case nil:
	default:
		problems.Addf("Store", "a client of type %T is not supported, because its deadlines are not known; use *redis.Client, *redis.ClusterClient or *redis.Ring", client)
		return nil, false
	}
	problems.Addf("Store", "NewRedisStore was given a nil client; connect one with redis.NewClient")
	return nil, false
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
