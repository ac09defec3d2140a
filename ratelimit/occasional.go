package ratelimit

import (
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// quiet is how long a warning is not repeated.
const quiet = time.Minute

// occasional logs what may happen with every request at most once a minute.
type occasional struct {
	log     *zap.Logger
	start   time.Time
	next    atomic.Int64 // when it may log again, since start
	skipped atomic.Int64
}

func newOccasional(log *zap.Logger) *occasional {
	return &occasional{log: log, start: time.Now()}
}

// warn logs the message, with the number of those that were left out since
// the last one, or counts it.
func (o *occasional) warn(message string, fields ...zap.Field) {
	now, next := int64(time.Since(o.start)), o.next.Load()
	if now < next || !o.next.CompareAndSwap(next, now+int64(quiet)) {
		o.skipped.Add(1)
		return
	}
	o.log.Warn(message, append(fields, zap.Int64("more_since_last", o.skipped.Swap(0)))...)
}
