package peerbench

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	alexliesenfeld "github.com/alexliesenfeld/health"
	hellofresh "github.com/hellofresh/health-go/v5"

	"github.com/launchready/readiness/health"
)

var dependencies = []string{"database", "redis", "mail", "search", "payments"}

func well(context.Context) error { return nil }

// BenchmarkHealth asks each library's readiness endpoint, in the setup of it
// that is meant for this use, with five checks that pass: with the body that
// the public may see (ready), and with one entry per check (details).
// health-go has one handler only, which always runs the checks and always
// tells everything.
func BenchmarkHealth(b *testing.B) {
	b.Run("readiness-ready", func(b *testing.B) { ask(b, readiness(b).ReadyHandler()) })
	b.Run("readiness-details", func(b *testing.B) { ask(b, readiness(b).DetailsHandler()) })
	b.Run("alexliesenfeld-ready", func(b *testing.B) {
		ask(b, periodic(b, alexliesenfeld.WithDisabledDetails()))
	})
	b.Run("alexliesenfeld-details", func(b *testing.B) { ask(b, periodic(b)) })
	b.Run("hellofresh-ready", func(b *testing.B) { ask(b, container(b)) })
	b.Run("hellofresh-details", func(b *testing.B) { ask(b, container(b)) })
}

// ask makes the requests, one after the other, with a writer that costs
// nothing, and expects 200.
func ask(b *testing.B, h http.Handler) {
	b.Helper()
	w := &silentWriter{header: make(http.Header)}
	r := httptest.NewRequest(http.MethodGet, "/readyz", http.NoBody)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
	if w.status != http.StatusOK && w.status != 0 { // 0: Write alone, which means 200
		b.Fatalf("answered %d", w.status)
	}
}

func readiness(b *testing.B) *health.Checker {
	b.Helper()
	checks := make([]health.Check, 0, len(dependencies))
	for _, name := range dependencies {
		checks = append(checks, health.Check{Name: name, Func: well})
	}
	c, err := health.New(health.Config{Checks: checks})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ran := make(chan error, 1)
	go func() { ran <- c.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-ran; err != nil {
			b.Error(err)
		}
	})
	for c.Snapshot().State != health.Passing {
		runtime.Gosched()
	}
	return c
}

// periodic has the checks run in the background, which is alexliesenfeld's
// fastest way.
func periodic(b *testing.B, more ...alexliesenfeld.CheckerOption) http.Handler {
	b.Helper()
	options := more
	for _, name := range dependencies {
		options = append(options, alexliesenfeld.WithPeriodicCheck(15*time.Second, 0, alexliesenfeld.Check{Name: name, Check: well}))
	}
	c := alexliesenfeld.NewChecker(options...)
	b.Cleanup(c.Stop)
	for c.Check(b.Context()).Status != alexliesenfeld.StatusUp {
		runtime.Gosched()
	}
	return alexliesenfeld.NewHandler(c)
}

func container(b *testing.B) http.Handler {
	b.Helper()
	h, err := hellofresh.New()
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range dependencies {
		if err := h.Register(hellofresh.Config{Name: name, Check: well}); err != nil {
			b.Fatal(err)
		}
	}
	return h.Handler()
}

// silentWriter is a ResponseWriter that keeps the status only.
type silentWriter struct {
	header http.Header
	status int
}

func (w *silentWriter) Header() http.Header         { return w.header }
func (w *silentWriter) WriteHeader(status int)      { w.status = status }
func (w *silentWriter) Write(p []byte) (int, error) { return len(p), nil }
