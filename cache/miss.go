package cache

import (
	"bytes"
	"net/http"
	"time"

	"github.com/launchready/readiness/internal/respond"
	"github.com/launchready/readiness/internal/route"
)

// miss answers a request for which there is no page: by the run of another
// request, or by its own.
func (c *Cache) miss(next http.Handler, w http.ResponseWriter, r *http.Request, m route.Match, key string, st stamp) {
	p := c.policies[m.Entry]
	timer := time.NewTimer(waitAtMost)
	defer timer.Stop()
	for {
		f, leads := c.flights.join(key, st)
		if f == nil || leads {
			c.run(next, w, r, p, key, st, f)
			return
		}
		select {
		case <-f.done:
		case <-timer.C:
			c.run(next, w, r, p, key, st, nil)
			return
		case <-r.Context().Done():
			p.stats.misses.Add(1)
			w.Header().Add("Cache-Status", "readiness; fwd=miss; detail=wait-ended")
			respond.Write(w, r, respond.Problem{Status: http.StatusServiceUnavailable})
			return
		}
		switch {
		case f.page != nil:
			p.stats.hits.Add(1)
			if rec := respond.Find(w); rec != nil {
				rec.SetRoute(m.Route())
			}
			send(w, r, f.page, []string{"readiness; fwd=miss; collapsed"})
			return
		case !f.again:
			c.run(next, w, r, p, key, st, nil)
			return
		}
	}
}

// run runs the handler and stores its answer where it may be stored. f is the
// flight that this run leads, nil where it leads none.
func (c *Cache) run(next http.Handler, w http.ResponseWriter, r *http.Request, p *policy, key string, st stamp, f *flight) {
	p.stats.misses.Add(1)
	answer := &capture{w: w, r: r, policy: p, maxBody: c.maxBody, flight: f, before: w.Header().Clone(), length: -1}
	returned := false
	defer func() {
		if !returned && !answer.sent {
			answer.restore(answer.before) // a Recoverer begins with what it would have found without us
		}
		f.land(nil, r.Context().Err() != nil) // after a panic
		if f != nil {
			c.flights.leave(key, f)
		}
	}()
	// The recorder claims what the writer below can do, push among it.
	out, _ := respond.Wrap(answer, r, respond.Hooks{})
	next.ServeHTTP(out, r)
	whole := answer.finish()
	returned = true
	if !whole {
		return
	}
	body := answer.body
	if cap(body)-len(body) > len(body)/32 {
		body = bytes.Clone(body) // what is kept is what is counted
	}
	page := p.newEntry(answer.before, answer.header, body, st.at)
	f.land(page, false) // nobody waits for the store, nor for this client to read
	stored, err := c.store.set(r.Context(), key, page, st)
	c.failures.add(err)
	if answer.sent {
		return
	}
	answer.restore(answer.header)
	delete(w.Header(), "Expires")
	status := "readiness; fwd=miss"
	if stored {
		status += "; stored"
	}
	send(w, r, page, []string{status})
}
