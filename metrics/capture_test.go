package metrics_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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

func TestGroups(t *testing.T) {
	t.Parallel()
	m, _ := watched(t, metrics.Config{})
	h := m.Middleware(byPath(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("do") {
		case "panic":
			explode(errors.New(r.URL.Path))
		case "elsewhere":
			explode(errors.New(r.URL.Path))
		case "502":
			w.WriteHeader(http.StatusBadGateway)
		default:
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	for _, path := range []string{
		"/a?do=panic", "/b?do=panic", "/a?do=elsewhere", // one place, two routes; another place
		"/a", "/a?x=1", "/b", "/a?do=502", // two routes, two statuses
	} {
		_, _ = do(h, httptest.NewRequest(http.MethodGet, path, http.NoBody))
	}
	_, _ = do(h, httptest.NewRequest(http.MethodDelete, "/a", http.NoBody))
	var got []string
	for _, g := range m.Errors() {
		if g.PanicType != "" {
			got = append(got, fmt.Sprintf("a panic: %d", g.Count))
		} else {
			got = append(got, fmt.Sprintf("%d of %s: %d", g.Status, g.Route, g.Count))
		}
	}
	slices.Sort(got)
	if want := []string{"500 of /a: 3", "500 of /b: 1", "502 of /a: 1", "a panic: 1", "a panic: 2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLoggingIsRateLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, logs := watched(t, metrics.Config{})
		h := m.Middleware(byPath(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
		for range 1000 {
			get(h, "/a")
		}
		if logs.Len() != 1 || m.Errors()[0].Count != 1000 {
			t.Fatalf("%d lines for %d failures", logs.Len(), m.Errors()[0].Count)
		}
		time.Sleep(time.Minute)
		get(h, "/a")
		if logs.Len() != 2 || logs.All()[1].ContextMap()["not_logged_before"] != uint64(999) {
			t.Errorf("a minute later: %v", logs.All()[1:])
		}
		time.Sleep(time.Minute)
		logs.TakeAll()
		for i := range 500 {
			get(h, fmt.Sprintf("/%d", i%100))
		}
		if logs.Len() != 30 {
			t.Errorf("%d lines for a hundred groups at once", logs.Len())
		}
		time.Sleep(time.Minute)
		get(h, "/99") // the last group was too many then
		if logs.Len() != 31 {
			t.Errorf("%d lines a minute later", logs.Len())
		}
	})
}

func TestTheLastFiftyGroupsAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, _ := watched(t, metrics.Config{})
		h := m.Middleware(byPath(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
		for i := range 60 {
			get(h, fmt.Sprintf("/%d", i))
			time.Sleep(time.Second)
			get(h, "/0") // happens again and again: it stays
			time.Sleep(time.Second)
		}
		groups := m.Errors()
		if len(groups) != 50 || groups[0].Route != "/0" || groups[0].Count != 61 || groups[1].Route != "/59" || groups[49].Route != "/11" {
			t.Errorf("%d groups, first %s (%d), then %s, last %s", len(groups), groups[0].Route, groups[0].Count, groups[1].Route, groups[len(groups)-1].Route)
		}
		if span := groups[0].Last.Sub(groups[0].First); span != 119*time.Second {
			t.Errorf("from first to last: %s", span)
		}
	})
}

func TestBodiesPassUntouched(t *testing.T) {
	t.Parallel()
	long := `{"text":"` + strings.Repeat("x", 20_000) + `"}`
	var upload bytes.Buffer
	form := multipart.NewWriter(&upload)
	_ = form.WriteField("title", "Lift")
	_ = form.Close()
	tests := []struct {
		name, contentType, body string
		read                    int // how much the handler reads; -1: all
		want                    string
	}{
		{"JSON", "application/json", `{"days":3}`, -1, `{"days":"number"}`},
		{"longer than is kept", "application/json", long, -1, `{"text":"…"} (partial)`},
		{"a form longer than is kept", "application/x-www-form-urlencoded", "a=1&text=" + strings.Repeat("x", 20_000), -1, "a=string(1)&text=string(8183) (partial)"},
		{"not read", "application/json", `{"days":3}`, 0, `"…" (partial)`},
		{"read in part", "application/json", `{"a":1,"days":3}`, 7, `{"a":"number"} (partial)`},
		{"exactly read, without asking for the end", "application/json", `{"days":3}`, 10, `{"days":"number"}`},
		{"an upload", form.FormDataContentType(), upload.String(), -1, "title=string(4)"},
		{"a text", "text/plain", "hunter2", -1, ""},
		{"no type", "", "hunter2", -1, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, _ := watched(t, metrics.Config{})
			r := post("/", tt.contentType, tt.body)
			before := r.Body
			_, _ = do(m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tt.read < 0 {
					if got, err := io.ReadAll(r.Body); err != nil || string(got) != tt.body {
						t.Errorf("the handler read %d bytes, %v", len(got), err)
					}
				} else if _, err := io.ReadFull(r.Body, make([]byte, tt.read)); err != nil {
					t.Error(err)
				}
				w.WriteHeader(http.StatusInternalServerError)
			})), r)
			if got := m.Errors()[0].Sample.Body; got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if r.Body != before {
				t.Error("the body was not put back")
			}
		})
	}
}

