package cache

import (
	"net/http"
	"strings"

	"github.com/launchready/readiness/internal/respond"
)

// noStore runs the handler and tells every cache on the way to store
// nothing, whatever the handler says.
func (c *Cache) noStore(next http.Handler, w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store") // for an answer that goes around the hook, such as that of a Recoverer
	observe(next, w, r, func(int) { forbid(h) })
}

// observe runs next and calls header once, with the status, before the header
// of its answer goes out. It is not called where the handler panics before
// that, or takes the connection over.
func observe(next http.Handler, w http.ResponseWriter, r *http.Request, header func(status int)) {
	w, rec := respond.Wrap(w, r, respond.Hooks{Header: header})
	next.ServeHTTP(w, r)
	rec.Finish()
}

// forbid makes the header say no-store, to every cache that reads it.
func forbid(h http.Header) {
	if !listed(h["Cache-Control"], "no-store") {
		h.Set("Cache-Control", "no-store")
	}
	for name := range h { // fields that a cache reads before Cache-Control (RFC 9213), or after it
		if name == "Expires" || name == "Surrogate-Control" || strings.HasSuffix(name, "-Cache-Control") {
			delete(h, name)
		}
	}
}

// pass runs the handler for a request that passes by, and says why.
func (c *Cache) pass(next http.Handler, w http.ResponseWriter, r *http.Request, p *policy, detail string) {
	p.stats.passes.Add(1)
	h := w.Header()
	observe(next, w, r, func(int) { notStored(h, "readiness; fwd=bypass; detail="+detail) })
}

// unstored runs the handler of a miss whose answer cannot be stored, because
// the store does not answer.
func (c *Cache) unstored(next http.Handler, w http.ResponseWriter, r *http.Request, p *policy) {
	p.stats.misses.Add(1)
	h := w.Header()
	observe(next, w, r, func(int) { notStored(h, "readiness; fwd=miss; detail=store") })
}

// notStored marks an answer under a ShortCache policy that is not stored.
// Where the handler says nothing of its own, no shared cache may keep it and
// a browser asks each time: it is a page like the stored ones, made for one
// client.
func notStored(h http.Header, status string) {
	if len(h["Cache-Control"]) == 0 {
		h.Set("Cache-Control", "private, no-cache")
	}
	h.Add("Cache-Status", status)
}
