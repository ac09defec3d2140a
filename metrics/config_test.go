package metrics_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/metrics"
	"github.com/prometheus/client_golang/prometheus"
)

// onlyRegisterer hides that a registry can gather.
type onlyRegisterer struct{ prometheus.Registerer }

func TestNewReportsEveryProblem(t *testing.T) {
	t.Parallel()
	taken := prometheus.NewRegistry()
	taken.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "http_server_active_requests", Help: "another one"}))
	tests := []struct {
		name string
		cfg  metrics.Config
		want []string
	}{
		{"values", metrics.Config{SlowerThan: 800, MaxRoutes: -1}, []string{
			"metrics: SlowerThan: must be at least 1ms, got 800ns",
			"metrics: MaxRoutes: must be positive, got -1",
		}},
		{"a Gatherer alone", metrics.Config{Gatherer: taken, SlowerThan: -time.Second}, []string{
			"metrics: SlowerThan: must be at least 1ms, got -1s",
			"metrics: Gatherer: is set without a Registerer",
		}},
		{"a Registerer that cannot gather", metrics.Config{Registerer: onlyRegisterer{taken}}, []string{
			"metrics: Gatherer: is nil, and the Registerer (metrics_test.onlyRegisterer) is no Gatherer",
		}},
		{"a name that is taken", metrics.Config{Registerer: taken}, []string{
			"metrics: Registerer: does not take the metrics; give each Metrics its own: ",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, err := metrics.New(tt.cfg)
			if m != nil || !errors.Is(err, metrics.ErrConfig) {
				t.Fatalf("got %v, %v", m, err)
			}
			if one, ok := errors.AsType[*metrics.ConfigError](err); !ok || one.Package != "metrics" {
				t.Errorf("no ConfigError in %v", err)
			}
			got := strings.Split(err.Error(), "\n")
			if len(got) != len(tt.want) {
				t.Fatalf("%d problems, want %d:\n%v", len(got), len(tt.want), err)
			}
			for i := range got {
				if !strings.HasPrefix(got[i], tt.want[i]) {
					t.Errorf("got  %s\nwant %s…", got[i], tt.want[i])
				}
			}
		})
	}
}

func TestAFailedNewLeavesNothingRegistered(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	// Alike in everything, because a registry remembers the description of
	// a name for ever.
	blocker := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "http_server_active_requests", Help: "HTTP server requests in flight, open streams among them."}, []string{"http_request_method"})
	reg.MustRegister(blocker)
	if _, err := metrics.New(metrics.Config{Registerer: reg}); err == nil {
		t.Fatal("no error")
	}
	reg.Unregister(blocker)
	if _, err := metrics.New(metrics.Config{Registerer: reg}); err != nil {
		t.Errorf("the first attempt left something: %v", err)
	}
	if _, err := metrics.New(metrics.Config{Registerer: reg}); !errors.As(err, new(prometheus.AlreadyRegisteredError)) {
		t.Errorf("a shared registry: %v", err)
	}
}

func TestStructsForUsersStayOpen(t *testing.T) {
	t.Parallel()
	if reflect.TypeFor[metrics.Config]().Comparable() {
		t.Error("Config is comparable: it lacks its first field")
	}
}
