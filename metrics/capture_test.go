package metrics_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/metrics"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// watched returns a Metrics and what it logs.
func watched(t testing.TB, cfg metrics.Config) (*metrics.Metrics, *observer.ObservedLogs) {
	t.Helper()
	core, logs := observer.New(zapcore.DebugLevel)
	cfg.Logger = zap.New(core)
	return newMetrics(t, cfg), logs
}

func post(path, contentType, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return r
}

// set panics where m is nil.
func set(m map[string]int, key string) { m[key] = 1 }

// explode is where the panics of these tests begin.
func explode(what any) { panic(what) }

func TestACapturedPanic(t *testing.T) {
	t.Parallel()
	m, logs := watched(t, metrics.Config{Release: "v1.2.3", Errors: metrics.ErrorCapture{Headers: []string{"x-tenant"}}, Secret: bytes.Repeat([]byte("s"), 32)})
	h := m.Middleware(named("/listings/{id}")(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		metrics.SetUser(w, "alice@example.org")
		metrics.SetRequestID(w, "host/abc-000001")
		w.WriteHeader(http.StatusOK)
		explode(fmt.Errorf("no such listing: %s", r.Form.Get("password")))
	})))
	r := post("/listings/7?q=lift&page=2", "application/x-www-form-urlencoded", "email=alice%40example.org&password=hunter2")
	r.Header.Set("Cookie", "session=c00kie")
	r.Header.Set("X-Tenant", "acme")
	r.Header.Set("X-Unlisted", "hunter2")
	_, panicked := do(h, r)
	if err, ok := panicked.(error); !ok || err.Error() != "no such listing: hunter2" {
		t.Fatalf("the panic did not go on up: %v", panicked)
	}
	groups := m.Errors()
	if len(groups) != 1 {
		t.Fatalf("%d groups", len(groups))
	}
	g := groups[0]
	if g.Route != "/listings/{id}" || g.Method != "POST" || g.Status != 500 || g.PanicType != fmt.Sprintf("%T", panicked) ||
		g.Count != 1 || g.Release != "v1.2.3" || len(g.ID) != 16 {
		t.Errorf("%+v", g)
	}
	if len(g.Stack) < 3 || !strings.HasPrefix(g.Stack[0], "github.com/launchready/readiness/metrics_test.explode capture_test.go:") ||
		!strings.HasPrefix(g.Stack[1], "github.com/launchready/readiness/metrics_test.TestACapturedPanic.func1 capture_test.go:") ||
		strings.Contains(strings.Join(g.Stack, " "), "(*Metrics).serve") {
		t.Errorf("stack:\n%s", strings.Join(g.Stack, "\n"))
	}
	s := g.Sample
	if s.RequestID != "host/abc-000001" || len(s.User) != 16 || !slices.Equal(s.Headers, []string{"Content-Type", "Cookie", "X-Tenant"}) ||
		!slices.Equal(s.QueryKeys, []string{"page", "q"}) || s.Body != "email=string(17)&password=string(7)" {
		t.Errorf("%+v", s)
	}
	const curl = `curl -g -X POST -H 'Content-Type: application/x-www-form-urlencoded' -H 'Cookie: <value>' -H 'X-Tenant: <value>'` +
		` --data-urlencode 'email=string(17)' --data-urlencode 'password=string(7)' "$BASE_URL"'/listings/{id}?page=<value>&q=<value>'`
	if s.Curl != curl {
		t.Errorf("got  %s\nwant %s", s.Curl, curl)
	}
	if logs.Len() != 1 {
		t.Fatalf("%d lines in the log", logs.Len())
	}
	fields := logs.All()[0].ContextMap()
	for name, want := range map[string]any{
		"route": g.Route, "method": g.Method, "status": int64(500), "request_id": s.RequestID, "release": "v1.2.3", "revision": g.Revision,
		"panic_type": g.PanicType, "user": s.User, "body": s.Body, "curl": curl, "group": g.ID, "not_logged_before": uint64(0),
	} {
		if fields[name] != want {
			t.Errorf("%s is %v, want %v", name, fields[name], want)
		}
	}
	g.Sample.Headers[0], g.Sample.QueryKeys[0], g.Stack[0] = "", "", ""
	if again := m.Errors()[0]; again.Sample.Headers[0] == "" || again.Sample.QueryKeys[0] == "" || again.Stack[0] == "" {
		t.Error("what Errors returned is not the caller's own")
	}
	if all := fmt.Sprint(logs.All(), groups); strings.Contains(all, "hunter2") || strings.Contains(all, "alice") || strings.Contains(all, "c00kie") || strings.Contains(all, "acme") {
		t.Errorf("a value is in %s", all)
	}
}

