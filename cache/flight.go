package cache

import (
	"sync"
	"sync/atomic"
	"time"
)

// flights makes concurrent misses of one key run the handler once.
type flights struct {
	left    atomic.Uint64 // how many have ended
	mu      sync.Mutex
	running map[string]*flight
	alone   map[string]time.Time // keys whose answer was not storable, until when
}

// flight is one run of a handler that others may wait for.
type flight struct {
	stamp   stamp
	done    chan struct{}
	landing landing // written before done is closed
}

// landing is how a flight has ended.
type landing struct {
	page   *entry // nil where there is nothing to share
	key    string // under which the page is stored
	again  bool   // only this run failed to make a page: the next may not
	failed int    // with this status, for which a stale page may be served
}

const (
	waitAtMost = 5 * time.Second  // then a waiter runs its own handler
	aloneFor   = 10 * time.Second // how long a key that was not storable is not waited for
	maxAlone   = 4096             // keys remembered; which are forgotten first is left to chance
)

// join returns the flight of the key and whether the caller leads it: then
// it runs the handler, and must land it. It returns nil where the caller is
// to run its handler alone.
//
// Who waits must have read the same generations as the leader: one who came
// after a purge would otherwise be handed a page from before it.
func (fs *flights) join(key string, st stamp) (f *flight, leads bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if until, ok := fs.alone[key]; ok {
		if time.Now().Before(until) {
			return nil, false
		}
		delete(fs.alone, key)
	}
	return fs.board(key, st)
}

// lead is join for one who has a stale page to serve and waits for nobody:
// that the key was not storable a moment ago is no reason to leave the page
// stale.
func (fs *flights) lead(key string, st stamp) (f *flight, leads bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return fs.board(key, st)
}

// board returns the flight of the key, a new one where there is none to share.
// fs.mu is held.
func (fs *flights) board(key string, st stamp) (f *flight, leads bool) {
	if f := fs.running[key]; f != nil && f.stamp.same(st) && !f.wasted() {
		return f, false
	}
	f = &flight{stamp: st, done: make(chan struct{})}
	if fs.running == nil {
		fs.running, fs.alone = map[string]*flight{}, map[string]time.Time{}
	}
	fs.running[key] = f
	return f, true
}

// wasted reports a flight that has landed with nothing but the advice to try
// again, while its handler still runs. Whoever joined it would find it landed,
// and join it again.
func (f *flight) wasted() bool {
	select {
	case <-f.done:
		return f.landing.again
	default:
		return false
	}
}

// leave ends the flight for those who come later. Where its answer was not
// storable, the key is not waited for during a while.
func (fs *flights) leave(key string, f *flight) {
	fs.left.Add(1)
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.running[key] == f {
		delete(fs.running, key)
	}
	if l := f.landing; l.again || l.failed != 0 || l.page != nil {
		return
	}
	now := time.Now()
	if len(fs.alone) >= maxAlone {
		for k, until := range fs.alone {
			if !now.Before(until) {
				delete(fs.alone, k)
			}
		}
		for k := range fs.alone { // an eighth at once: to look through all for each key takes long
			if len(fs.alone) < maxAlone-maxAlone/8 {
				break
			}
			delete(fs.alone, k)
		}
	}
	fs.alone[key] = now.Add(aloneFor)
}

// land hands what the run has made to those who wait. The first call counts: a
// leader lands early once it knows that there is nothing to share, and once
// more, in any case, when its handler is done. f may be nil.
func (f *flight) land(l landing) {
	if f == nil {
		return
	}
	select {
	case <-f.done:
	default:
		f.landing = l
		close(f.done)
	}
}
