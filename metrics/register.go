package metrics

import (
	"slices"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/launchready/readiness/internal/respond"
	"github.com/prometheus/client_golang/prometheus"
)

// The labels of what is counted by request.
var (
	durationLabels   = []string{"http_request_method", "http_route", "http_response_status_class", "error_type"}
	unmeasuredLabels = []string{"http_request_method", "http_route", "http_response_status_class", "error_type", "reason"}
)

// newMetrics makes the metrics of a valid Config.
func newMetrics(cfg Config) *Metrics {
	m := &Metrics{
		log: cfg.Logger, gatherer: cfg.Gatherer, slowerThan: cfg.SlowerThan,
		traceID: cfg.TraceID, tokens: hashTokens(cfg.SnapshotTokens),
		born:   time.Now(),
		routes: newRoutes(cfg),
		events: newEvents(cfg),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "http_server_request_duration_seconds",
			Help:    "Duration of HTTP server requests.",
			Buckets: boundaries(cfg.SlowerThan),
			// Eight native buckets a power of two. Below 0.1 ms they may be
			// merged, which leaves 160 for a range of a million to one; a
			// histogram that needs more than that starts afresh, at most once
			// an hour.
			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  160,
			NativeHistogramMinResetDuration: time.Hour,
			NativeHistogramMaxZeroThreshold: 0.0001,
		}, durationLabels),
		unmeasured: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_server_unmeasured_requests_total",
			Help: "HTTP server requests whose duration says nothing: the client was gone, the handler aborted, or the answer was a stream (a connection taken over, events, a tunnel).",
		}, unmeasuredLabels),
	}
	m.build = newBuild(cfg.Release)
	m.errors = newErrors(cfg, m.build)
	m.hooks = respond.Hooks{Stream: m.open.begin}
	return m
}

// register registers all or nothing.
func (m *Metrics) register(problems *cfgerr.List, reg prometheus.Registerer) {
	var done []prometheus.Collector
	for _, c := range []prometheus.Collector{m.durations, m.unmeasured, &m.active, &m.open, m.events} {
		if err := reg.Register(c); err != nil {
			problems.Addf("Registerer", "does not take the metrics; give each Metrics its own: %w", err)
			for _, d := range done {
				reg.Unregister(d)
			}
			return
		}
		done = append(done, c)
	}
}

// boundaries returns OpenTelemetry's for http.server.request.duration, in
// seconds, and one at slowerThan.
func boundaries(slowerThan time.Duration) []float64 {
	list := []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
	at := slowerThan.Seconds()
	if i, found := slices.BinarySearch(list, at); !found {
		list = slices.Insert(list, i, at)
	}
	return list
}
