package metrics

import (
	"errors"
	"net/http"
	"time"

	"github.com/launchready/readiness/internal/respond"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"
)

const (
	// maxScrapes bounds how many scrapes are served at once.
	maxScrapes = 4
	// scrapeTimeout is as long as Prometheus waits by default.
	scrapeTimeout = 10 * time.Second
)

// errGather is what a client is told where something could not be gathered:
// the collector's own text may hold what it was told to connect with.
var errGather = errors.New("some metrics could not be gathered")

// Handler serves the metrics to Prometheus: GET and HEAD, 405 otherwise, at
// most four at once and each within 10 s, 503 beyond. What can be gathered is
// served although another collector fails. It shows what the service does and
// how much: serve it on a private address, or behind authentication. Where
// Config.TraceID is given it offers the OpenMetrics format besides, in which
// an example stands beside a bucket and bounds are written "1.0" and not "1".
func (m *Metrics) Handler() http.Handler {
	scrape := promhttp.HandlerFor(prometheus.GathererFunc(quiet(m.gatherer.Gather, m.log)), promhttp.HandlerOpts{
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: maxScrapes,
		Timeout:             scrapeTimeout,
		EnableOpenMetrics:   m.traceID != nil,
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if respond.AllowMethods(w, r, http.MethodGet, http.MethodHead) {
			w.Header().Set("Cache-Control", "no-store")
			scrape.ServeHTTP(w, r)
		}
	})
}

// quiet returns gather with its error text kept to itself. The type
// parameters save an import that would only name the result.
func quiet[S ~[]E, E any](gather func() (S, error), log *zap.Logger) func() (S, error) {
	return func() (S, error) {
		families, err := gather()
		if err != nil {
			log.Warn("some metrics could not be gathered: call the Gatherer to see why", zap.Int("gathered", len(families)))
			return families, errGather
		}
		return families, nil
	}
}
