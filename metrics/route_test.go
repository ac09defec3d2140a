package metrics_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/launchready/readiness/internal/respond"
	"github.com/launchready/readiness/metrics"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

func ok(http.ResponseWriter, *http.Request) {}

// mux returns a router of a few patterns.
func mux() *http.ServeMux {
	m := http.NewServeMux()
	m.HandleFunc("GET /items/{id}", ok)
	m.HandleFunc("/files/", ok)
	m.HandleFunc("GET /boom", func(http.ResponseWriter, *http.Request) { panic("boom") })
	return m
}

// mounted puts a handler behind a pattern of an outer router.
func mounted(pattern string, h http.Handler) http.Handler {
	m := http.NewServeMux()
	m.Handle(pattern, h)
	return m
}

// copying is middleware that copies the request, as every one does that puts
// a value into its context.
func copying(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r.WithContext(r.Context())) })
}

// named is middleware that names every route alike, as a chi router does
// whose pattern is known only after next.
func named(name string) func(http.Handler) http.Handler {
	return metrics.Name(func(*http.Request) string { return name })
}

func TestRouteNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		stack func(m *metrics.Metrics) http.Handler
		path  string
		want  string
	}{
		{"a ServeMux inside", func(m *metrics.Metrics) http.Handler { return m.Middleware(mux()) }, "/items/42", "/items/{id}"},
		{"a subtree", func(m *metrics.Metrics) http.Handler { return m.Middleware(mux()) }, "/files/a/b", "/files/"},
		{"no match", func(m *metrics.Metrics) http.Handler { return m.Middleware(mux()) }, "/wp-login.php", "_unmatched"},
		{"a wrong method", func(m *metrics.Metrics) http.Handler { return m.Middleware(mounted("POST /x", http.HandlerFunc(ok))) }, "/x", "_unmatched"},
		{"mounted at the root", func(m *metrics.Metrics) http.Handler { return mounted("/", m.Middleware(mux())) }, "/items/42", "/items/{id}"},
		{"mounted at the root, not matched by another router", func(m *metrics.Metrics) http.Handler {
			return mounted("/", m.Middleware(http.HandlerFunc(http.NotFound)))
		}, "/x", "_unmatched"},
		{"inside of a ServeMux", func(m *metrics.Metrics) http.Handler {
			return mounted("GET example.com/items/{id}", m.Middleware(http.HandlerFunc(ok)))
		}, "/items/1", "example.com/items/{id}"},
		{"mounted at a path", func(m *metrics.Metrics) http.Handler {
			return mounted("/api/", m.Middleware(http.HandlerFunc(http.NotFound)))
		}, "/api/x", "/api/"},
		{"a name", func(m *metrics.Metrics) http.Handler {
			return mounted("/", m.Middleware(named("/listings/{id}")(http.HandlerFunc(ok))))
		}, "/listings/1", "/listings/{id}"},
		{"a name with a regular expression", func(m *metrics.Metrics) http.Handler {
			return m.Middleware(named("/x/{id:[a-z ]+}")(http.HandlerFunc(ok)))
		}, "/x/a%20b", "/x/{id:[a-z ]+}"},
		{"the router found nothing", func(m *metrics.Metrics) http.Handler {
			return mounted("/", m.Middleware(named("")(http.HandlerFunc(ok))))
		}, "/x", "_unmatched"},
		{"a name although it panics", func(m *metrics.Metrics) http.Handler { return m.Middleware(copying(metrics.Name(nil)(mux()))) }, "/boom", "/boom"},
		{"a copied request without Name", func(m *metrics.Metrics) http.Handler { return m.Middleware(copying(mux())) }, "/items/42", "_unmatched"},
		{"a copied request with Name", func(m *metrics.Metrics) http.Handler { return m.Middleware(copying(metrics.Name(nil)(mux()))) }, "/items/42", "/items/{id}"},
		{"answered before the router", func(m *metrics.Metrics) http.Handler {
			return m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { respond.Find(w).SetRoute("/listings") }))
		}, "/listings", "/listings"},
		{"a writer around the recorder", func(m *metrics.Metrics) http.Handler {
			return m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w, _ = respond.Wrap(w, r, respond.Hooks{})
				named("/inner")(http.HandlerFunc(ok)).ServeHTTP(w, r)
			}))
		}, "/x", "/inner"},
		{"a name that is no text", func(m *metrics.Metrics) http.Handler {
			return m.Middleware(named("/\xff" + strings.Repeat("a", 300))(http.HandlerFunc(ok)))
		}, "/x", "/" + strings.Repeat("a", 198)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newMetrics(t, metrics.Config{})
			h := tt.stack(m)
			for range 2 {
				_, _ = do(h, httptest.NewRequest(http.MethodGet, tt.path, http.NoBody))
			}
			routes := m.Snapshot().Routes
			if len(routes) != 1 || routes[0].Route != tt.want || routes[0].N != 2 {
				t.Fatalf("got %+v, want %q", routes, tt.want)
			}
			if !slices.ContainsFunc(scrape(t, m), func(line string) bool { return strings.Contains(line, `http_route="`+tt.want+`"`) }) {
				t.Errorf("%q is not in\n%s", tt.want, scrape(t, m))
			}
		})
	}
}

