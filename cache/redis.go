package cache

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	maxName = 200 // bytes of a generation's name that stand in a key as they are
	// generationLife is how long Redis keeps a generation. A page whose
	// generation has gone, by this or by eviction, is not served: generations
	// are never taken to be zero. So it need not outlive the pages, but
	// should.
	generationLife = maxTTL + time.Hour
)

type redisStore struct {
	given, client redis.UniversalClient
	cfg           RedisConfig
	prefix        string
	timeout       time.Duration
	open, bump    *redis.Script
	guard         guard
}

// A generation is the time of its purge in microseconds by the server's
// clock, and always more than it was: a counter that began again at one after
// an eviction would bring old pages back to life.
const (
	// openScript gives generations that have no value one, and returns for
	// each whether it had none.
	openScript = `
local t = redis.call('TIME')
local now = string.format('%.0f', t[1] * 1000000 + t[2])
local made = {}
for i, key in ipairs(KEYS) do
  if redis.call('SET', key, now, 'NX', 'PX', ARGV[1]) then made[i] = now else made[i] = '' end
end
return made`
	bumpScript = `
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
for _, key in ipairs(KEYS) do
  local old = tonumber(redis.call('GET', key) or '') or 0
  redis.call('SET', key, string.format('%.0f', math.max(old + 1, now)), 'PX', ARGV[1])
end
return #KEYS`
)

// get reads the page, its rest of life and its generations in one trip.
func (s *redisStore) get(ctx context.Context, key string, sc scope) (page *entry, st stamp, err error) {
	err = s.call(ctx, func(ctx context.Context) error {
		names := sc.names()
		pipe := s.client.Pipeline()
		stored := pipe.Get(ctx, s.pageKey(key))
		left := pipe.PTTL(ctx, s.pageKey(key))
		now := pipe.MGet(ctx, s.generationKeys(names)...)
		if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		for _, cmd := range []redis.Cmder{left, now} {
			if err := cmd.Err(); err != nil {
				return err
			}
		}
		st = stamp{names: names, values: make([]uint64, len(names)), at: time.Now()}
		for i, v := range now.Val() {
			if text, ok := v.(string); ok {
				st.values[i], _ = strconv.ParseUint(text, 10, 64) // what is no number is no generation: 0
			}
		}
		data, err := stored.Bytes()
		if err != nil || left.Val() <= 0 {
			return nil // the generations were read, which is what a miss needs
		}
		if e, made, ok := decode(data, key); ok && made.same(st) {
			e.expires = st.at.Add(left.Val())
			e.born = e.expires.Add(-sc.policy.TTL)
			page = e
		}
		return nil
	})
	if err != nil {
		return nil, stamp{}, err
	}
	return page, st, nil
}

// set stores a page for the rest of its life, which began before its handler
// ran. Generations that had no value when they were read get one first; where
// one has got it in the meantime, by a purge or by another replica, the page
// may be old and is not stored.
func (s *redisStore) set(ctx context.Context, key string, e *entry, st stamp) (stored bool, err error) {
	err = s.call(ctx, func(ctx context.Context) error {
		values := append([]uint64(nil), st.values...)
		var missing []string
		var which []int
		for i, v := range values {
			if v == 0 {
				missing, which = append(missing, s.generationKey(st.names[i])), append(which, i)
			}
		}
		if len(missing) > 0 {
			made, err := s.open.Run(ctx, s.client, missing, generationLife.Milliseconds()).StringSlice()
			if err != nil {
				return err
			}
			if len(made) != len(missing) {
				return errors.New("cache: Redis answered another number of generations than it was asked for")
			}
			for i, text := range made {
				if values[which[i]], err = strconv.ParseUint(text, 10, 64); err != nil {
					return nil // it has a value by now
				}
			}
		}
		left := time.Until(e.expires).Truncate(time.Millisecond)
		if left <= 0 {
			return nil
		}
		data := encode(e, key, stamp{names: st.names, values: values})
		if err := s.client.Set(ctx, s.pageKey(key), data, left).Err(); err != nil {
			return err
		}
		stored = true
		return nil
	})
	return stored, err
}

// purge sends what Redis is owed in the same call. What it does not take is
// owed from then on, sent or not: to send a purge twice does no harm.
func (s *redisStore) purge(ctx context.Context, names []string) error {
	err := s.guard.enter()
	if err == nil {
		ctx, cancel := s.bounded(ctx)
		defer cancel()
		err = s.settle(ctx, names)
	}
	if err != nil {
		s.guard.owe(names)
		return fmt.Errorf("cache: purge: %w", err)
	}
	return nil
}

// settle purges the names and all that Redis is owed.
func (s *redisStore) settle(ctx context.Context, names []string) error {
	debts := s.guard.owed()
	for _, d := range debts {
		names = append(names[:len(names):len(names)], d.name)
	}
	if len(names) == 0 {
		return nil
	}
	keys := s.generationKeys(names)
	err := s.guard.left(s.bump.Run(ctx, s.client, keys, generationLife.Milliseconds()).Err())
	if err == nil {
		s.guard.paid(debts)
	}
	return err
}

// call runs f with the store's timeout, unless Redis is being left alone, and
// sends it the purges that it is owed first.
func (s *redisStore) call(ctx context.Context, f func(context.Context) error) error {
	if err := s.guard.enter(); err != nil {
		return err
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	if err := s.settle(ctx, nil); err != nil {
		return err
	}
	return s.guard.left(f(ctx))
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

// generationKey puts all generations into one slot of a Cluster, where one
// script reaches them; pages spread over all slots.
func (s *redisStore) generationKey(name string) string {
	if len(name) > maxName {
		sum := sha256.Sum256([]byte(name))
		name = "#" + base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return "{" + s.prefix + "}:g:" + name
}

func (s *redisStore) generationKeys(names []string) []string {
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = s.generationKey(name)
	}
	return keys
}
