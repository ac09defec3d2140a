package cache

import (
	"cmp"
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// failures counts the store's errors and logs one a minute.
type failures struct {
	log   *zap.Logger
	count atomic.Uint64
	last  atomic.Pointer[time.Time]
	kind  atomic.Pointer[string] // of the last that asked the store
}

// onceAMinute returns log for what may happen with every request: of the same
// message it lets one a minute through. nil logs nothing.
func onceAMinute(log *zap.Logger) *zap.Logger {
	return cmp.Or(log, zap.NewNop()).WithOptions(zap.WrapCore(func(core zapcore.Core) zapcore.Core {
		return zapcore.NewSamplerWithOptions(core, time.Minute, 1, 0)
	}))
}

// add takes an error of the store. Its text may name hosts and holds what the
// driver likes, so that only its kind is logged.
func (f *failures) add(err error) {
	if err == nil {
		return
	}
	now := time.Now()
	f.last.Store(&now)
	if !errors.Is(err, errResting) { // which says nothing of its own
		kind := kindOf(err)
		f.kind.Store(&kind)
	}
	kind, n := "connection", f.count.Add(1)
	if known := f.kind.Load(); known != nil {
		kind = *known
	}
	f.log.Warn("cache: the store fails; handlers answer, and purges are kept until it takes them",
		zap.String("kind", kind), zap.Uint64("failures", n))
}

// kindOf returns what kind of error a store's error is, in a word.
func kindOf(err error) string {
	var network net.Error
	var reply redis.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "timeout"
	case errors.As(err, &reply):
		return "refused"
	default:
		return "connection"
	}
}
