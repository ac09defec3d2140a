package cache

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	refreshWithin = 30 * time.Second // the deadline of a refresh
	maxRefreshes  = 64               // at once; more stale pages stay stale for one request more
	patience      = 10 * time.Second // how long after New a missing Run is no news
)

// background is where stale pages are made anew while Run is running.
type background struct {
	running atomic.Bool
	mu      sync.Mutex
	ran     bool
	ctx     context.Context // nil unless Run is running
	flying  int
	pending sync.WaitGroup
}

// remind warns where Run is missing though the store would do better with it.
// Requests of a process's first seconds may well be there before it.
func (c *Cache) remind(now time.Time) {
	if c.wantsRun && now.Sub(c.made) > patience && !c.background.running.Load() {
		c.log.Warn("cache: Run is not running, so that Redis is asked about every hit: run pages.Run in the background, or set RedisConfig.Strict")
	}
}

// start reports whether this is the first Run.
func (b *background) start(ctx context.Context) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ran {
		return false
	}
	b.ran, b.ctx = true, ctx
	b.running.Store(true)
	return true
}

// stop takes no more refreshes and waits for those in flight.
func (b *background) stop() {
	b.mu.Lock()
	b.ctx = nil
	b.mu.Unlock()
	b.running.Store(false)
	b.pending.Wait()
}

// refresh makes the visit's page anew on a goroutine, as the run of the
// flight. started is false where Run is not running, and where too many are
// being made at once.
func (b *background) refresh(v *visit, f *flight) (started, running bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx == nil || b.ctx.Err() != nil {
		v.cache.log.Warn("cache: Run is not running, so that a request has to make a stale page anew: run pages.Run in the background")
		return false, false
	}
	if b.flying >= maxRefreshes {
		return false, true
	}
	ctx, cancel := context.WithTimeout(b.ctx, refreshWithin)
	// The server is no value of the request. httputil.ReverseProxy looks for
	// it: without one it takes a body that breaks off for a whole one.
	ctx = context.WithValue(ctx, http.ServerContextKey, v.r.Context().Value(http.ServerContextKey))
	again := v.again(ctx)
	b.flying++
	b.pending.Go(func() {
		defer func() {
			cancel()
			b.mu.Lock()
			b.flying--
			b.mu.Unlock()
		}()
		again.refresh(f)
	})
	return true, true
}

// sameInBackground reports whether the request asks for the same page where its
// context holds nothing. An Audience may go by what stands there, such as the
// session; so may the handler then, which would make the page of nobody, or
// of another, under this one's key.
func (v *visit) sameInBackground() (same bool) {
	if v.policy.Audience == nil {
		return true
	}
	defer func() {
		if recover() != nil {
			same = false // it takes for granted what is not there
		}
	}()
	key, reason := v.policy.key(nil, v.r.WithContext(context.Background()), v.asks.proxied)
	return reason == "" && string(key) == v.primary
}

// again returns the visit as a request of its own: a copy that shares nothing
// with the client's, whose context holds none of its values but the server.
// What a router or another middleware keeps there belongs to a request that
// will be over.
func (v *visit) again(ctx context.Context) *visit {
	r := v.r.Clone(ctx)
	r.Method, r.Body, r.Pattern = http.MethodGet, http.NoBody, ""
	for _, name := range selectiveFields {
		delete(r.Header, name)
	}
	copied := *v
	copied.r, copied.w, copied.background, copied.answered = r, &blank{header: v.w.Header().Clone()}, true, true
	return &copied
}

// refresh runs the handler once more. A panic keeps the stale page; that of a
// handler which gives its answer up (http.ErrAbortHandler) is no news.
func (v *visit) refresh(f *flight) {
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			v.cache.log.Warn("cache: a handler panics while its page is made anew; the stale one is kept. " +
				"Where it does not panic otherwise, the middleware stands inside the router: it must wrap the router, as in router := pages.Middleware(router)")
		}
	}()
	v.run(f)
}

// blank is the ResponseWriter of a request that nobody waits for.
type blank struct{ header http.Header }

func (b *blank) Header() http.Header       { return b.header }
func (*blank) Write(p []byte) (int, error) { return len(p), nil }
func (*blank) WriteHeader(int)             {}
