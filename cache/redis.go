package cache

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisStore keeps pages in two tiers: in Redis for all replicas, and those
// that this process has read or made lately in the process too. Redis alone
// says which page is good; the lease is what this process knows of that
// without asking.
type redisStore struct {
	given  redis.UniversalClient // as the application made it
	client redis.UniversalClient // bounded by timeout
	reader redis.UniversalClient // bounded by block and timeout, for the tail

	cfg     RedisConfig
	prefix  string
	timeout time.Duration
	block   time.Duration // how long the tail waits for a purge

	near    *near
	nearErr error // why near cannot be used
	lease   *lease
	guard   guard
	tailing chan struct{} // holds one: who tails the log
	now     func() time.Time

	bump, open, newest *redis.Script
}

// get costs no trip while the lease says that the near page is good, and one
// otherwise: the generations of a near page, or the page with its rest of
// life and its generations from Redis. It costs one more where the page has
// Cache-Groups, which stand in the page, and where a near page proves to have
// ended.
func (s *redisStore) get(ctx context.Context, of []byte, sc scope) (found, error) {
	now, key := s.now(), string(of)
	p := s.near.get(key, now)
	switch {
	case p == nil:
	case !s.cfg.Strict && s.lease.covers(p.seen, now):
		return found{page: p.entry, soft: p.soft, stamp: stamp{at: now}, under: p.values}, nil
	case s.lease.purged(p.seen):
		s.near.drop(key) // most likely it has ended
	default:
		if f, err := s.verify(ctx, key, p); err != nil || f.page != nil {
			return f, err
		}
	}
	return s.fetch(ctx, key, sc.names())
}

// verify asks Redis whether a near page is good. It finds no page where it is
// not.
func (s *redisStore) verify(ctx context.Context, key string, p *nearPage) (f found, err error) {
	err = s.call(ctx, func(ctx context.Context) error {
		at, seen := s.now(), s.lease.look(p.names)
		values, err := s.generations(ctx, p.names)
		if err != nil {
			return err
		}
		same, stale := compare(p.values, values)
		if !same || !at.Before(p.ends) {
			s.near.drop(key)
			return nil
		}
		if stale != p.soft || seen.era != p.seen.era {
			s.near.set(key, &nearPage{entry: p.entry, names: p.names, values: p.values, soft: stale, seen: seen})
		}
		f = found{page: p.entry, soft: stale, stamp: stamp{at: at}, under: p.values}
		return nil
	})
	return f, err
}

// fetch reads the page, its rest of life and its generations in one trip.
func (s *redisStore) fetch(ctx context.Context, key string, names []string) (f found, err error) {
	err = s.call(ctx, func(ctx context.Context) error {
		// Looked at before the trip: what is purged after Redis has answered
		// reaches the lease after this.
		at, seen := s.now(), s.lease.look(names)
		pipe := s.client.Pipeline()
		stored := pipe.Get(ctx, s.pageKey(key))
		left := pipe.PTTL(ctx, s.pageKey(key))
		now := pipe.MGet(ctx, s.generationKeys(names, anyGroup)...)
		if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		if err := errors.Join(left.Err(), now.Err()); err != nil {
			return err
		}
		st, err := stampOf(names, now.Val(), at)
		if err != nil {
			return err
		}
		f.stamp = st
		data, err := stored.Bytes()
		if err != nil || left.Val() <= 0 {
			return nil // the generations were read, which is what a miss needs
		}
		p, ok := decode(data, key)
		if !ok || !p.livesBy(names) {
			return nil
		}
		// Nobody's clock but this one, which the page is served by: those of
		// other machines differ.
		p.ends = at.Add(left.Val())
		p.born = p.ends.Add(-p.life)
		values := f.stamp.values
		if len(p.groups) > 0 {
			more := s.lease.look(p.groups)
			of, err := s.generations(ctx, p.groups)
			if err != nil {
				return err
			}
			values, seen = append(values[:len(values):len(values)], of...), seen.and(more)
		}
		same, stale := compare(p.values, values)
		if !same {
			return nil
		}
		f = found{page: p.entry, soft: stale, stamp: stamp{at: at}, under: p.values}
		s.near.set(key, &nearPage{entry: p.entry, names: p.names, values: p.values, soft: stale, seen: seen})
		return nil
	})
	if err != nil {
		return found{}, err
	}
	return f, nil
}

// read costs one trip.
func (s *redisStore) read(ctx context.Context, sc scope) (st stamp, err error) {
	err = s.call(ctx, func(ctx context.Context) error {
		names, at := sc.names(), s.now()
		values, err := s.client.MGet(ctx, s.generationKeys(names, anyGroup)...).Result()
		if err != nil {
			return err
		}
		st, err = stampOf(names, values, at)
		return err
	})
	return st, err
}

// drop takes the page out of the near tier when it has gone from Redis, so
// that no get brings it back from there. Other replicas may hold it near.
func (s *redisStore) drop(ctx context.Context, key string) error {
	defer s.near.drop(key)
	return s.call(ctx, func(ctx context.Context) error {
		return s.client.Unlink(ctx, s.pageKey(key)).Err()
	})
}

// call runs f with the store's timeout, unless Redis is being left alone, and
// sends it the purges that it is owed first.
func (s *redisStore) call(ctx context.Context, f func(context.Context) error) error {
	if err := s.guard.enter(s.now()); err != nil {
		return err
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	if err := s.settle(ctx, nil, hard); err != nil {
		return err
	}
	return s.guard.left(f(ctx), s.now())
}

// bounded returns a ctx with the store's timeout. A client that hangs up does
// not end a call: that would look like a failure of Redis.
func (s *redisStore) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), s.timeout)
}

// pageKey hashes: a key of a page holds what people searched for, and may be
// long. The page holds its whole key, so that a collision is a miss.
func (s *redisStore) pageKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return s.prefix + ":e:" + base64.RawURLEncoding.EncodeToString(sum[:])
}