// A route that is known takes no lock, whatever its name: names are made fit
// for a label before they are looked up.
func TestAKnownRouteTakesNoLock(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"/listings", "/" + strings.Repeat("a", 199), "/" + strings.Repeat("a", 300), "/" + strings.Repeat("é", 150),
		"/\xff", "/\xff" + strings.Repeat("a", 300), "/" + strings.Repeat("\x80", 300), "_other\xff", "\xff",
	} {
		t.Run(fmt.Sprintf("%.20q", name), func(t *testing.T) {
			t.Parallel()
			m := newMetrics(t, metrics.Config{})
			h := m.Middleware(named(name)(http.HandlerFunc(ok)))
			send := func() { _, _ = do(h, httptest.NewRequest(http.MethodGet, "/x", http.NoBody)) }
			send()
			unlock := metrics.LockRoutes(m)
			done := make(chan struct{})
			go func() { defer close(done); send() }()
			select {
			case <-done:
			case <-time.After(5 * time.Second):
				t.Error("the request waits for the lock")
			}
			unlock()
			<-done
			routes := m.Snapshot().Routes
			if len(routes) != 1 || routes[0].N != 2 || len(routes[0].Route) > 200 || !utf8.ValidString(routes[0].Route) {
				t.Errorf("got %+v", routes)
			}
		})
	}
}

func TestNameWithoutMetricsDoesNothing(t *testing.T) {
	t.Parallel()
	w, panicked := do(named("/x")(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })),
		httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	if panicked != nil || w.Code != 204 {
		t.Errorf("%d, %v", w.Code, panicked)
	}
}

func TestMaxRoutes(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zapcore.WarnLevel)
	m := newMetrics(t, metrics.Config{MaxRoutes: 3, Logger: zap.New(core)})
	h := m.Middleware(metrics.Name(func(r *http.Request) string { return r.URL.Path })(http.HandlerFunc(ok)))
	for i := range 10 {
		for range i + 1 {
			_, _ = do(h, httptest.NewRequest(http.MethodGet, fmt.Sprintf("/%d", i), http.NoBody))
		}
	}
	got := map[string]uint64{}
	for _, r := range m.Snapshot().Routes {
		got[r.Route] = r.N
	}
	if len(got) != 4 || got["/0"] != 1 || got["/2"] != 3 || got["_other"] != 4+5+6+7+8+9+10 {
		t.Errorf("got %v", got)
	}
	if logs.Len() != 1 || strings.Contains(fmt.Sprint(logs.All()[0].ContextMap()), "/3") {
		t.Errorf("warnings: %v", logs.All())
	}
}

func FuzzMiddleware(f *testing.F) {
	f.Add("GET", "/items/{id}", "/items/1", "text/html")
	f.Add("", "", "/", "")
	f.Add("BREW", "GET example.com/\xff", "//x", "text/event-stream")
	f.Add("\n", "_other", "/\"}", "\x00")
	m := newMetrics(f, metrics.Config{MaxRoutes: 5})
	f.Fuzz(func(t *testing.T, method, name, path, contentType string) {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Method, r.URL.Path, r.Pattern = method, path, name
		h := m.Middleware(named(name)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", contentType) })))
		if _, panicked := do(h, r); panicked != nil {
			t.Fatalf("panicked with %v", panicked)
		}
		routes := m.Snapshot().Routes
		if len(routes) > 5+2 {
			t.Errorf("%d routes", len(routes))
		}
		for _, one := range routes {
			if len(one.Route) > 200 || !utf8.ValidString(one.Route) {
				t.Errorf("route %q", one.Route)
			}
		}
	})
}
