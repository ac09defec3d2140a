package metrics

import (
	"context"
	"net/http"
	"time"

	"github.com/launchready/readiness/internal/respond"
	"github.com/prometheus/client_golang/prometheus"
)

// reason is why the duration of a request says nothing, if it does not. The
// first ones are the kinds of streams.
type reason uint8

const (
	measured   = reason(respond.NoStream)
	clientGone = reason(respond.Tunnel) + iota
	aborted
)

// reasons are the label of the same name.
var reasons = [...]string{
	respond.HijackedConn: streamKinds[respond.HijackedConn], respond.EventStream: streamKinds[respond.EventStream], respond.Tunnel: streamKinds[respond.Tunnel],
	clientGone: "client_gone", aborted: "aborted",
}

// answered is a request that is over, and what becomes of it.
type answered struct {
	r        *http.Request
	route    *route
	rec      *respond.Recorder
	panicked any
	method   int
	now      time.Duration
	took     time.Duration

	// What decide makes of it.
	status int
	class  int
	reason reason
	failed bool // it is a failure of the service
}

// decide says what kind of answer it was.
func (a *answered) decide() {
	a.status = a.rec.Settle(a.panicked)
	a.class = classIndex(a.status)
	a.reason = reason(a.rec.Stream())
	switch abort := a.panicked == http.ErrAbortHandler; {
	case a.panicked != nil && !abort:
		a.class, a.failed = classPanic, true // a bug is a bug, though nobody was there to see it
	case a.reason != measured: // a stream ends when either side goes
	case a.r.Context().Err() == context.Canceled:
		a.reason = clientGone
	case abort:
		a.reason = aborted
	default:
		a.failed = a.class >= classIndex(http.StatusInternalServerError)
	}
}

// count counts a request where it belongs.
func (m *Metrics) count(a *answered) {
	if a.route.excluded {
		return
	}
	if a.reason != measured {
		m.unmeasured.WithLabelValues(methods[a.method], a.route.name, a.classLabel(), errorType(a.class), reasons[a.reason]).Inc()
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

// classLabel is the class of a request that is not measured.
func (a *answered) classLabel() string {
	switch {
	case a.reason == clientGone:
		return "499"
	case a.reason == aborted && a.rec.Status() == 0:
		return "none"
	default:
		return classLabels[a.class]
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
