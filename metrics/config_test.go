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
		{"routes left out", metrics.Config{Exclude: []string{"/ok", "", "GET /metrics", "/ok", "/" + strings.Repeat("x", 300)}}, []string{
			"metrics: Exclude[1]: is empty",
			`metrics: Exclude[2]: must be a route without a method, got "GET /metrics": write "/metrics"`,
			`metrics: Exclude[3]: names "/ok" a second time`,
			"metrics: Exclude[4]: no route has this name",
		}},
		{"events", metrics.Config{Events: []string{"ok", "Login Failed", "", "2fa", "ok", strings.Repeat("x", 65)}}, []string{
			"metrics: Events[1]: must be small letters",
			"metrics: Events[2]: must be small letters",
			"metrics: Events[3]: must be small letters",
			`metrics: Events[4]: names "ok" a second time`,
			"metrics: Events[5]: must be small letters",
		}},
		{"too many events", metrics.Config{Events: make([]string, 101)}, []string{"metrics: Events: has 101 names, and 100 are the most"}},
		{"secrets", metrics.Config{SnapshotTokens: []string{"hunter2", token, token, token + "\n"}, Secret: []byte("hunter2")}, []string{
			"metrics: SnapshotTokens[0]: must have at least 32 characters, got 7",
			"metrics: SnapshotTokens[2]: is the same as an earlier one",
			"metrics: SnapshotTokens[3]: holds a character that an Authorization header cannot carry",
			"metrics: Secret: must have at least 32 bytes, got 7",
		}},
		{"the rest", metrics.Config{Release: strings.Repeat("v", 101), Errors: metrics.ErrorCapture{Headers: []string{"X-Tenant", "X Tenant", ""}}}, []string{
			"metrics: Release: must have at most 100 bytes, got 101",
			`metrics: Errors.Headers[1]: must be the name of a header field, such as "X-Tenant", got "X Tenant"`,
			"metrics: Errors.Headers[2]: must be the name of a header field",
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
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), token) {
				t.Errorf("a secret is in %v", err)
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
	for _, one := range []reflect.Type{reflect.TypeFor[metrics.Config](), reflect.TypeFor[metrics.ErrorCapture]()} {
		if one.Field(0).Type != reflect.TypeFor[[0]func()]() {
			t.Errorf("%s lacks its first field", one)
		}
	}
}
