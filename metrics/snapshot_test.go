package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/metrics"
)

// taking returns a handler that takes as long as the request's query says.
func taking(t *testing.T, m *metrics.Metrics) func(path string, d time.Duration, status int) {
	t.Helper()
	var d time.Duration
	var status int
	h := m.Middleware(metrics.Name(func(r *http.Request) string { return r.URL.Path })(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(d)
		w.WriteHeader(status)
	})))
	return func(path string, took time.Duration, answer int) {
		d, status = took, answer
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, http.NoBody))
	}
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMetrics(t, metrics.Config{})
		request := taking(t, m)
		for range 18 {
			request("/search", 100*time.Millisecond, 200)
		}
		request("/search", 2*time.Second, 500)
		request("/search", 800*time.Millisecond, 200) // not slower than
		for range 40 {
			request("/listing", 10*time.Millisecond, 200)
		}
		request("/rare", time.Millisecond, 404)

		s := m.Snapshot()
		var order []string
		for _, r := range s.Routes {
			order = append(order, r.Route)
		}
		if want := []string{"/search", "/listing", "/rare"}; !slices.Equal(order, want) {
			t.Fatalf("order %v, want %v", order, want)
		}
		near := func(what string, got, want time.Duration) {
			t.Helper()
			if diff := (got - want).Abs(); diff > want/16 {
				t.Errorf("%s is %s, want about %s", what, got, want)
			}
		}
		search := s.Routes[0]
		near("p50", search.P50, 100*time.Millisecond)
		near("p95", search.P95, 800*time.Millisecond)
		near("p99", search.P99, 2*time.Second)
		if search.N != 20 || search.Slower != 1 || search.Errors != 1 || search.Verdict() != metrics.Fast {
			t.Errorf("%+v, %s", search, search.Verdict())
		}
		near("overall p50", s.Overall.P50, 10*time.Millisecond)
		if s.Overall.N != 61 || s.Overall.Route != "" || s.SlowerThan != 800*time.Millisecond {
			t.Errorf("overall %+v", s.Overall)
		}

		time.Sleep(5 * time.Minute)
		if s := m.Snapshot(); s.Overall.N != 0 || len(s.Routes) != 0 || s.Overall.Verdict() != metrics.TooFew {
			t.Errorf("five minutes later: %+v", s)
		}
	})
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		n, slower uint64
		want      metrics.Verdict
	}{
		{"nothing", 0, 0, metrics.TooFew},
		{"all slow, but few", 19, 19, metrics.TooFew},
		{"one of twenty", 20, 1, metrics.Fast},
		{"two of twenty", 20, 2, metrics.Slow},
		{"5 % exactly", 1000, 50, metrics.Fast},
		{"a little more", 1000, 51, metrics.Slow},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := (metrics.RouteStats{N: tt.n, Slower: tt.slower}).Verdict(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTheHistogramHasABoundaryAtSlowerThan(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		slowerThan time.Duration
		want       string
	}{
		{"default", 0, "0.005 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 0.8 1 2.5 5 7.5 10 +Inf"},
		{"one that is there", time.Second, "0.005 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1 2.5 5 7.5 10 +Inf"},
		{"before all", 2 * time.Millisecond, "0.002 0.005 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1 2.5 5 7.5 10 +Inf"},
		{"beyond all", time.Minute, "0.005 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1 2.5 5 7.5 10 60 +Inf"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := newMetrics(t, metrics.Config{SlowerThan: tt.slowerThan})
				taking(t, m)("/x", 900*time.Millisecond, 200)
				var edges []string
				for line := range strings.Lines(scrapeAll(t, m)) {
					if strings.HasPrefix(line, "http_server_request_duration_seconds_bucket{") {
						_, rest, _ := strings.Cut(line, `le="`)
						edge, _, _ := strings.Cut(rest, `"`)
						edges = append(edges, edge)
					}
				}
				if got := strings.Join(edges, " "); got != tt.want {
					t.Errorf("got  %s\nwant %s", got, tt.want)
				}
			})
		})
	}
}
