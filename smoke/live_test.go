package smoke_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

const snapshotToken = "tok-0123456789abcdef-live"

// snapshot serves one, as the package metrics does.
func snapshot(routes string) http.Handler {
	h := http.NewServeMux()
	h.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "Listings") })
	h.HandleFunc("GET /metrics/snapshot", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+snapshotToken {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"format":1,"release":"v2","slower_than_ms":800,"routes":[%s]}`, routes)
	})
	h.Handle("GET /moved", http.RedirectHandler("/metrics/snapshot", http.StatusFound))
	h.HandleFunc("GET /other", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `{"status":"ok"}`) })
	return h
}

func route(name string, n int, p95 float64, slower, errors int) string {
	return fmt.Sprintf(`{"route":%q,"n":%d,"p50_ms":20,"p95_ms":%g,"p99_ms":%g,"slower":%d,"errors":%d}`, name, n, p95, p95, slower, errors)
}

func liveEnv(name string) (string, bool) {
	if name == "METRICS_TOKEN" {
		return snapshotToken, true
	}
	return credentials(name)
}

func liveConfig(h http.Handler, l smoke.Live) smoke.Config {
	if l.Path == "" {
		l.Path = "/metrics/snapshot"
	}
	if l.Secret == "" {
		l.Secret = "METRICS_TOKEN"
	}
	return smoke.Config{Handler: h, LookupEnv: liveEnv, Release: "v2", Steps: []smoke.Step{smoke.Page("/")}, Performance: smoke.Performance{Live: l}}
}

func TestLive(t *testing.T) {
	t.Parallel()
	h := snapshot(strings.Join([]string{
		route("/login", 200, 120, 0, 0), route("/order", 40, 1200, 5, 0), route("/search", 19, 5000, 19, 0), route("/pay", 40, 700, 4, 3),
	}, ","))
	r := checkConfig(t, liveConfig(h, smoke.Live{}))
	var got []string
	for _, s := range r.Steps[1:] {
		got = append(got, fmt.Sprintf("%s %s: %s %q %q", s.Outcome, s.Name, s.Verdict, s.Warnings, s.Info))
	}
	want := []string{
		`ok read /metrics/snapshot:  [] ["1 routes with fewer than 20 requests are not judged"]`,
		`ok live p95 of route /login: p50 20ms, p95 120ms, n=200 [] []`,
		`failed live p95 of route /order: 5 of 40 requests of visitors took longer than 800ms: p50 20ms, p95 1.2s, n=40 [] []`,
		`ok live p95 of route /pay: p50 20ms, p95 700ms, n=40 ["3 of 40 requests of visitors were answered with a 5xx"] []`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	few := checkConfig(t, liveConfig(h, smoke.Live{Routes: []string{"/search"}}))
	if s := few.Steps[2]; few.Err() != nil || len(few.Figures) != 0 || s.Info[0] != "only 19 requests, of which nothing is claimed" {
		t.Errorf("%v %+v", few.Err(), s)
	}
	some := checkConfig(t, liveConfig(h, smoke.Live{Routes: []string{"/login", "/reset"}}))
	if err := some.Err(); err != nil || len(some.Figures) != 1 || len(some.Steps[1].Info) != 1 || some.Steps[1].Info[0] != "route /reset: nobody has asked for it in the last five minutes" {
		t.Errorf("%v %+v", err, some.Steps)
	}
}

// Growth is a warning: the same five minutes cannot be measured once more.
func TestLiveGrowth(t *testing.T) {
	t.Parallel()
	var k kept
	cfg := liveConfig(snapshot(route("/login", 200, 100, 0, 0)), smoke.Live{})
	cfg.Memory, cfg.Release = k.memory(), "v1"
	first := checkConfig(t, cfg)
	if first.Err() != nil || len(first.Steps[1].Warnings) != 1 || first.Steps[1].Warnings[0] != "the snapshot is of the release v2, not of v1" {
		t.Errorf("%v %+v", first.Err(), first.Steps[1])
	}
	cfg = liveConfig(snapshot(route("/login", 200, 300, 0, 0)), smoke.Live{})
	cfg.Memory = k.memory()
	r := checkConfig(t, cfg)
	if r.Err() != nil || len(r.Steps[2].Warnings) != 1 || r.Steps[2].Warnings[0] != "p95 grew from 100ms (v1) to 300ms" {
		t.Errorf("%v %+v", r.Err(), r.Steps[2])
	}
}

func TestLiveThatCannotBeRead(t *testing.T) {
	t.Parallel()
	h := snapshot(route("/login", 200, 100, 0, 0))
	tests := []struct {
		name string
		live smoke.Live
		want string
	}{
		{"another token", smoke.Live{Secret: "SMOKE_PASSWORD"}, "answered 401 Unauthorized: the service does not take the token of SMOKE_PASSWORD"},
		{"not there", smoke.Live{Path: "/nowhere"}, "GET /nowhere answered 404 Not Found, expected 200"},
		{"moved: the token stays here", smoke.Live{Path: "/moved"}, "GET /moved answered 302 Found, expected 200"},
		{"something else", smoke.Live{Path: "/other"}, "GET /other is not the snapshot of the package metrics"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := failed(t, checkConfig(t, liveConfig(h, tt.live)), tt.want)
			if text := got.Verdict + got.Detail; strings.Contains(text, snapshotToken) || strings.Contains(text, password) || strings.Contains(text, "Bearer tok") {
				t.Errorf("the token shows:\n%s", text)
			}
		})
	}
	cfg := liveConfig(nil, smoke.Live{})
	cfg.URL = "http://market.example"
	if _, err := smoke.New(cfg); err == nil || !strings.Contains(err.Error(), "must be https for Performance.Live") {
		t.Errorf("got %v", err)
	}
}

// The token takes the place of BasicAuth for this one request.
func TestLiveBesideBasicAuth(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(snapshot(route("/login", 200, 100, 0, 0)))
	defer srv.Close()
	cfg := liveConfig(nil, smoke.Live{})
	cfg.URL, cfg.BasicAuth = srv.URL, &smoke.BasicAuth{User: "staging", Secret: "SMOKE_PASSWORD"}
	if err := checkConfig(t, cfg).Err(); err != nil {
		t.Error(err)
	}
}
