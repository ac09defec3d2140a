package cache

import (
	"context"
	"math"
	"slices"
	"strconv"
	"time"
)

// set stores a page for the rest of its life. It costs one trip, one more
// where a generation has no value yet, and one more for a page with
// Cache-Groups.
func (s *redisStore) set(ctx context.Context, key string, e *entry, st stamp) (stored bool, err error) {
	err = s.call(ctx, func(ctx context.Context) error {
		p := &nearPage{entry: e, names: slices.Concat(st.names, e.groups), values: slices.Clone(st.values)}
		if len(e.groups) > 0 {
			of, same, err := s.groupsUnder(ctx, e.groups, st)
			if err != nil || !same {
				return err
			}
			p.values = append(p.values, of...)
		}
		if opened, err := s.openAll(ctx, p); err != nil || !opened {
			return err
		}
		now := s.now()
		left := e.ends.Sub(now).Truncate(time.Millisecond)
		if left <= 0 {
			return nil
		}
		p.seen = s.lease.look(p.names)
		keys := s.generationKeys(p.names)
		pipe := s.client.Pipeline()
		pipe.Set(ctx, s.pageKey(key), encode(p, key, s.cfg.Compress), left)
		current := pipe.MGet(ctx, keys...)
		for _, k := range keys { // a generation ends after the pages that live by it
			pipe.PExpire(ctx, k, generationLife)
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return err
		}
		values, err := parseGenerations(current.Val(), len(keys))
		if err != nil {
			return err
		}
		// What was purged while it was made is in Redis, and is never served.
		if stored, p.soft = compare(p.values, values); stored {
			s.near.set(key, p)
		}
		return nil
	})
	return stored && err == nil, err
}

// groupsUnder returns the generations of a page's groups. Which groups a page
// has is known only when it is there: where none was purged since its handler
// began, their generations are the ones that it began under.
func (s *redisStore) groupsUnder(ctx context.Context, groups []string, st stamp) (values []generation, same bool, err error) {
	values, err = s.generations(ctx, append(groups[:len(groups):len(groups)], anyGroup))
	if err != nil {
		return nil, false, err
	}
	last := len(values) - 1
	return since(values[:last], values[last]), values[last].hard == st.groups, nil
}

// openAll gives those generations of a page that have no value one. It reports
// false where something was purged since they were read, which may have been
// the page: one that is made from here on is stored.
func (s *redisStore) openAll(ctx context.Context, p *nearPage) (opened bool, err error) {
	var missing []string
	var which []int
	earliest := uint64(math.MaxUint64) // of what they were read with
	for i, v := range p.values {
		if v.hard == 0 {
			missing, which, earliest = append(missing, p.names[i]), append(which, i), min(earliest, v.soft)
		}
	}
	if len(missing) == 0 {
		return true, nil
	}
	values, err := s.open.Run(ctx, s.client, s.generationKeys(missing, anyGroup), generationLife.Milliseconds(), strconv.FormatUint(earliest, 10)).StringSlice()
	if err != nil {
		return false, err
	}
	if len(values) != len(missing) {
		return false, nil
	}
	for i, text := range values {
		p.values[which[i]] = parseGeneration(text)
	}
	return true, nil
}
