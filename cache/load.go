package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"go.uber.org/zap"
)

// LoadKey says which value is loaded.
type LoadKey struct {
	_ [0]func()

	// Name is the Name of a [LoadPolicy].
	Name string
	// Args are the values of the policy's Args, in their order.
	Args []string
}

// Load returns the value of key from the store, or else what load returns,
// which is then stored. It is for what is expensive to read and the same for
// many, where whole pages cannot be shared: listings, reference data.
//
// It has what pages have: the declared decision (its [LoadPolicy]), the tags
// and purges, one run of load for concurrent calls, the store and its bounds.
// A softly purged value is returned while one caller loads it anew.
//
// Values are kept as JSON. What T does not marshal is lost, on the first call
// too, so that it is missed in the first test and not with the first hit; T
// must be a type that reads its own JSON. The key holds the type, with the
// names and types of its fields: a value that another type wrote, or another
// release of it, is never read. Of two types that have all of that in common,
// as two functions can declare them, only the first one's values are kept.
// Each caller gets a value of its own, to keep and to change.
//
// An error of load is returned as it is and nothing is stored; who waited for
// it calls its own. A caller whose ctx ends while it waits gets the ctx's
// error, and the others go on. Where the store does not answer, load is
// called. A value whose JSON is larger than [Config.MaxBody] is returned and
// not stored. Load is safe for concurrent use.
//
// Its own errors say what the program has wrong: a Name that no LoadPolicy
// has, another number of Args, a T that is not JSON.
func Load[T any](ctx context.Context, c *Cache, key LoadKey, load func(context.Context) (T, error)) (T, error) {
	var v T
	body, err := c.loaded(ctx, key, reflect.TypeFor[T](), func(ctx context.Context) ([]byte, error) {
		v, err := load(ctx)
		if err != nil {
			return nil, err
		}
		body, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("cache: Load %q: %T cannot be kept as JSON: %w", key.Name, v, err)
		}
		return body, nil
	})
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal(body, &v); err != nil {
		var none T
		return none, fmt.Errorf("cache: Load %q: %T does not read its own JSON: %w", key.Name, none, err)
	}
	return v, nil
}

// loading is one call of Load.
type loading struct {
	cache  *Cache
	policy *loadPolicy
	key    string
	stamp  stamp
	load   func(context.Context) ([]byte, error)
}

// loaded returns the JSON of a value.
func (c *Cache) loaded(ctx context.Context, k LoadKey, t reflect.Type, load func(context.Context) ([]byte, error)) ([]byte, error) {
	p := c.loads[k.Name]
	if p == nil {
		return nil, fmt.Errorf("cache: Load %q: no LoadPolicy of Config.Loads has that Name", k.Name)
	}
	if len(k.Args) != len(p.Args) {
		return nil, fmt.Errorf("cache: Load %q: Args must be %q, got %d", k.Name, p.Args, len(k.Args))
	}
	if err := ctx.Err(); err != nil {
		c.tell(&p.stats, p.Name, Miss, "wait-ended")
		return nil, err
	}
	shape, ok := p.types.of(t)
	if !ok {
		c.log.Warn("cache: two types of one name and the same fields are loaded under one Name; the values of the second are not kept: rename one of them",
			zap.String("load", p.Name), zap.Stringer("type", t))
		c.tell(&p.stats, p.Name, Pass, "type")
		return load(ctx)
	}
	buf := append(make([]byte, 0, 128), p.id...)
	buf = appendPart(buf, shape)
	for _, arg := range k.Args {
		buf = appendPart(buf, arg)
	}
	if len(buf) > maxKey {
		c.tell(&p.stats, p.Name, Pass, "key-length")
		return load(ctx)
	}
	l := &loading{cache: c, policy: p, key: string(buf), load: load}
	s := scope{load: p.names(k.Args)}
	f, err := c.store.get(ctx, buf, s)
	switch {
	case err != nil:
		c.failures.add(err)
		c.tell(&p.stats, p.Name, Miss, "store")
		return load(ctx)
	case f.page != nil && !f.soft:
		c.tell(&p.stats, p.Name, Hit, "")
		return f.page.body, nil
	}
	if l.stamp = f.stamp; l.stamp.names == nil {
		if l.stamp, err = c.store.read(ctx, s); err != nil {
			c.failures.add(err)
			c.tell(&p.stats, p.Name, Miss, "store")
			return load(ctx)
		}
	}
	return l.miss(ctx, f.page)
}

// miss returns the value of this caller's run or of another's. prior is the
// softly purged one, nil where there is none.
func (l *loading) miss(ctx context.Context, prior *entry) ([]byte, error) {
	timer := time.NewTimer(waitAtMost)
	defer timer.Stop()
	for {
		f, leads := l.cache.flights.join(l.key, l.stamp)
		switch {
		case f == nil || leads:
			return l.run(ctx, f)
		case prior != nil:
			l.cache.tell(&l.policy.stats, l.policy.Name, Stale, "soft-purge")
			return prior.body, nil
		}
		select {
		case <-f.done:
		case <-timer.C:
			return l.run(ctx, nil)
		case <-ctx.Done():
			l.cache.tell(&l.policy.stats, l.policy.Name, Miss, "wait-ended")
			return nil, ctx.Err()
		}
		if f.landing.page != nil {
			l.cache.tell(&l.policy.stats, l.policy.Name, Hit, "collapsed")
			return f.landing.page.body, nil
		}
		if !f.landing.again {
			return l.run(ctx, nil)
		}
	}
}

// run calls the function and stores what it returns.
func (l *loading) run(ctx context.Context, f *flight) ([]byte, error) {
	c := l.cache
	defer func() {
		f.land(landing{again: ctx.Err() != nil}) // after an error or a panic
		if f != nil {
			c.flights.leave(l.key, f)
		}
	}()
	c.tell(&l.policy.stats, l.policy.Name, Miss, "")
	body, err := l.load(ctx)
	if err != nil {
		if ctx.Err() == nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
			f.land(landing{again: true}) // a deadline of its own: the next one may have more luck
		}
		return nil, err
	}
	if int64(len(body)) > c.maxBody {
		return body, nil
	}
	e := &entry{body: body, born: l.stamp.at, fresh: l.policy.TTL, ends: l.stamp.at.Add(l.policy.TTL)}
	f.land(landing{page: e, key: l.key})
	_, err = c.store.set(context.WithoutCancel(ctx), l.key, e, l.stamp)
	c.failures.add(err)
	return body, nil
}
