package ratelimit

import (
	"sync"
	"time"
)

const (
	// maxDenial is how long a denial is repeated without asking the store.
	maxDenial = time.Second
	// maxDenials is how many keys are denied that way, about 2 MiB of them.
	maxDenials = 10_000
)

// denials repeats what a shared store has denied, so that whoever keeps
// knocking costs it nothing. A denial that would raise a penalty is not
// repeated: the store must count it. It is safe for concurrent use.
type denials struct {
	longest time.Duration // maxDenial, or 0 for none in tests
	mu      sync.Mutex
	byName  map[string]denial
	sweptAt time.Time
}

// denial is a denied charge.
type denial struct {
	verdict
	cost      int64 // no charge of less is denied by it
	at, until time.Time
}

// keep remembers the charges that the store has just denied.
func (d *denials) keep(names []string, charges []charge, now time.Time) {
	for i := range charges {
		if c := &charges[i]; c.denied && !c.rule.dryRun && (c.blocked > 0 || c.rule.penalty.first == 0) {
			d.put(names[i], c, now)
		}
	}
}

func (d *denials) put(name string, c *charge, now time.Time) {
	// In the next window other counts hold.
	life := min(c.wait(), c.window-c.elapsed)
	if c.blocked > 0 {
		life = min(life, c.blocked)
	}
	until := now.Add(min(d.longest, time.Duration(life)*time.Millisecond))
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byName == nil {
		d.byName = map[string]denial{}
	}
	if _, ok := d.byName[name]; !ok && len(d.byName) >= maxDenials {
		d.sweep(now)
		if len(d.byName) >= maxDenials {
			return // the store will be asked
		}
	}
	d.byName[name] = denial{verdict: c.verdict, cost: c.cost, at: now, until: until}
}

// sweep drops what is over, at most once in maxDenial.
func (d *denials) sweep(now time.Time) {
	if now.Sub(d.sweptAt) < maxDenial {
		return
	}
	d.sweptAt = now
	for name, v := range d.byName {
		if !now.Before(v.until) {
			delete(d.byName, name)
		}
	}
}

// repeat fills in the verdicts of the charges that are still denied, and
// reports whether there is one.
func (d *denials) repeat(names []string, charges []charge, now time.Time) (denied bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.byName) == 0 {
		return false
	}
	for i := range charges {
		c := &charges[i]
		v, ok := d.byName[names[i]]
		if !ok || c.cost < v.cost || !now.Before(v.until) {
			continue
		}
		denied = true
		c.verdict = v.verdict
		passed := now.Sub(v.at).Milliseconds()
		c.elapsed += passed
		c.blocked = max(0, c.blocked-passed)
	}
	return denied
}

// forget drops the denials of names.
func (d *denials) forget(names []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range names {
		delete(d.byName, name)
	}
}
