package metrics

import (
	"slices"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.uber.org/zap"
)

// The defaults of a [Config].
const (
	defaultSlowerThan = 800 * time.Millisecond
	defaultMaxRoutes  = 200
)

// ErrConfig is what every error of [New] is, for errors.Is.
var ErrConfig = cfgerr.ErrConfig

// ConfigError is one problem of a [Config], with the Path of the field.
type ConfigError = cfgerr.Error

// Config says what a [Metrics] counts and where it registers. The zero value
// is valid.
type Config struct {
	_ [0]func()

	// SlowerThan is the duration beyond which a request counts as slow, in a
	// Snapshot and as a boundary of the histogram. Default: 800 ms; at least
	// 1 ms.
	SlowerThan time.Duration

	// Registerer is where the metrics are registered. Default: a new
	// registry with the Go and process collectors. Two Metrics cannot share
	// one.
	Registerer prometheus.Registerer

	// Gatherer is what Handler serves. Default: the Registerer, which must
	// be a Gatherer then, as every *prometheus.Registry is. It cannot be set
	// without a Registerer: it would not serve what is registered.
	Gatherer prometheus.Gatherer

	// MaxRoutes is how many routes are told apart. A route costs up to 16 KB
	// for its last minutes, and a histogram for each method and class that
	// was seen. Default: 200.
	MaxRoutes int

	// Logger gets a warning when MaxRoutes is reached, and when Handler
	// cannot gather everything. Nil means no log.
	Logger *zap.Logger
}

// New compiles cfg and registers its metrics. It returns every problem of cfg
// at once, each a [*ConfigError], and leaves nothing registered then. It
// starts no goroutine.
func New(cfg Config) (*Metrics, error) {
	problems := cfgerr.For("metrics")
	if cfg.SlowerThan == 0 {
		cfg.SlowerThan = defaultSlowerThan
	} else if cfg.SlowerThan < time.Millisecond {
		problems.Addf("SlowerThan", "must be at least 1ms, got %s: use 0 for the default of %s, or give a unit such as time.Millisecond", cfg.SlowerThan, defaultSlowerThan)
	}
	if cfg.MaxRoutes == 0 {
		cfg.MaxRoutes = defaultMaxRoutes
	} else if cfg.MaxRoutes < 0 {
		problems.Addf("MaxRoutes", "must be positive, got %d: use 0 for the default of %d", cfg.MaxRoutes, defaultMaxRoutes)
	}
	if cfg.Logger == nil {
		cfg.Logger = zap.NewNop()
	}
	switch {
	case cfg.Registerer == nil && cfg.Gatherer != nil:
		problems.Addf("Gatherer", "is set without a Registerer: it would not serve what is registered")
	case cfg.Registerer == nil:
		own := prometheus.NewRegistry()
		own.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
		cfg.Registerer, cfg.Gatherer = own, own
	case cfg.Gatherer == nil:
		both, ok := cfg.Registerer.(prometheus.Gatherer)
		if !ok {
			problems.Addf("Gatherer", "is nil, and the Registerer (%T) is no Gatherer: set it, so that Handler has something to serve", cfg.Registerer)
		}
		cfg.Gatherer = both
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	m := newMetrics(cfg)
	m.register(problems, cfg.Registerer)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return m, nil
}

// newMetrics makes the metrics of a valid Config.
func newMetrics(cfg Config) *Metrics {
	m := &Metrics{
		log: cfg.Logger, gatherer: cfg.Gatherer, slowerThan: cfg.SlowerThan,
		born:   time.Now(),
		routes: newRoutes(cfg),
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
		}, []string{"http_request_method", "http_route", "http_response_status_class", "error_type"}),
		unmeasured: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_server_unmeasured_requests_total",
			Help: "HTTP server requests whose duration says nothing: the client was gone, the handler aborted, the connection was taken over, or it was a stream of events.",
		}, []string{"http_request_method", "http_route", "http_response_status_class", "reason"}),
		activeVec: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "http_server_active_requests",
			Help: "HTTP server requests in flight.",
		}, []string{"http_request_method"}),
	}
	for i, method := range methods {
		m.active[i] = m.activeVec.WithLabelValues(method)
	}
	return m
}

// register registers all or nothing.
func (m *Metrics) register(problems *cfgerr.List, reg prometheus.Registerer) {
	var done []prometheus.Collector
	for _, c := range []prometheus.Collector{m.durations, m.unmeasured, m.activeVec} {
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
