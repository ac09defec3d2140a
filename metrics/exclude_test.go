package metrics_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/metrics"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// byPath names every route by its path.
func byPath(h http.HandlerFunc) http.Handler {
	return metrics.Name(func(r *http.Request) string { return r.URL.Path })(h)
}

// get asks for a path.
func get(h http.Handler, path string) { send(h, http.MethodGet, path) }

// send asks for a path, which may be none.
func send(h http.Handler, method, path string) {
	r := httptest.NewRequest(method, "/", http.NoBody)
	r.URL.Path = path
	_, _ = do(h, r)
}

func TestExcludedRoutesAreNotCounted(t *testing.T) {
	t.Parallel()
	m := newMetrics(t, metrics.Config{Exclude: []string{"/static/{file}", "_unmatched"}, MaxRoutes: 1})
	boom := true
	h := m.Middleware(byPath(func(w http.ResponseWriter, _ *http.Request) {
		if boom {
			panic("boom")
		}
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(http.StatusOK)
	}))
	get(h, "/static/{file}")
	get(h, "_unmatched")
	boom = false
	get(h, "/static/{file}")
	if got := scrape(t, m); len(got) > 0 {
		t.Errorf("counted: %s", got)
	}
	boom = true
	get(h, "/kept") // the excluded ones take nobody's place
	s := m.Snapshot()
	if len(s.Routes) != 1 || s.Routes[0].Route != "/kept" || s.Overall.N != 1 {
		t.Errorf("snapshot: %+v", s)
	}
	if n := len(m.Errors()); n != 1 || m.Errors()[0].Count != 3 {
		t.Errorf("errors of excluded routes are captured: %+v", m.Errors())
	}
	if r := m.Route("/static/{file}"); r.N != 0 || r.Route != "/static/{file}" {
		t.Errorf("Route: %+v", r)
	}
	if m.Route("/kept").N != 1 || m.Route("/never").N != 0 {
		t.Error("Route does not tell")
	}
}

func TestAMissingNameIsWarnedOfOnce(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		routes map[string]int // how often each path is asked for
		status int
		method string
		want   int
	}{
		{"no route has a name", map[string]int{"": 250}, 200, "GET", 1},
		{"some have", map[string]int{"": 300, "/a": 100}, 200, "GET", 1},
		{"most have", map[string]int{"": 300, "/a": 200, "/b": 150}, 200, "GET", 0},
		{"too few to say", map[string]int{"": 99}, 200, "GET", 0},
		{"a scanner finds nothing", map[string]int{"": 500}, 404, "GET", 0},
		{"an outer redirect", map[string]int{"": 500}, 301, "GET", 0},
		{"preflights, answered outside of the router", map[string]int{"": 500}, 204, "OPTIONS", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			core, logs := observer.New(zapcore.WarnLevel)
			m := newMetrics(t, metrics.Config{Logger: zap.New(core)})
			h := m.Middleware(byPath(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(tt.status) }))
			for _, path := range []string{"/a", "/b", ""} { // those with a name first
				for range tt.routes[path] {
					send(h, tt.method, path)
				}
			}
			if logs.Len() != tt.want || tt.want == 1 && !strings.Contains(logs.All()[0].Message, "metrics.Name") {
				t.Errorf("%d warnings: %v", logs.Len(), logs.All())
			}
		})
	}
}

func TestTheWarningLooksAtTheLastMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zapcore.WarnLevel)
		m := newMetrics(t, metrics.Config{Logger: zap.New(core)})
		h := m.Middleware(byPath(func(http.ResponseWriter, *http.Request) {}))
		times := func(path string, n int) {
			for range n {
				get(h, path)
			}
		}
		times("/a", 1000)
		times("", 99)
		time.Sleep(6 * time.Minute) // what was before says nothing of now
		times("/a", 10)
		times("", 1)
		if logs.Len() != 0 {
			t.Fatalf("one without against ten with a route: %v", logs.All())
		}
		times("", 100)
		if logs.Len() != 1 || fmt.Sprint(logs.All()[0].ContextMap()) != "map[with_route:10 without_route:101]" {
			t.Errorf("warnings: %v", logs.All())
		}
	})
}
