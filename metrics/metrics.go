package metrics

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/respond"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// Metrics counts requests. Make one with [New]. All of its methods can be
// called concurrently.
type Metrics struct {
	log        *zap.Logger
	gatherer   prometheus.Gatherer
	slowerThan time.Duration
	born       time.Time // the ring's clock counts from here
	routes     *routes

	durations  *prometheus.HistogramVec
	unmeasured *prometheus.CounterVec
	activeVec  *prometheus.GaugeVec
	active     [len(methods)]prometheus.Gauge
}

// Why a request is not measured, as the label reason.
const (
	clientGone  = "client_gone"
	aborted     = "aborted"
	hijacked    = "hijacked"
	eventStream = "event_stream"
)

// Middleware counts what next answers. Put it around the router and the other
// middleware, so that it also counts what they answer themselves, and inside
// what recovers panics, which it passes on. It keeps every optional interface
// of the ResponseWriter, copies no request, and allocates once.
func (m *Metrics) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.serve(next, w, r)
	})
}

func (m *Metrics) serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	outside := r.Pattern
	method := methodIndex(r.Method)
	active := m.active[method]
	w, rec := respond.Wrap(w, r, respond.Hooks{})
	returned := false
	active.Inc()
	began := time.Since(m.born)
	defer func() {
		now := time.Since(m.born)
		active.Dec()
		var panicked any
		if !returned {
			panicked = recover() // nil after runtime.Goexit
		}
		m.count(answered{
			route: m.routeOf(rec, r, outside), method: method, rec: rec, panicked: panicked,
			gone: r.Context().Err() == context.Canceled, stream: isEventStream(w.Header()),
			now: now, took: now - began,
		})
		if panicked != nil {
			panic(panicked)
		}
	}()
	next.ServeHTTP(w, r)
	returned = true
}

// answered is a request that is over.
type answered struct {
	route    *route
	method   int
	rec      *respond.Recorder
	panicked any
	gone     bool // the client went away first
	stream   bool // it was a stream of events
	now      time.Duration
	took     time.Duration
}

// count decides where a request belongs.
func (m *Metrics) count(a answered) {
	status := a.rec.Settle(a.panicked)
	class := classIndex(status)
	abort := a.panicked == http.ErrAbortHandler
	switch {
	case a.panicked != nil && !abort:
		class = classPanic // a bug is a bug, though nobody was there to see it
		if a.rec.Hijacked() || a.stream {
			m.countUnmeasured(a, classLabels[class], unmeasuredReason(a))
			return
		}
	case a.gone:
		m.countUnmeasured(a, "499", clientGone)
		return
	case abort:
		label := "none"
		if a.rec.Status() != 0 {
			label = classLabels[class]
		}
		m.countUnmeasured(a, label, aborted)
		return
	case a.rec.Hijacked() || a.stream:
		m.countUnmeasured(a, classLabels[class], unmeasuredReason(a))
		return
	}
	m.observer(a.route, a.method, class).Observe(a.took.Seconds())
	a.route.ring.Observe(a.now, a.took, class >= classIndex(http.StatusInternalServerError))
}

func unmeasuredReason(a answered) string {
	if a.rec.Hijacked() {
		return hijacked
	}
	return eventStream
}

func (m *Metrics) countUnmeasured(a answered, class, reason string) {
	m.unmeasured.WithLabelValues(methods[a.method], a.route.name, class, reason).Inc()
}

// observer returns the histogram for a route, a method and a class.
func (m *Metrics) observer(r *route, method, class int) prometheus.Observer {
	p := &r.observers[method][class]
	if o := p.Load(); o != nil {
		return *o
	}
	errorType := ""
	if class == classPanic {
		errorType = "panic"
	}
	o := m.durations.WithLabelValues(methods[method], r.name, classLabels[class], errorType)
	p.Store(&o) // whoever else does this has the same one
	return o
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
	if r.Pattern == outside && patternRoute(outside) == "/" {
		return m.routes.unmatched
	}
	return m.routes.get(patternRoute(r.Pattern))
}

// isEventStream reports whether the answer is one of server-sent events.
func isEventStream(h http.Header) bool {
	v := h["Content-Type"]
	return len(v) > 0 && strings.HasPrefix(v[0], "text/event-stream")
}
