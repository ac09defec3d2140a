package cache

import (
	"context"
	"fmt"
)

const (
	maxLog      = 10_000   // purges that the log holds, about
	maxLogNames = 16 << 10 // bytes of names in one entry; more of them become everything
)

// purge is one call of a script, whatever the number of names and of pages.
// It sends what Redis is owed with it. What Redis does not take is owed from
// then on, sent or not: to send a purge twice does no harm.
func (s *redisStore) purge(ctx context.Context, names []string, how purgeKind) error {
	err := s.guard.enter(s.now())
	if err == nil {
		ctx, cancel := s.bounded(ctx)
		defer cancel()
		err = s.settle(ctx, names, how)
	}
	if err != nil {
		s.guard.owe(names, how)
	}
	// In any case, and after the call: what was read from Redis while it ran
	// may be older than the purge. Where the purge is owed, what this process
	// reads from here on is read after it is paid.
	s.lease.heard(names)
	if err != nil {
		return fmt.Errorf("cache: the purge is kept until Redis takes it: %w", err)
	}
	return nil
}

// settle purges the names and all that Redis is owed.
func (s *redisStore) settle(ctx context.Context, names []string, how purgeKind) error {
	debts := s.guard.owed()
	var kinds [2][]string
	kinds[how] = names[:len(names):len(names)]
	for _, d := range debts {
		kinds[d.how] = append(kinds[d.how], d.name)
	}
	all := append(kinds[hard], kinds[soft]...)
	if len(all) == 0 {
		return nil
	}
	keys := append(s.generationKeys(all, anyGroup), s.logKey())
	err := s.bump.Run(ctx, s.client, keys, len(kinds[hard]), generationLife.Milliseconds(), maxLog, logNames(all)).Err()
	if err == nil {
		s.guard.paid(debts)
	}
	return s.guard.left(err, s.now())
}

// repay sends Redis what it is owed, where no request does.
func (s *redisStore) repay(ctx context.Context) {
	if len(s.guard.owed()) > 0 {
		// An error is told by the next call, which begins with the same.
		_ = s.call(ctx, func(context.Context) error { return nil })
	}
}

// logNames writes names for an entry of the log. What is too much for one
// entry is written as everything.
func logNames(names []string) string {
	var b []byte
	for _, name := range names {
		if b = appendPart(b, short(name)); len(b) > maxLogNames {
			return string(appendPart(nil, everything))
		}
	}
	return string(b)
}

// readLogNames reads what logNames wrote; ok is false for anything else.
func readLogNames(text string) (names []string, ok bool) {
	r := reader{left: []byte(text)}
	for len(r.left) > 0 && !r.broken {
		names = append(names, r.part())
	}
	return names, !r.broken
}
