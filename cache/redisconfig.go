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
	// Strict asks Redis about every hit: one trip, and no replica serves a
	// page after its purge has returned. Default false: a hit in this process
	// costs no trip while the process hears of every purge, and a replica
	// that has lost its Redis may serve a page for two seconds after.
	Strict bool
	// NearBytes bounds the pages that are kept in this process besides: keys,
	// headers and bodies, with what each entry costs. Default 32 MiB.
	NearBytes int64
	// Compress keeps a body above 1 KiB compressed in Redis where that saves
	// a tenth of it. Default false. All replicas read both.
	Compress bool
}

const (
	defaultPrefix    = "readiness:cache"
	defaultTimeout   = 50 * time.Millisecond
	defaultNearBytes = 32 << 20
	maxPrefix        = 128
)

// NewRedisStore returns a Store that keeps pages and generations in Redis, so
// that replicas share both, and the pages in use in the process too. What is
// wrong with its arguments is reported by [New].
//
// While [Cache.Run] is running, every replica tails a log of all purges: a
// hit in the process costs no trip. A purge is then seen by the replica that
// made it when it returns, by the others within the delay of the network, and
// at most two seconds after it by one that cannot reach Redis. A purge that
// Redis did not take (Snapshot.PurgesOwed) is seen by the replica that made it
// alone: others that can read Redis may serve the page until Redis takes the
// purge, and to the page's end where that replica stops before. With
// [RedisConfig.Strict], and while Run is not running, every hit is one trip
// that reads the generations, and nothing is served after its purge has
// returned.
//
// A purge is one call of Redis whatever the number of pages. Both promises
// hold while the primary does: a failover to a replica that lacks a purge
// loses it, which the TTL bounds. So does a Ring whose shards come and go. The
// client must read from the primary.
//
// While Redis is down, slow or refuses, handlers answer and nothing is
// stored; after an error it is left alone for a second. A purge that it did
// not take is kept in this process, and sent before anything else is read.
// The tail keeps one connection of the client busy.
//
// The store never changes the client and never closes it. Where the client
// was not made with ContextTimeoutEnabled, the store uses the client's own
// WithTimeout copy, which shares its connections and has none of its hooks;
// the tail always does. A *redis.ClusterClient or *redis.Ring has no such copy
// and must be made with ContextTimeoutEnabled.
func NewRedisStore(client redis.UniversalClient, cfg RedisConfig) Store {
	s := &redisStore{
		given: client, client: client, reader: client, cfg: cfg,
		prefix: cmp.Or(cfg.Prefix, defaultPrefix), timeout: cmp.Or(cfg.Timeout, defaultTimeout), block: tailBlock,
		lease: newLease(time.Now()), tailing: make(chan struct{}, 1), now: time.Now,
		bump: redis.NewScript(bumpScript), open: redis.NewScript(openScript), newest: redis.NewScript(newestScript),
	}
	s.near, s.nearErr = newNear(max(0, cmp.Or(cfg.NearBytes, defaultNearBytes)))
	switch c := client.(type) {
	case *redis.Client:
		if c == nil || s.timeout <= 0 {
			break
		}
		s.reader = c.WithTimeout(s.block + s.timeout)
		if !c.Options().ContextTimeoutEnabled {
			s.client = c.WithTimeout(s.timeout)
		}
	case *redis.ClusterClient:
		if c != nil {
			s.waitLess(c.Options().ReadTimeout)
		}
	case *redis.Ring:
		if c != nil {
			s.waitLess(c.Options().ReadTimeout)
		}
	}
	return s
}

// waitLess keeps the tail from waiting longer than a client waits for an
// answer.
func (s *redisStore) waitLess(timeout time.Duration) {
	if timeout > 0 {
		s.block = max(time.Millisecond, min(s.block, timeout/2))
	}
}

func (s *redisStore) check(problems *cfgerr.List) {
	s.checkClient(problems)
	if strings.ContainsAny(s.prefix, "{}") || len(s.prefix) > maxPrefix {
		problems.Addf("Store", "RedisConfig.Prefix must be at most %d bytes without braces, got %q", maxPrefix, s.prefix)
	}
	if s.cfg.Timeout < 0 {
		problems.Addf("Store", "RedisConfig.Timeout must be positive, got %s", s.cfg.Timeout)
	}
	if s.cfg.NearBytes < 0 {
		problems.Addf("Store", "RedisConfig.NearBytes must be positive, got %d", s.cfg.NearBytes)
	} else if s.nearErr != nil {
		problems.Addf("Store", "the pages in this process cannot be kept: %w", s.nearErr)
	}
}

func (s *redisStore) owes() int { return s.guard.owes() }

func (s *redisStore) leases() bool { return !s.cfg.Strict }

func (s *redisStore) checkClient(problems *cfgerr.List) {
	switch c := s.given.(type) {
	case nil:
		problems.Addf("Store", "NewRedisStore needs a client, got nil")
	case *redis.Client:
		if c == nil {
			problems.Addf("Store", "NewRedisStore needs a client, got a nil *redis.Client")
		}
	case *redis.ClusterClient:
		switch {
		case c == nil || !c.Options().ContextTimeoutEnabled:
			problems.Addf("Store", "the *redis.ClusterClient needs ContextTimeoutEnabled: true in its ClusterOptions, or no call would end in time")
		case c.Options().ReadOnly:
			problems.Addf("Store", "the *redis.ClusterClient reads from replicas, which do not know of every purge: remove ReadOnly, RouteByLatency and RouteRandomly from its ClusterOptions")
		}
	case *redis.Ring:
		if c == nil || !c.Options().ContextTimeoutEnabled {
			problems.Addf("Store", "the *redis.Ring needs ContextTimeoutEnabled: true in its RingOptions, or no call would end in time")
		}
	default:
		problems.Addf("Store", "NewRedisStore takes a *redis.Client, *redis.ClusterClient or *redis.Ring, got %T, whose calls it cannot bound", s.given)
	}
}
