package cache

import (
	"cmp"
	"net/http"

	"github.com/launchready/readiness/internal/route"
)

// Middleware returns a handler that answers from the store what it may, and
// hands everything else to next. It wraps the whole router: the patterns of
// policies and purges see the path that it sees, and the writes that purge
// must pass through it too. It does not change the request; next gets a
// shallow copy only where a field of its header must not reach the handler.
func (c *Cache) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.serve(next, w, r) })
}

func (c *Cache) serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	m, agreed := c.table.First(r)
	var p *policy
	if agreed {
		p = c.policies[m.Entry]
	} else {
		p = c.disputed(r)
	}
	noStore := p != nil && p.Class == NoCache
	switch {
	case !safe(r.Method):
		if noStore {
			c.count(p, Pass, "")
		}
		c.write(next, w, r, noStore)
	case noStore:
		c.noStore(next, w, r, p)
	case p == nil:
		next.ServeHTTP(w, r)
	case !agreed:
		c.pass(next, w, r, p, "spelling")
	case p.Class == Immutable:
		c.immutable(next, w, r, p)
	default:
		c.answer(next, w, r, m)
	}
}

// looked is what there is for a request.
type looked struct {
	found
	judged verdict
	// Where it is not fresh: the key of the request and that of its page.
	primary, key string
	left         uint64 // how many flights had ended before it was looked for
}

// look looks for the page of a request, and returns why it passes by. The keys
// are made in a buffer that requests share in turn: a fresh page needs no
// string of them.
func (c *Cache) look(r *http.Request, p *policy, a *asks, s scope) (l looked, reason string, err error) {
	buf := c.buffers.Get().(*[]byte)
	defer c.buffers.Put(buf)
	key, reason := p.key((*buf)[:0], r, a.proxied)
	if reason != "" {
		return l, reason, nil
	}
	*buf = key // it may have grown
	l.left = c.flights.left.Load()
	l.found, err = c.store.get(r.Context(), key, s)
	if page := l.page; page != nil && page.signpost {
		l.primary = string(key)
		if key, reason = appendVariant(key, page.vary, r.Header); reason != "" {
			return l, reason, nil
		}
		*buf = key
		l.found, err = c.store.get(r.Context(), key, s)
	}
	c.remind(l.stamp.at)
	if l.judged = p.judge(l.found, a); l.judged != fresh {
		l.key = string(key)
		l.primary = cmp.Or(l.primary, l.key)
	}
	return l, "", err
}

// answer answers a request that a policy caches.
func (c *Cache) answer(next http.Handler, w http.ResponseWriter, r *http.Request, m route.Match) {
	p := c.policies[m.Entry]
	a, reason := p.asks(r, c.publicCookies)
	if reason != "" {
		c.pass(next, w, r, p, reason)
		return
	}
	s := p.scopeOf(r, m)
	l, reason, err := c.look(r, p, &a, s)
	if reason != "" {
		c.pass(next, w, r, p, reason)
		return
	}
	judged := l.judged
	if judged == fresh {
		c.hit(w, r, p, m, &a, l.found)
		return
	}
	head := r.Method == http.MethodHead
	switch {
	case judged == tolerated:
		c.stale(w, r, p, m, &a, l.found, "max-stale")
	case judged != stale && a.directives.OnlyIfCached:
		c.notCached(w, r, p)
	case head && judged != stale:
		c.pass(next, w, r, p, "head") // it makes no page
	case a.directives.NoStore:
		// Nor may the answer to it make a stale page anew.
		c.pass(next, w, r, p, "no-store")
	case err != nil:
		// Without generations nobody can say which page is still good, so
		// that nothing is stored nor shared.
		c.failures.add(err)
		c.unstored(next, w, r, p)
	default:
		c.visit(next, w, r, m, a, s, l)
	}
}

// visit answers a request for which the handler has to run, now or soon.
func (c *Cache) visit(next http.Handler, w http.ResponseWriter, r *http.Request, m route.Match, a asks, s scope, f looked) {
	v := &visit{
		cache: c, next: next, w: w, r: r, match: m, policy: c.policies[m.Entry],
		asks: a, scope: s, left: f.left, primary: f.primary, key: f.key, stamp: f.stamp, fwd: "miss",
	}
	if f.judged != absent {
		v.prior, v.under, v.soft, v.fwd = f.page, f.under, f.soft, "stale"
		if !f.soft && f.page.age(f.stamp.at) < f.page.fresh && f.page.rules&revalidate == 0 {
			v.fwd = "request" // it asks for more than a fresh page
		}
	}
	if f.page != nil { // the store looked no further; a page that this request may not have is one too
		st, err := c.store.read(r.Context(), s)
		if err != nil {
			c.failures.add(err)
			c.unstored(next, w, r, v.policy)
			return
		}
		v.stamp = st
	}
	if f.judged == stale {
		v.serveStale()
		return
	}
	v.miss()
}

// disputed returns the policy for a path whose spellings do not agree: one
// that forbids storing, if any does, else one that passes by, else nil.
func (c *Cache) disputed(r *http.Request) (p *policy) {
	for _, m := range c.table.All(r) {
		if found := c.policies[m.Entry]; found.Class == NoCache {
			return found
		} else if p == nil {
			p = found
		}
	}
	return p
}
