package metrics

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// maxTraceID bounds the id of a trace; W3C's has 32 characters. Prometheus
// takes 128 for a whole exemplar, and panics beyond.
const maxTraceID = 64

// observeTrace observes a duration, with the trace as its example where there
// is one.
func observeTrace(o prometheus.Observer, seconds float64, trace string) {
	with, ok := o.(prometheus.ExemplarObserver)
	if !ok || !wellFormed(trace, maxTraceID, "-_") {
		o.Observe(seconds)
		return
	}
	with.ObserveWithExemplar(seconds, prometheus.Labels{"trace_id": trace})
}

// wellFormed reports whether an id has at most so many characters, and only
// letters, digits and those of the list: such as no log and no query takes for
// something else.
func wellFormed(id string, most int, others string) bool {
	if id == "" || len(id) > most {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return true
}
