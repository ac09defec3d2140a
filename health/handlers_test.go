package health_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/launchready/readiness/health"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

func TestHandlersSpeakHTTP(t *testing.T) {
	t.Parallel()
	c, err := health.New(health.Config{})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		handler http.Handler
		method  string
		status  int
		body    string
	}{
		{"live GET", c.LiveHandler(), "GET", 200, `{"status":"pass"}`},
		{"live HEAD", c.LiveHandler(), "HEAD", 200, ""},
		{"live POST", c.LiveHandler(), "POST", 405, ""},
		{"ready GET", c.ReadyHandler(), "GET", 503, `{"status":"fail"}`},
		{"ready HEAD", c.ReadyHandler(), "HEAD", 503, ""},
		{"ready PUT", c.ReadyHandler(), "PUT", 405, ""},
		{"startup GET", c.StartupHandler(), "GET", 503, `{"status":"fail"}`},
		{"startup get", c.StartupHandler(), "get", 405, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			tt.handler.ServeHTTP(w, httptest.NewRequest(tt.method, "/", http.NoBody))
			h := w.Header()
			if w.Code != tt.status || h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%d %v", w.Code, h)
			}
			if tt.status == http.StatusMethodNotAllowed {
				if h.Get("Allow") != "GET, HEAD" {
					t.Errorf("Allow %q", h.Get("Allow"))
				}
				return
			}
			if h.Get("Content-Type") != "application/health+json" || h.Get("Content-Length") != "17" || w.Body.String() != tt.body {
				t.Errorf("%v %q", h, w.Body)
			}
		})
	}
}

// Not parallel: it counts allocations.
func TestProbesDoNotAllocate(t *testing.T) {
	c, err := health.New(health.Config{})
	if err != nil {
		t.Fatal(err)
	}
	w := &silentWriter{header: make(http.Header)}
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	for name, h := range map[string]http.Handler{"live": c.LiveHandler(), "ready": c.ReadyHandler(), "startup": c.StartupHandler(), "details": c.DetailsHandler()} {
		if n := testing.AllocsPerRun(100, func() { h.ServeHTTP(w, r) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestBeforeRunOneWarning(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zapcore.WarnLevel)
	c, err := health.New(health.Config{Logger: zap.New(core)})
	if err != nil {
		t.Fatal(err)
	}
	if got := probe(c.LiveHandler()); got != pass || logs.Len() != 0 {
		t.Errorf("live: %s, %d warnings", got, logs.Len())
	}
	for range 3 {
		if got := probe(c.ReadyHandler()); got != fail {
			t.Errorf("ready: %s", got)
		}
		if got := probe(c.StartupHandler()); got != fail {
			t.Errorf("startup: %s", got)
		}
	}
	if logs.Len() != 1 || c.Snapshot().State != health.NotRunning {
		t.Errorf("%d warnings, state %s", logs.Len(), c.Snapshot().State)
	}
}

func TestBeforeRunTheDetailsWarnToo(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zapcore.WarnLevel)
	made := time.Now()
	c, err := health.New(health.Config{Logger: zap.New(core), Checks: []health.Check{{Name: "x", Func: well}}})
	if err != nil {
		t.Fatal(err)
	}
	if s := c.Snapshot(); s.Since.Before(made) || s.Checks[0].Since.Before(made) || !s.Checks[0].Checked.IsZero() {
		t.Errorf("made at %s: %+v", made, s)
	}
	for range 3 {
		if got := query(c.DetailsHandler(), ""); !strings.Contains(got, `"state":"not running"`) {
			t.Error(got)
		}
	}
	if logs.Len() != 1 {
		t.Errorf("%d warnings", logs.Len())
	}
}

func TestDrain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, stop := start(t, health.Config{})
		defer stop()
		c.Drain()
		c.Drain()
		got := []string{probe(c.LiveHandler()), probe(c.StartupHandler()), probe(c.ReadyHandler()), string(c.Snapshot().State)}
		if want := []string{pass, pass, fail, "draining"}; !slices.Equal(got, want) {
			t.Errorf("live, startup, ready, state: %v", got)
		}
	})
}

func FuzzHandlersMethod(f *testing.F) {
	for _, m := range []string{"", "GET", "HEAD", "POST", "get", "GET ", "\x00"} {
		f.Add(m)
	}
	c, err := health.New(health.Config{})
	if err != nil {
		f.Fatal(err)
	}
	ready := c.ReadyHandler()
	f.Fuzz(func(t *testing.T, method string) {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Method = method
		ready.ServeHTTP(w, r)
		want := http.StatusMethodNotAllowed
		if method == "GET" || method == "HEAD" {
			want = http.StatusServiceUnavailable
		}
		if w.Code != want {
			t.Errorf("%q: %d", method, w.Code)
		}
	})
}

func FuzzClip(f *testing.F) {
	f.Add("", 0)
	f.Add("grün", 3)
	f.Add(strings.Repeat("é", 10), 7)
	f.Add("\xff\xfe", 9)
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = min(max(n, 0), 1<<12)
		got := health.Clip(s, n)
		if len(got) > n || !utf8.ValidString(got) {
			t.Errorf("Clip(%q, %d) = %q", s, n, got)
		}
		if utf8.ValidString(s) && !strings.HasPrefix(s, got) {
			t.Errorf("Clip(%q, %d) = %q is no beginning of it", s, n, got)
		}
	})
}

// silentWriter is a ResponseWriter that keeps nothing.
type silentWriter struct{ header http.Header }

func (w *silentWriter) Header() http.Header         { return w.header }
func (w *silentWriter) WriteHeader(int)             {}
func (w *silentWriter) Write(p []byte) (int, error) { return len(p), nil }
