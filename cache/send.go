package cache

import (
	"net/http"
	"strconv"
	"time"

	"github.com/launchready/readiness/internal/cachecontrol"
	"github.com/launchready/readiness/internal/conditional"
	"github.com/launchready/readiness/internal/respond"
	"github.com/launchready/readiness/internal/route"
)

// hit answers a request from a fresh page.
func (c *Cache) hit(w http.ResponseWriter, r *http.Request, p *policy, m route.Match, a *asks, f found) {
	c.count(p, Hit, "")
	says := f.page.agedAt(f.stamp.at, c.status)
	w.Header()["Age"] = says.age
	named(w, m)
	send(w, r, a, f.page, says.status)
}

// stale answers a request from a page that is not fresh, and says why it may.
func (c *Cache) stale(w http.ResponseWriter, r *http.Request, p *policy, m route.Match, a *asks, f found, why string) {
	c.count(p, Stale, why)
	age := f.page.age(f.stamp.at)
	w.Header()["Age"] = f.page.agedAt(f.stamp.at, c.status).age
	named(w, m)
	send(w, r, a, f.page, c.status.lines("hit; ttl="+strconv.FormatInt(ttl(f.page, age), 10)+"; detail="+why))
}

// named tells metrics the route of a request that no router sees.
func named(w http.ResponseWriter, m route.Match) {
	if rec := respond.Find(w); rec != nil {
		rec.SetRoute(m.Route())
	}
}

// send writes a stored page, or what the request's preconditions and its
// Range make of it (RFC 9110, sections 13.2.2 and 14.2). Outer middleware may
// have set headers before: those of the page replace them, but for Vary and
// Cache-Status, which are lists that everybody adds to.
func send(w http.ResponseWriter, r *http.Request, a *asks, e *entry, status []string) {
	h := w.Header()
	part, outcome := e.chosen(r, a)
	for i := range e.fields {
		f := &e.fields[i]
		if f.name == "Vary" && len(h["Vary"]) > 0 {
			h["Vary"] = merged(h["Vary"], f.values)
		} else if outcome != http.StatusNotModified || describes(f.name) {
			h[f.name] = f.values
		}
	}
	for _, name := range e.dropped {
		delete(h, name)
	}
	if len(status) > 0 {
		if was := h["Cache-Status"]; len(was) > 0 {
			status = append(was[:len(was):len(was)], status...)
		}
		h["Cache-Status"] = status
	}
	body := e.body
	switch outcome {
	case http.StatusPartialContent:
		body = body[part.First : part.Last+1]
		h["Content-Range"] = []string{conditional.ContentRange(part, int64(len(e.body)))}
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
	case http.StatusRequestedRangeNotSatisfiable:
		body = nil
		h["Content-Range"] = []string{conditional.Unsatisfied(int64(len(e.body)))}
		h["Content-Length"] = []string{"0"}
	case http.StatusNotModified:
		body = nil
	}
	w.WriteHeader(outcome)
	if len(body) > 0 && r.Method != http.MethodHead {
		_, _ = w.Write(body) // an error says that the client has gone
	}
}

// describes reports whether a 304 has that header of the page too (RFC 9110,
// section 15.4.5).
func describes(name string) bool {
	switch name {
	case "Etag", "Cache-Control", "Content-Location", "Date", "Expires", "Vary", "Cdn-Cache-Control":
		return true
	default:
		return false
	}
}

// chosen returns the status with which the page answers a request, and the
// part of its body for a 206.
func (e *entry) chosen(r *http.Request, a *asks) (part conditional.Part, status int) {
	if !a.selective || e.status != http.StatusOK {
		return part, e.status // preconditions and ranges are for what would be a 200
	}
	h := r.Header
	if lines, ok := h["If-None-Match"]; ok {
		if conditional.NoneMatch(lines, e.etag) {
			return part, http.StatusNotModified
		}
	} else if lines, ok := h["If-Modified-Since"]; ok && !conditional.ModifiedSince(lines, e.values("Last-Modified"), e.date(time.Time{})) {
		return part, http.StatusNotModified
	}
	lines, ok := h["Range"]
	if !ok || r.Method != http.MethodGet {
		return part, http.StatusOK
	}
	if condition, ok := h["If-Range"]; ok && !conditional.IfRange(condition, e.etag, e.values("Last-Modified"), e.date(e.born)) {
		return part, http.StatusOK
	}
	part, verdict := conditional.Range(lines, int64(len(e.body)))
	switch verdict {
	case conditional.Single:
		return part, http.StatusPartialContent
	case conditional.Unsatisfiable:
		return part, http.StatusRequestedRangeNotSatisfiable
	default:
		return part, http.StatusOK
	}
}

// date returns the page's Date, which is kept under Follow, or else instead.
// When the page was made is not its date for If-Modified-Since: two pages made
// within one second would be taken for the same.
func (e *entry) date(instead time.Time) time.Time {
	return cachecontrol.Date(e.values("Date"), instead)
}
