package peerbench

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/launchready/readiness/metrics"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	slok "github.com/slok/go-http-metrics/metrics/prometheus"
	"github.com/slok/go-http-metrics/middleware"
	"github.com/slok/go-http-metrics/middleware/std"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
)

// nullWriter can do what the writer of HTTP/1 can, and keeps nothing.
type nullWriter struct {
	http.Hijacker
	header http.Header
}

func (w *nullWriter) Header() http.Header         { return w.header }
func (w *nullWriter) WriteHeader(int)             {}
func (w *nullWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *nullWriter) Flush()                      {}

var reply = []byte("hello")

// items is the service: one route, five bytes.
func items() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /items/{id}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(reply) })
	return m
}

// instrumented are the stacks to compare. Each counts what it can of: the
// duration by method, route and status, and the requests in flight.
var instrumented = []struct {
	name string
	wrap func(testing.TB, http.Handler) http.Handler
}{
	{"bare", func(_ testing.TB, h http.Handler) http.Handler { return h }},
	// Classic and native histogram, the ring of the in-process p95, requests
	// in flight, the guard for panics, capture of errors: the default.
	{"readiness", func(tb testing.TB, h http.Handler) http.Handler {
		m, err := metrics.New(metrics.Config{})
		if err != nil {
			tb.Fatal(err)
		}
		return m.Middleware(h)
	}},
	// Duration, requests in flight and a counter; classic buckets; the route
	// is a constant label, because it knows of none.
	{"promhttp", func(_ testing.TB, h http.Handler) http.Handler {
		reg := prometheus.NewRegistry()
		durations := prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "duration_seconds", ConstLabels: prometheus.Labels{"route": "/items/{id}"}, Buckets: prometheus.DefBuckets,
		}, []string{"method", "code"})
		counts := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total"}, []string{"method", "code"})
		active := prometheus.NewGauge(prometheus.GaugeOpts{Name: "in_flight"})
		reg.MustRegister(durations, counts, active)
		return promhttp.InstrumentHandlerInFlight(active, promhttp.InstrumentHandlerDuration(durations, promhttp.InstrumentHandlerCounter(counts, h)))
	}},
	// Duration, size and requests in flight, its default; the route is given,
	// else it takes the path.
	{"slok", func(_ testing.TB, h http.Handler) http.Handler {
		recorder := slok.NewRecorder(slok.Config{Registry: prometheus.NewRegistry()})
		return std.Handler("/items/{id}", middleware.New(middleware.Config{Recorder: recorder}), h)
	}},
	// Its metrics through the exporter for Prometheus, with tracing off.
	{"otelhttp", func(tb testing.TB, h http.Handler) http.Handler {
		exporter, err := otelprometheus.New(otelprometheus.WithRegisterer(prometheus.NewRegistry()))
		if err != nil {
			tb.Fatal(err)
		}
		meters := metric.NewMeterProvider(metric.WithReader(exporter))
		return otelhttp.NewHandler(h, "items", otelhttp.WithMeterProvider(meters), otelhttp.WithTracerProvider(tracenoop.NewTracerProvider()))
	}},
}

// request returns a function that sends one request through h.
func request(h http.Handler) func() {
	w := &nullWriter{header: http.Header{}}
	r := httptest.NewRequest(http.MethodGet, "/items/42", http.NoBody)
	return func() { h.ServeHTTP(w, r) }
}

// BenchmarkMetrics gives the cost of a request; the overhead is what a stack
// takes more than bare.
func BenchmarkMetrics(b *testing.B) {
	for _, stack := range instrumented {
		b.Run(stack.name, func(b *testing.B) {
			send := request(stack.wrap(b, items()))
			send()
			b.ReportAllocs()
			for b.Loop() {
				send()
			}
		})
	}
}

// BenchmarkMetricsInTurn is for a machine that others use, too: it sends 200
// requests through each stack in turn, again and again, so that what slows one
// down slows all, and leaves out the slowest tenth of each, which somebody
// else interrupted. Run it with -benchtime 6000x.
func BenchmarkMetricsInTurn(b *testing.B) {
	const batch = 200
	var sends []func()
	for _, stack := range instrumented {
		sends = append(sends, request(stack.wrap(b, items())))
	}
	times := make([][]time.Duration, len(instrumented))
	for b.Loop() {
		for i, send := range sends {
			began := time.Now()
			for range batch {
				send()
			}
			times[i] = append(times[i], time.Since(began))
		}
	}
	mean := map[string]float64{}
	for i, stack := range instrumented {
		slices.Sort(times[i])
		kept := times[i][:max(1, len(times[i])*9/10)]
		var sum time.Duration
		for _, took := range kept {
			sum += took
		}
		mean[stack.name] = float64(sum) / float64(len(kept)*batch)
		b.ReportMetric(mean[stack.name], stack.name+"-ns")
	}
	over := func(name string) float64 { return mean[name] - mean["bare"] }
	b.ReportMetric(over("readiness"), "overhead-ns")
	for _, peer := range []string{"promhttp", "slok", "otelhttp"} {
		b.ReportMetric(over("readiness")/over(peer), "of-"+peer)
	}
}

// TestMetricsAllocations holds what no load on the machine changes: one
// allocation over bare, and fewer than any peer.
func TestMetricsAllocations(t *testing.T) {
	allocations := map[string]float64{}
	for _, stack := range instrumented {
		allocations[stack.name] = testing.AllocsPerRun(500, request(stack.wrap(t, items())))
	}
	over := func(name string) float64 { return allocations[name] - allocations["bare"] }
	t.Logf("allocations: %v", allocations)
	if over("readiness") > 1 {
		t.Errorf("%v allocations over bare, at most 1 is promised", over("readiness"))
	}
	for _, peer := range []string{"promhttp", "slok", "otelhttp"} {
		if over(peer) <= over("readiness") {
			t.Errorf("%s has %v allocations over bare, and ours are %v", peer, over(peer), over("readiness"))
		}
	}
}
