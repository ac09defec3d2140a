package metrics

import (
	"sync/atomic"
	"time"

	"github.com/launchready/readiness/internal/quantile"
	"go.uber.org/zap"
)

// namelessEach is how many requests without a route are answered between two
// looks at whether they are the most.
const namelessEach = 100

// namelessCount counts the requests that were answered well although nobody
// said which route they took. A scanner's 404s are not among them, and are no
// sign of anything.
type namelessCount struct {
	recent quantile.Counter
	all    atomic.Uint64
	warned atomic.Bool
}

// nameless counts one, and warns once where more of them were answered in the
// last five minutes than of all routes that have a name: the router's own
// middleware lacks [Name].
func (t *routes) nameless(now time.Duration) {
	c := &t.unnamed
	c.recent.Add(now)
	if c.all.Add(1)%namelessEach != 0 || c.warned.Load() {
		return
	}
	without, with := c.recent.Read(now), uint64(0)
	for r := range t.counted {
		if r != t.unmatched {
			with += r.ring.N(now)
		}
	}
	if without > with && c.warned.CompareAndSwap(false, true) {
		t.log.Warn("most answered requests have no route and are counted as "+unmatched+": put metrics.Name into the router's own middleware, as in chi's Use",
			zap.Uint64("without_route", without), zap.Uint64("with_route", with))
	}
}
