package cache

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	tailBlock = time.Second // how long one read of the log waits for a purge
	tailCount = 512         // entries that one read returns at most
	tailPause = 100 * time.Millisecond
	tailRest  = time.Second // the longest pause after an error
)

// run tails the log of purges, so that the lease holds, until ctx ends. Where
// several Caches share the store, one of them tails it for all.
func (s *redisStore) run(ctx context.Context) {
	if s.cfg.Strict {
		<-ctx.Done() // there is no lease to renew
		return
	}
	select {
	case s.tailing <- struct{}{}:
	case <-ctx.Done():
		return
	}
	defer func() {
		s.lease.end()
		<-s.tailing
	}()
	t, pause := tail{store: s}, tailPause
	for ctx.Err() == nil {
		if t.advance(ctx) == nil {
			pause = tailPause
			s.repay(ctx)
			continue
		}
		// The lease runs out by itself. The place in the log is kept: where
		// the log proves to go on from there, nothing was missed.
		select {
		case <-time.After(pause):
			pause = min(2*pause, tailRest)
		case <-ctx.Done():
		}
	}
}

// tail reads the log of purges from one place on.
type tail struct {
	store *redisStore
	last  streamID // the newest entry that was read; none before the first
}

// advance reads the log once and tells the lease what it says.
func (t *tail) advance(ctx context.Context) error {
	if t.last == (streamID{}) {
		return t.begin(ctx)
	}
	sent := t.store.now()
	entries, err := t.read(ctx)
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		return t.confirm(ctx)
	}
	for _, e := range entries {
		if err := t.hear(e); err != nil {
			t.lose(streamID{})
			return err
		}
	}
	if len(entries) < tailCount { // else there are more
		t.store.lease.renew(sent)
	}
	return nil
}

// begin takes the newest entry for the place to begin at.
func (t *tail) begin(ctx context.Context) error {
	sent := t.store.now()
	newest, err := t.newest(ctx)
	if err != nil {
		return err
	}
	t.lose(newest) // until now nobody listened
	t.store.lease.renew(sent)
	return nil
}

// confirm is called when nothing has come: then either nothing was purged, or
// the log has been trimmed, deleted, or replaced by an older one.
func (t *tail) confirm(ctx context.Context) error {
	sent := t.store.now()
	newest, err := t.newest(ctx)
	switch {
	case err != nil:
		return err
	case newest == t.last:
		t.store.lease.renew(sent)
	case newest.before(t.last):
		t.lose(newest)
	default: // it has come since: the next read tells what
	}
	return nil
}

// hear tells the lease of one entry.
func (t *tail) hear(e redis.XMessage) error {
	id, ok := parseStreamID(e.ID)
	text, _ := e.Values["names"].(string)
	names, wellFormed := readLogNames(text)
	if !ok || !wellFormed {
		return errors.New("cache: an entry of the log in Redis is not one of ours")
	}
	if before, _ := e.Values["before"].(string); before != t.last.String() {
		t.lose(id)
		return nil
	}
	t.store.lease.heard(names)
	t.last = id
	return nil
}

// lose gives up what was seen so far, and goes on from another place.
func (t *tail) lose(next streamID) {
	t.store.lease.missed()
	t.last = next
}

// read waits for entries after the last one.
func (t *tail) read(ctx context.Context) ([]redis.XMessage, error) {
	s := t.store
	ctx, cancel := context.WithTimeout(ctx, s.block+s.timeout)
	defer cancel()
	// Not XRead: the client gives a call that it knows to block ten seconds
	// more than it asks for.
	cmd := redis.NewXStreamSliceCmd(ctx, "xread", "count", tailCount, "block", s.block.Milliseconds(), "streams", s.logKey(), t.last.String())
	cmd.SetFirstKeyPos(6)
	if err := s.reader.Process(ctx, cmd); err != nil && !errors.Is(err, redis.Nil) {
		return nil, err
	}
	for _, stream := range cmd.Val() {
		return stream.Messages, nil
	}
	return nil, nil
}

// newest returns the newest entry of the log, which is never without one.
func (t *tail) newest(ctx context.Context) (streamID, error) {
	s := t.store
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	text, err := s.newest.Run(ctx, s.reader, []string{s.logKey()}, generationLife.Milliseconds()).Text()
	if err != nil {
		return streamID{}, err
	}
	id, ok := parseStreamID(text)
	if !ok {
		return streamID{}, errors.New("cache: Redis answered what is no id of a stream")
	}
	return id, nil
}
