package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/launchready/readiness/metrics"
)

// openMetrics scrapes as Prometheus does.
func openMetrics(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
	r.Header.Set("Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5")
	w, _ := do(m.Handler(), r)
	return w.Body.String()
}

func TestExemplars(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, id string
		want     bool
	}{
		{"W3C", "0af7651916cd43dd8448eb211c80319c", true},
		{"another system's", "Root_1-67891233-abcdef012345678912345678", true},
		{"none", "", false},
		{"as long as can be", strings.Repeat("a", 64), true},
		{"too long", strings.Repeat("a", 65), false},
		{"far too long", strings.Repeat("a", 1000), false},
		{"not an id", "alice@example.org", false},
		{"no text", "\xff\xfe", false},
		{"what would end the label", `x"} 1`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newMetrics(t, metrics.Config{TraceID: func(r *http.Request) string { return r.Header.Get("Trace") }})
			r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
			r.Header.Set("Trace", tt.id)
			_, panicked := do(m.Middleware(http.HandlerFunc(ok)), r)
			text := openMetrics(t, m)
			if got := strings.Contains(text, `# {trace_id="`+tt.id+`"}`); got != tt.want || panicked != nil {
				t.Errorf("exemplar %v, want %v; panicked with %v", got, tt.want, panicked)
			}
			if strings.Contains(text, "trace_id") != tt.want || m.Snapshot().Overall.N != 1 {
				t.Errorf("n = %d\n%s", m.Snapshot().Overall.N, text)
			}
		})
	}
}

func TestWithoutTraceIDBoundsAreWrittenInOneWay(t *testing.T) {
	t.Parallel()
	m := newMetrics(t, metrics.Config{})
	get(m.Middleware(http.HandlerFunc(ok)), "/")
	if text := openMetrics(t, m); strings.Contains(text, `le="1.0"`) || !strings.Contains(text, `le="1"`) {
		t.Errorf("got\n%s", text)
	}
}
