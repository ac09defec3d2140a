package cache

import "net/http"

// Middleware returns a handler that answers from the store what it may, and
// hands everything else to next. It wraps the whole router: the patterns of
// policies and purges see the path that it sees, and the writes that purge
// must pass through it too. It neither copies nor changes the request.
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
	if noStore {
		p.stats.passes.Add(1)
	}
	switch {
	case !safe(r.Method):
		c.write(next, w, r, noStore)
		return
	case noStore:
		c.noStore(next, w, r)
		return
	case p == nil:
		next.ServeHTTP(w, r)
		return
	case !agreed:
		c.pass(next, w, r, p, "spelling")
		return
	}
	reason, proxied := p.passes(r, c.publicCookies)
	if reason != "" {
		c.pass(next, w, r, p, reason)
		return
	}
	var buf [512]byte
	key, reason := p.key(buf[:0], r, proxied)
	if reason != "" {
		c.pass(next, w, r, p, reason)
		return
	}
	page, st, err := c.store.get(r.Context(), string(key), p.scopeOf(r, m))
	switch {
	case page != nil:
		p.stats.hits.Add(1)
		c.hit(w, r, m, page, st.at)
	case r.Method == http.MethodHead:
		c.pass(next, w, r, p, "head") // it makes no page
	case err != nil:
		// Without generations nobody can say which page is still good, so
		// that nothing is stored nor shared.
		c.failures.add(err)
		c.unstored(next, w, r, p)
	default:
		c.miss(next, w, r, m, string(key), st)
	}
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