// TestABodyOfUnknownLength is sent in chunks, and whole once its end was read.
func TestABodyOfUnknownLength(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		read func(io.Reader)
		want string
	}{
		"to the end":     {func(r io.Reader) { _, _ = io.ReadAll(r) }, "a=string(1)"},
		"not to the end": {func(r io.Reader) { _, _ = io.ReadFull(r, make([]byte, 3)) }, "a=string(1) (partial)"},
	} {
		m, _ := watched(t, metrics.Config{})
		r := post("/", "application/x-www-form-urlencoded", "a=1")
		r.ContentLength = -1
		_, _ = do(m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			tt.read(r.Body)
			w.WriteHeader(http.StatusInternalServerError)
		})), r)
		if got := m.Errors()[0].Sample.Body; got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}

// TestABodyIsOnlyFollowedWhereCaptureIsOn looks at what the handler reads from.
func TestABodyIsOnlyFollowedWhereCaptureIsOn(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]bool{"on": false, "off": true} {
		m := newMetrics(t, metrics.Config{Errors: metrics.ErrorCapture{Off: off}})
		r := post("/", "application/json", "{}")
		before := r.Body
		_, _ = do(m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if followed := r.Body != before; followed == off {
				t.Errorf("capture %s: followed %v", name, followed)
			}
		})), r)
		if off && m.Errors() != nil {
			t.Error("Errors without capture")
		}
	}
}

// TestAReaderThatOutlivesItsRequest reads on while the failure is recorded.
func TestAReaderThatOutlivesItsRequest(t *testing.T) {
	t.Parallel()
	m, _ := watched(t, metrics.Config{})
	done := make(chan struct{})
	_, _ = do(m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := r.Body
		go func() {
			defer close(done)
			for one := make([]byte, 1); ; {
				if _, err := body.Read(one); err != nil {
					return
				}
			}
		}()
		w.WriteHeader(http.StatusInternalServerError)
	})), post("/", "application/json", `{"text":"`+strings.Repeat("x", 10_000)+`"}`))
	<-done
	if len(m.Errors()) != 1 {
		t.Errorf("%+v", m.Errors())
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

// TestCurlIsOneCommand lets a shell take it apart.
func TestCurlIsOneCommand(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh is installed")
	}
	tests := []struct {
		name, method, route, query, contentType, body string
		want                                          []string
	}{
		{"a page", "GET", "/l/{id}", "", "", "", []string{"-g", "http://x/l/{id}"}},
		{"a header", "HEAD", "/", "", "", "", []string{"-g", "-I", "http://x/"}},
		{"no route", "BREW", "", "a=1", "", "", []string{"-g", "-X", "<method>", "http://x/<path>?a=<value>"}},
		{"a host and quotes", "DELETE", "x.example/l/{id:[^']+}", "", "", "", []string{"-g", "-X", "DELETE", "http://x/l/{id:[^']+}"}},
		{"what a shell would run", "GET", "/$(id)`id`\"; id", "$(id)=1", "", "", []string{"-g", "http://x/$(id)`id`\"; id?<5 bytes>=<value>"}},
		{"JSON", "PUT", "/j", "", "application/json", `{"a b":"x","ok":true}`, []string{"-g", "-X", "PUT", "-H", "Content-Type: application/json", "--data-raw", `{"<3 bytes>":"string(1)","ok":"bool"}`, "http://x/j"}},
		{"an upload", "POST", "/u", "", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"it\"\r\n\r\nx\r\n--b--", []string{"-g", "-X", "POST", "--form-string", "it=string(1)", "http://x/u"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, _ := watched(t, metrics.Config{})
			r := post("/", tt.contentType, tt.body)
			r.Method, r.URL.RawQuery = tt.method, tt.query
			if tt.contentType == "" {
				r.Header.Del("Content-Type")
			}
			_, _ = do(m.Middleware(named(tt.route)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(http.StatusInternalServerError)
			}))), r)
			command := m.Errors()[0].Sample.Curl
			cmd := exec.CommandContext(t.Context(), sh, "-c", `curl() { printf '%s\n' "$@"; }; BASE_URL=http://x; `+command)
			out, err := cmd.Output()
			if got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"); err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("%s\ngot  %q, %v\nwant %q", command, got, err, tt.want)
			}
		})
	}
}
