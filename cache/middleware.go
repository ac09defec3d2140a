package cache

import (
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

// answer answers a request that a policy caches.
func (c *Cache) answer(next http.Handler, w http.ResponseWriter, r *http.Request, m route.Match) {
	p := c.policies[m.Entry]
	a, reason := p.asks(r, c.publicCookies)
	if reason != "" {
		c.pass(next, w, r, p, reason)
		return
	}
	var buf [512]byte
	raw, reason := p.key(buf[:0], r, a.proxied)
	if reason != "" {
		c.pass(next, w, r, p, reason)
		return
	}
	key := string(raw)
	at, s := key, p.scopeOf(r, m)
	f, err := c.store.get(r.Context(), at, s)
	if f.page != nil && f.page.signpost {
		if at, reason = variant(key, f.page.vary, r.Header); reason != "" {
			c.pass(next, w, r, p, reason)
			return
		}
		f, err = c.store.get(r.Context(), at, s)
	}
	c.remind(f.stamp.at)
	judged := p.judge(f, &a)
	if judged == fresh {
		c.hit(w, r, p, m, &a, f)
		return
	}
	head := r.Method == http.MethodHead
	switch {
	case judged == tolerated:
		c.stale(w, r, p, m, &a, f, "max-stale")
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
		c.visit(next, w, r, m, a, s, key, at, f, judged)
	}
}

// visit answers a request for which the handler has to run, now or soon.
func (c *Cache) visit(next http.Handler, w http.ResponseWriter, r *http.Request, m route.Match, a asks, s scope, primary, key string, f found, judged verdict) {
	v := &visit{
		cache: c, next: next, w: w, r: r, match: m, policy: c.policies[m.Entry],
		asks: a, primary: primary, key: key, stamp: f.stamp, fwd: "miss",
	}
	if judged != absent {
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
	if judged == stale {
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
