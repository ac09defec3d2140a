package cache

import (
	"errors"
	"sync"
	"time"
)

// errResting is returned without a call while Redis is left alone after an
// error.
var errResting = errors.New("cache: Redis failed a moment ago and is left alone")

const (
	rest    = time.Second // how long Redis is left alone after an error
	maxOwed = 1024        // purges kept; more of them become one of everything
)

// guard stands before every call of Redis: it keeps a dead Redis from
// costing every request a timeout, and remembers the purges that Redis has
// not taken.
type guard struct {
	now func() time.Time

	mu      sync.Mutex
	failing bool
	until   time.Time
	debts   map[string]uint64 // by name, with the number of its last purge
	last    uint64
}

// enter returns errResting while Redis is left alone. After that one caller
// a rest may try.
func (g *guard) enter() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
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
func (g *guard) left(err error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failing = err != nil
	if g.failing {
		g.until = g.now().Add(rest)
	}
	return err
}

// owe keeps purges that Redis did not take.
func (g *guard) owe(names []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.debts == nil {
		g.debts = map[string]uint64{}
	}
	g.last++
	for _, name := range names {
		if len(g.debts) >= maxOwed {
			clear(g.debts)
			name = everything
		}
		g.debts[name] = g.last
	}
}

// debt is a purge that Redis is owed.
type debt struct {
	name   string
	number uint64
}

// owed returns the purges that Redis has not taken.
func (g *guard) owed() []debt {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.debts) == 0 {
		return nil
	}
	list := make([]debt, 0, len(g.debts))
	for name, number := range g.debts {
		list = append(list, debt{name, number})
	}
	return list
}

// paid forgets those of the list that were not owed once more since.
func (g *guard) paid(list []debt) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, d := range list {
		if g.debts[d.name] == d.number {
			delete(g.debts, d.name)
		}
	}
}
