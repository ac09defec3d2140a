package metrics_test

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/metrics"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

func TestHandlerServesItsOwnRegistry(t *testing.T) {
	t.Parallel()
	all := scrapeAll(t, newMetrics(t, metrics.Config{}))
	for _, want := range []string{"go_goroutines ", "process_start_time_seconds ", "http_server_active_requests{"} {
		if !strings.Contains(all, "\n"+want) {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestHandlerServesAGivenRegistry(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "mine", Help: "h"}, func() float64 { return 7 }))
	prefixed := prometheus.WrapRegistererWithPrefix("app_", reg)
	m := newMetrics(t, metrics.Config{Registerer: prefixed, Gatherer: reg})
	all := scrapeAll(t, m)
	if !strings.Contains(all, "\nmine 7\n") || !strings.Contains(all, "\napp_http_server_active_requests{") || strings.Contains(all, "go_goroutines") {
		t.Errorf("got\n%s", all)
	}
}

func TestHandlerMethods(t *testing.T) {
	t.Parallel()
	h := newMetrics(t, metrics.Config{}).Handler()
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 405, "DELETE": 405} {
		w, _ := do(h, httptest.NewRequest(method, "/metrics", http.NoBody))
		if w.Code != want || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, %v", method, w.Code, w.Header())
		}
	}
}

// broken is a collector that fails and tells too much.
type broken struct{}

var brokenDesc = prometheus.NewDesc("broken", "h", nil, nil)

func (broken) Describe(c chan<- *prometheus.Desc) { c <- brokenDesc }
func (broken) Collect(c chan<- prometheus.Metric) {
	c <- prometheus.NewInvalidMetric(brokenDesc, errors.New("postgres://prod:hunter2@10.0.3.7 refused"))
}

func TestHandlerKeepsErrorTextsToItself(t *testing.T) {
	t.Parallel()
	for name, alone := range map[string]bool{"among others": false, "alone": true} {
		core, logs := observer.New(zapcore.DebugLevel)
		reg, other := prometheus.NewRegistry(), prometheus.NewRegistry()
		reg.MustRegister(broken{})
		cfg := metrics.Config{Registerer: reg, Logger: zap.New(core)}
		if alone {
			cfg.Registerer, cfg.Gatherer = other, reg
		}
		m := newMetrics(t, cfg)
		w, _ := do(m.Handler(), httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
		if strings.Contains(w.Body.String(), "hunter2") || strings.Contains(fmt.Sprint(logs.All()), "hunter2") {
			t.Errorf("%s: the error's text is out:\n%s\n%v", name, w.Body, logs.All())
		}
		if (w.Code == http.StatusOK) == alone || strings.Contains(w.Body.String(), "http_server_active_requests") == alone {
			t.Errorf("%s: %d\n%s", name, w.Code, w.Body)
		}
		if logs.Len() != 1 {
			t.Errorf("%s: %d warnings", name, logs.Len())
		}
	}
}

func TestNativeHistogramIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		request := taking(t, newMetrics(t, metrics.Config{Registerer: reg}))
		for i := range 1000 { // over ten powers of ten
			request("/x", time.Duration(math.Pow(10, float64(i)/100)), 200)
		}
		families, err := reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetName() != "http_server_request_duration_seconds" {
				continue
			}
			h := f.GetMetric()[0].GetHistogram()
			if n := len(h.GetPositiveDelta()); n < 100 || n > 160 || h.GetSchema() != 3 {
				t.Errorf("%d native buckets of schema %d", n, h.GetSchema())
			}
			return
		}
		t.Error("no histogram")
	})
}
