package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/launchready/readiness/metrics"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newMetrics(t testing.TB, cfg metrics.Config) *metrics.Metrics {
	t.Helper()
	m, err := metrics.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// scrape returns the lines of http_server_… that count something, without
// the buckets and the sums.
func scrape(t testing.TB, m *metrics.Metrics) []string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(scrapeAll(t, m)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "http_server_") && !strings.Contains(line, "_bucket{") && !strings.Contains(line, "_sum{") && !strings.HasSuffix(line, " 0") {
			lines = append(lines, line)
		}
	}
	return lines
}

func scrapeAll(t testing.TB, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	if w.Code != http.StatusOK {
		t.Fatalf("the scrape answered %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// count names one series of the histogram.
func count(method, route, class, errorType string) string {
	return `http_server_request_duration_seconds_count{error_type="` + errorType + `",http_request_method="` + method +
		`",http_response_status_class="` + class + `",http_route="` + route + `"} 1`
}

// unmeasured names one series of the counter.
func unmeasured(class, reason string) string {
	return `http_server_unmeasured_requests_total{error_type="",http_request_method="GET",http_response_status_class="` + class +
		`",http_route="_unmatched",reason="` + reason + `"} 1`
}

// do sends a request through a handler and returns what it panicked with.
func do(h http.Handler, r *http.Request) (w *httptest.ResponseRecorder, panicked any) {
	w = httptest.NewRecorder()
	defer func() { panicked = recover() }()
	h.ServeHTTP(w, r)
	return w, nil
}
