package cache

import (
	"net/http"
	"strconv"
	"time"

	"github.com/launchready/readiness/internal/respond"
	"github.com/launchready/readiness/internal/route"
)

// aged is what a stored page says of its age within one second of it: Age
// and Cache-Status. Requests of the same second share it.
type aged struct {
	seconds int64
	age     []string
	status  []string
}

// hit answers a request from a stored page.
func (c *Cache) hit(w http.ResponseWriter, r *http.Request, m route.Match, e *entry, now time.Time) {
	seconds := int64(max(0, now.Sub(e.born)) / time.Second)
	a := e.aged.Load()
	if a == nil || a.seconds != seconds {
		ttl := int64(max(0, e.expires.Sub(now)) / time.Second)
		a = &aged{
			seconds: seconds,
			age:     []string{strconv.FormatInt(seconds, 10)},
			status:  []string{"readiness; hit; ttl=" + strconv.FormatInt(ttl, 10)},
		}
		e.aged.Store(a)
	}
	w.Header()["Age"] = a.age
	if rec := respond.Find(w); rec != nil {
		rec.SetRoute(m.Route())
	}
	send(w, r, e, a.status)
}

// send writes a stored page, or 304 where the client has it. Outer middleware
// may have set headers before: those of the page replace them, but for Vary
// and Cache-Status, which are lists that everybody adds to.
func send(w http.ResponseWriter, r *http.Request, e *entry, status []string) {
	h := w.Header()
	unchanged := noneMatch(r.Header["If-None-Match"], e.etag)
	for i := range e.fields {
		f := &e.fields[i]
		switch f.name {
		case "Etag", "Cache-Control", "Content-Location":
			h[f.name] = f.values
		case "Vary":
			if was := h["Vary"]; len(was) > 0 {
				h["Vary"] = merged(was, f.values)
			} else {
				h["Vary"] = f.values
			}
		default:
			if !unchanged {
				h[f.name] = f.values
			}
		}
	}
	for _, name := range e.dropped {
		delete(h, name)
	}
	if was := h["Cache-Status"]; len(was) > 0 {
		status = append(was[:len(was):len(was)], status...)
	}
	h["Cache-Status"] = status
	switch {
	case unchanged:
		w.WriteHeader(http.StatusNotModified)
	case r.Method == http.MethodHead:
		w.WriteHeader(http.StatusOK)
	default:
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(e.body) // an error says that the client has gone
	}
}
