package health_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/launchready/readiness/health"
)

func running(b *testing.B) *health.Checker {
	b.Helper()
	checks := make([]health.Check, 0, 5)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
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

func BenchmarkReady(b *testing.B) {
	h := running(b).ReadyHandler()
	w := &silentWriter{header: make(http.Header)}
	r := httptest.NewRequest(http.MethodGet, "/readyz", http.NoBody)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}

func BenchmarkDetails(b *testing.B) {
	h := running(b).DetailsHandler()
	for _, query := range []string{"", "verbose", "exclude=a"} {
		b.Run("query="+query, func(b *testing.B) {
			w := &silentWriter{header: make(http.Header)}
			r := httptest.NewRequest(http.MethodGet, "/health?"+query, http.NoBody)
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
		})
	}
}

func BenchmarkReadyParallel(b *testing.B) {
	h := running(b).ReadyHandler()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		w := &silentWriter{header: make(http.Header)}
		r := httptest.NewRequest(http.MethodGet, "/readyz", http.NoBody)
		for pb.Next() {
			h.ServeHTTP(w, r)
		}
	})
}

func BenchmarkSnapshot(b *testing.B) {
	c := running(b)
	b.ReportAllocs()
	for b.Loop() {
		_ = c.Snapshot()
	}
}
