package ratelimit

import "sync"

const (
	// maxDebts is how many keys a ledger has, about 12 MiB of them.
	maxDebts = 100_000
	// instalment is how many debts one call settles.
	instalment = 128
)

// debt is what this process has counted of a key alone, and owes the shared
// store. It may be 0: the store is told that the key was looked at. It may be
// less than that, for what is refunded.
type debt struct {
	name      string
	rule      *rule
	hash      uint64 // of the key, in this process
	win       int64
	cur, prev int64 // what is owed in window win, and in the one before
	struck    bool  // the key's strikes are owed too
}

// ledger keeps debts until they are settled, so that the end of an outage is
// no fresh allowance for whoever was counted in it. It is safe for concurrent
// use; the zero value is empty.
type ledger struct {
	mu    sync.Mutex
	debts map[string]debt
}

// add adds to what is owed for a key. A debt of the window before last weighs
// nothing and is dropped. Where the ledger is full, one for a new key is
// dropped too.
func (l *ledger) add(debts ...debt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.debts == nil {
		l.debts = map[string]debt{}
	}
	for _, d := range debts {
		old, ok := l.debts[d.name]
		switch {
		case !ok:
			if len(l.debts) >= maxDebts {
				continue
			}
		case old.win > d.win:
			d = old.plus(d)
		default:
			d = d.plus(old)
		}
		l.debts[d.name] = d
	}
}

// plus returns d with another debt of the same key, of d's window or an
// earlier one.
func (d debt) plus(earlier debt) debt {
	d.struck = d.struck || earlier.struck
	switch earlier.win {
	case d.win:
		d.cur += earlier.cur
		d.prev += earlier.prev
	case d.win - 1:
		d.prev += earlier.cur
	}
	return d
}

// take removes and returns the debts of names, and others, at most instalment of
// these, to be settled. If that fails they are to be added again.
func (l *ledger) take(names []string) []debt {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.debts) == 0 {
		return nil
	}
	list := make([]debt, 0, min(len(l.debts), len(names)+instalment))
	for _, name := range names {
		if d, ok := l.debts[name]; ok {
			delete(l.debts, name)
			list = append(list, d)
		}
	}
	others := 0
	for name, d := range l.debts {
		if others++; others > instalment {
			break
		}
		delete(l.debts, name)
		list = append(list, d)
	}
	if len(l.debts) == 0 {
		l.debts = nil // the map keeps the size of an outage
	}
	return list
}

// forget drops the debts of names.
func (l *ledger) forget(names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		delete(l.debts, name)
	}
}

// len returns how many keys have a debt.
func (l *ledger) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.debts)
}
