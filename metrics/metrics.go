package metrics

import (
	"net/http"
	"time"

	"github.com/launchready/readiness/internal/respond"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// Metrics counts requests and events. Make one with [New]. All of its methods
// can be called concurrently.
type Metrics struct {
	log        *zap.Logger
	gatherer   prometheus.Gatherer
	slowerThan time.Duration
	traceID    func(*http.Request) string
	tokens     [][32]byte
	build      build
	hooks      respond.Hooks // the same for all requests: making one would allocate
	born       time.Time     // the ring's clock counts from here
	routes     *routes
	events     *events
	errors     *errorLog

	durations  *prometheus.HistogramVec
	unmeasured *prometheus.CounterVec
	active     active
	open       openStreams
}

// Middleware counts what next answers, and captures what fails. Put it around
// the router and the other middleware, so that it also counts what they
// answer themselves, and inside what recovers panics, which it passes on. It
// keeps every optional interface of the ResponseWriter and copies no request.
// It allocates once, and a little more for a request whose body it follows.
func (m *Metrics) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.serve(next, w, r)
	})
}

func (m *Metrics) serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	outside := r.Pattern
	method := methodIndex(r.Method)
	w, rec := respond.WrapShared(w, r, &m.hooks)
	var body *bodyTee // nil: this request is not followed
	if r.ContentLength != 0 && m.errors != nil {
		body = follow(r)
	}
	returned := false
	m.active[method].Add(1)
	began := time.Since(m.born)
	defer func() {
		now := time.Since(m.born)
		m.active[method].Add(-1)
		var panicked any
		switch {
		case !returned:
			panicked = recover() // nil after runtime.Goexit
		case rec.Status() == 0:
			rec.Finish() // a stream may end without a word
		}
		if s := rec.Stream(); s != respond.NoStream {
			m.open.end(s)
		}
		a := answered{
			r: r, route: m.routeOf(rec, r, outside), rec: rec, panicked: panicked,
			method: method, now: now, took: now - began,
		}
		if !returned && panicked == nil { // the client gets no answer, as after an abort
			a.panicked = http.ErrAbortHandler
		}
		a.decide()
		m.count(&a)
		if a.failed && m.errors != nil {
			m.errors.capture(&a, body)
		}
		if body != nil {
			body.stop(r)
		}
		if panicked != nil {
			panic(panicked)
		}
	}()
	next.ServeHTTP(w, r)
	returned = true
}

// routeOf returns the route of a request that is over: the name that was put
// on the recorder, or the pattern of the ServeMux inside.
func (m *Metrics) routeOf(rec *respond.Recorder, r *http.Request, outside string) *route {
	if name := rec.Route(); name != "" {
		return m.routes.get(name)
	}
	// Where the pattern is the one that led here, and that is the whole
	// service, no router inside matched: "/" would hide this among the
	// requests for the home page.
	if n := len(outside); n > 0 && outside[n-1] == '/' && r.Pattern == outside && patternRoute(outside) == "/" {
		return m.routes.unmatched
	}
	name := patternRoute(r.Pattern)
	if known := (*m.routes.known.Load())[name]; known != nil {
		return known
	}
	return m.routes.get(name)
}
