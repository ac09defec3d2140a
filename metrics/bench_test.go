package metrics_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/launchready/readiness/metrics"
)

// silentWriter is a ResponseWriter that keeps nothing and can do what that of
// HTTP/1 can.
type silentWriter struct {
	http.Hijacker
	header http.Header
}

func (w *silentWriter) Header() http.Header         { return w.header }
func (w *silentWriter) WriteHeader(int)             {}
func (w *silentWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *silentWriter) Flush()                      {}

var hello = []byte("hello")

// page is what both benchmarks serve.
func page() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /items/{id}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(hello) })
	return m
}

func serveTo(h http.Handler) func() {
	w := &silentWriter{header: http.Header{}}
	r := httptest.NewRequest(http.MethodGet, "/items/42", http.NoBody)
	return func() { h.ServeHTTP(w, r) }
}

func BenchmarkBare(b *testing.B) {
	serve := serveTo(page())
	b.ReportAllocs()
	for b.Loop() {
		serve()
	}
}

func BenchmarkMiddleware(b *testing.B) {
	serve := serveTo(newMetrics(b, metrics.Config{}).Middleware(page()))
	b.ReportAllocs()
	for b.Loop() {
		serve()
	}
}

func BenchmarkMiddlewareNamed(b *testing.B) {
	route := metrics.Name(func(*http.Request) string { return "/items/{id}" })
	serve := serveTo(newMetrics(b, metrics.Config{}).Middleware(route(page())))
	b.ReportAllocs()
	for b.Loop() {
		serve()
	}
}

func BenchmarkMiddlewareParallel(b *testing.B) {
	h := newMetrics(b, metrics.Config{}).Middleware(page())
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		serve := serveTo(h)
		for pb.Next() {
			serve()
		}
	})
}

func BenchmarkRoute(b *testing.B) {
	m := newMetrics(b, metrics.Config{})
	send := serveTo(m.Middleware(page()))
	for range 1000 {
		send()
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = m.Route("/items/{id}")
	}
}

// BenchmarkEvent counts one of nine events.
func BenchmarkEvent(b *testing.B) {
	m := newMetrics(b, metrics.Config{Events: []string{"a", "b", "c", "d", "e", "f", "g", "h", "login_failed"}})
	b.ReportAllocs()
	for b.Loop() {
		m.Event("login_failed")
	}
}

// BenchmarkCapture is a 5xx of a group that was logged already, with a form.
func BenchmarkCapture(b *testing.B) {
	h := newMetrics(b, metrics.Config{}).Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	w := &silentWriter{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/items/42", strings.NewReader("email=ada%40example.org&password=hunter2"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		h.ServeHTTP(w, r)
	}
}

func BenchmarkSnapshotOfOneRoute(b *testing.B) {
	m := newMetrics(b, metrics.Config{})
	serveTo(m.Middleware(page()))()
	b.ReportAllocs()
	for b.Loop() {
		_ = m.Snapshot()
	}
}

// Not parallel: it counts allocations.
func TestReadingARouteDoesNotAllocate(t *testing.T) {
	m := newMetrics(t, metrics.Config{})
	serveTo(m.Middleware(page()))()
	if n := testing.AllocsPerRun(100, func() { _ = m.Route("/items/{id}") }); n != 0 || m.Route("/items/{id}").N != 1 {
		t.Errorf("%v allocations", n)
	}
}

// Not parallel: it counts allocations.
func TestMiddlewareAllocatesOnce(t *testing.T) {
	bare := testing.AllocsPerRun(200, serveTo(page()))
	wrapped := testing.AllocsPerRun(200, serveTo(newMetrics(t, metrics.Config{}).Middleware(page())))
	if wrapped-bare > 1 {
		t.Errorf("%v allocations, and %v without", wrapped, bare)
	}
}