func TestWhatIsCaptured(t *testing.T) {
	t.Parallel()
	gone, leave := context.WithCancel(t.Context())
	leave()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	tests := []struct {
		name    string
		ctx     context.Context
		cfg     metrics.Config
		handler http.HandlerFunc
		want    string // message, status
	}{
		{"a page", t.Context(), metrics.Config{}, ok, "[]"},
		{"not found", t.Context(), metrics.Config{}, status(404), "[]"},
		{"a 500", t.Context(), metrics.Config{}, status(500), "[server error captured 500]"},
		{"a 503", t.Context(), metrics.Config{}, status(503), "[server error captured 503]"},
		{"a 500 that nobody waited for", gone, metrics.Config{}, status(500), "[]"},
		{"a panic that nobody waited for", gone, metrics.Config{}, func(http.ResponseWriter, *http.Request) { explode(1) }, "[panic captured 500]"},
		{"a panic after the header", t.Context(), metrics.Config{}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204); explode(1) }, "[panic captured 500]"},
		{"given up", t.Context(), metrics.Config{}, func(http.ResponseWriter, *http.Request) { explode(http.ErrAbortHandler) }, "[]"},
		{"a stream that panics", t.Context(), metrics.Config{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			w.WriteHeader(200)
			explode(1)
		}, "[panic captured 500]"},
		{"switched off", t.Context(), metrics.Config{Errors: metrics.ErrorCapture{Off: true}}, func(http.ResponseWriter, *http.Request) { explode(1) }, "[]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, logs := watched(t, tt.cfg)
			_, _ = do(m.Middleware(tt.handler), httptest.NewRequestWithContext(tt.ctx, http.MethodGet, "/", http.NoBody))
			var got []string
			for _, line := range logs.All() {
				got = append(got, fmt.Sprint(line.Message, " ", line.ContextMap()["status"]))
			}
			if fmt.Sprint(got) != tt.want || len(m.Errors()) != len(got) {
				t.Errorf("got %s, want %s; %+v", got, tt.want, m.Errors())
			}
		})
	}
}

// TestWhereAPanicBegan looks through what stands between: checks of the
// runtime, and middleware that recovers and passes on.
func TestWhereAPanicBegan(t *testing.T) {
	t.Parallel()
	passingOn := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				if v := recover(); v != nil {
					panic(v)
				}
			}()
			next.ServeHTTP(w, r)
		})
	}
	tests := []struct {
		name, panicType string
		f               func()
	}{
		{"a value", "string", func() { explode("hunter2") }},
		{"an index", "runtime.boundsError", func() { list := []int{}; _ = list[len(list)] }},
		{"a nil pointer", "runtime.errorString", func() { var r *http.Request; _ = r.Method }},
		{"a nil map", "runtime.plainError", func() { set(nil, "hunter2") }},
		{"a nil panic", "*runtime.PanicNilError", func() { explode(nil) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, logs := watched(t, metrics.Config{})
			_, _ = do(m.Middleware(passingOn(passingOn(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { tt.f() })))), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
			g := m.Errors()[0]
			top := g.Stack[0]
			if strings.HasPrefix(top, "github.com/launchready/readiness/metrics_test.explode ") || strings.HasPrefix(top, "github.com/launchready/readiness/metrics_test.set ") {
				top = g.Stack[1]
			}
			if !strings.HasPrefix(top, "github.com/launchready/readiness/metrics_test.TestWhereAPanicBegan.func") || !strings.HasPrefix(g.PanicType, tt.panicType) {
				t.Errorf("%s at\n%s", g.PanicType, strings.Join(g.Stack, "\n"))
			}
			if strings.Contains(fmt.Sprint(logs.All(), g), "hunter2") {
				t.Error("the value of a panic is told")
			}
		})
	}
}

func TestUsersAreHashed(t *testing.T) {
	t.Parallel()
	hash := func(secret byte, user string) string {
		cfg := metrics.Config{}
		if secret != 0 {
			cfg.Secret = bytes.Repeat([]byte{secret}, 32)
		}
		m, _ := watched(t, cfg)
		_, _ = do(m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			metrics.SetUser(w, user)
			w.WriteHeader(http.StatusInternalServerError)
		})), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		return m.Errors()[0].Sample.User
	}
	one, again, first, second := hash('a', "7"), hash('a', "7"), hash(0, "7"), hash(0, "7")
	if one != again || first == second || one == hash('a', "8") || one == hash('b', "7") || hash('a', "") != "" || len(one) != 16 {
		t.Error("a hash must depend on the user and on the secret, and on nothing else")
	}
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, set, header, want string }{
		{"set", "req-1", "", "req-1"},
		{"of the answer", "", "01J9ZK", "01J9ZK"},
		{"set goes first", "req-1", "01J9ZK", "req-1"},
		{"none", "", "", ""},
		{"no id", "alice@example.org", "", ""},
		{"too long", strings.Repeat("x", 65), "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, _ := watched(t, metrics.Config{})
			_, _ = do(m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				metrics.SetRequestID(w, tt.set)
				w.Header().Set("X-Request-Id", tt.header)
				w.WriteHeader(http.StatusInternalServerError)
			})), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
			if got := m.Errors()[0].Sample.RequestID; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	metrics.SetUser(httptest.NewRecorder(), "7") // nobody around: nothing happens
	metrics.SetRequestID(httptest.NewRecorder(), "7")
}
