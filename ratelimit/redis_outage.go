package ratelimit

import (
	"context"
	"time"

	"go.uber.org/zap"
)

// failed tells the breaker and, where that opens it, everybody else.
func (b *redisBackend) failed(period int64, err error) {
	why := reason(err)
	if b.breaker.fail(period, why, time.Now()) {
		b.outages.Warn("Redis does not count; each process counts alone until it does", zap.String("reason", why))
		b.emit(Event{Kind: StoreDown, Reason: why})
	}
}

// settle tries Redis with the real script, by telling it what this process has
// counted alone. Nobody waits for it, so that an outage costs no request
// anything once the breaker is open, and Redis is not asked again before it
// knows all. It ends by itself: within one time-out where Redis fails, and
// otherwise once nothing is owed.
func (b *redisBackend) settle() {
	defer func() {
		if recover() != nil { // of Config.OnEvent; there is no request to end
			b.log.Error("OnEvent panicked")
		}
	}()
	why := "panic" // until something else is known: a try always ends
	defer func() {
		if b.breaker.tried(why, time.Now()) {
			b.outages.Info("Redis counts again")
			b.emit(Event{Kind: StoreUp})
		}
	}()
	var err error
	for range 2 * maxDebts / instalment { // more may come in while it works
		debts := b.ledger.take(nil)
		if s := b.suspect.Load(); s != nil {
			debts = append(debts, *s)
		}
		calls := b.takes(nil, debts)
		b.redis.run(context.Background(), b.scripts.take, calls)
		if err = b.read(nil, calls); err != nil || b.ledger.len() == 0 {
			break
		}
	}
	why = ""
	if err != nil {
		why = reason(err)
	}
}
