package cache

import (
	"errors"
	"sync"
	"time"
)

// errResting is returned without a call while Redis is left alone after an
// error.
var errResting = errors.New("the store failed a moment ago and is left alone")

const (
	rest    = time.Second // how long Redis is left alone after an error
	maxOwed = 1024        // purges kept; more of them become one of everything
)

// guard stands before every call of Redis: it keeps a dead Redis from
// costing every request a timeout, and remembers the purges that Redis has
// not taken.
type guard struct {
	mu      sync.Mutex
	failing bool
	until   time.Time
	debts   map[string]debt // by name
	last    uint64
}

// debt is a purge that Redis is owed.
type debt struct {
	name   string
	how    purgeKind
	number uint64 // of the last purge of that name
}

// enter returns errResting while Redis is left alone. After that one caller
// a rest may try.
func (g *guard) enter(now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.failing {
		return nil
	}
	if now.Before(g.until) {
		return errResting
	}
	g.until = now.Add(rest)
	return nil
}

// left is told how a call ended, and returns its error.
func (g *guard) left(err error, now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failing = err != nil
	if g.failing {
		g.until = now.Add(rest)
	}
	return err
}

// owe keeps purges that Redis did not take. A hard one of a name replaces a
// soft one.
func (g *guard) owe(names []string, how purgeKind) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.debts == nil {
		g.debts = map[string]debt{}
	}
	g.last++
	for _, name := range names {
		d, known := g.debts[name]
		switch {
		case !known && len(g.debts) >= maxOwed:
			clear(g.debts)
			d = debt{everything, hard, g.last}
		case known && d.how == hard:
			d.number = g.last
		default:
			d = debt{name, how, g.last}
		}
		g.debts[d.name] = d
	}
}

// owed returns the purges that Redis has not taken.
func (g *guard) owed() []debt {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := make([]debt, 0, len(g.debts))
	for _, d := range g.debts {
		list = append(list, d)
	}
	return list
}

// owes returns how many purges Redis is owed.
func (g *guard) owes() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.debts)
}

// paid forgets those of the list that were not owed once more since.
func (g *guard) paid(list []debt) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, d := range list {
		if g.debts[d.name].number == d.number {
			delete(g.debts, d.name)
		}
	}
}
