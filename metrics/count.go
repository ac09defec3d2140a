package metrics

import (
	"net/http"
	"time"

	"github.com/launchready/readiness/internal/respond"
	"github.com/prometheus/client_golang/prometheus"
)

// Why a request is not measured, as the label reason, besides the kinds of
// streams.
const (
	clientGone = "client_gone"
	aborted    = "aborted"
)

// answered is a request that is over, and what becomes of it.
type answered struct {
	r        *http.Request
	route    *route
	method   int
	rec      *respond.Recorder
	panicked any
	gone     bool // the client went away first
	now      time.Duration
	took     time.Duration

	// What decide makes of it.
	status int
	class  int
	label  string // the class as a label, where it is not classLabels[class]
	reason string // why its duration says nothing; "" where it does
	failed bool   // it is a failure of the service
}

// decide says what kind of answer it was.
func (a *answered) decide() {
	a.status = a.rec.Settle(a.panicked)
	a.class = classIndex(a.status)
	abort := a.panicked == http.ErrAbortHandler
	stream := a.rec.Stream()
	if stream != respond.NoStream {
		a.reason = streamKinds[stream]
	}
	switch {
	case a.panicked != nil && !abort:
		a.class, a.failed = classPanic, true // a bug is a bug, though nobody was there to see it
	case stream != respond.NoStream: // it ends when either side goes
	case a.gone:
		a.label, a.reason = "499", clientGone
	case abort:
		a.reason = aborted
		if a.rec.Status() == 0 {
			a.label = "none"
		}
	default:
		a.failed = a.class >= classIndex(http.StatusInternalServerError)
	}
}

// count counts a request where it belongs.
func (m *Metrics) count(a *answered) {
	if a.route.excluded {
		return
	}
	if a.reason != "" {
		label := a.label
		if label == "" {
			label = classLabels[a.class]
		}
		m.unmeasured.WithLabelValues(methods[a.method], a.route.name, label, errorType(a.class), a.reason).Inc()
		return
	}
	o := m.observer(a.route, a.method, a.class)
	if m.traceID != nil {
		observeTrace(o, a.took.Seconds(), m.traceID(a.r))
	} else {
		o.Observe(a.took.Seconds())
	}
	a.route.ring.Observe(a.now, a.took, a.failed)
	if a.route == m.routes.unmatched && a.status >= 200 && a.status <= 299 && a.r.Method != http.MethodOptions {
		m.routes.nameless(a.now)
	}
}

// observer returns the histogram for a route, a method and a class.
func (m *Metrics) observer(r *route, method, class int) prometheus.Observer {
	p := &r.observers[method][class]
	if o := p.Load(); o != nil {
		return *o
	}
	o := m.durations.WithLabelValues(methods[method], r.name, classLabels[class], errorType(class))
	p.Store(&o) // whoever else does this has the same one
	return o
}

// errorType is the label of the same name.
func errorType(class int) string {
	if class == classPanic {
		return "panic"
	}
	return ""
}
