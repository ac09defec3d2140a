package main

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/metrics"
)

const metricsToken = "0f3c9a5b7d1e2f4a6b8c0d9e1f2a3b4c"

// wired returns a running site with the whole library around it.
func wired(t *testing.T) (*service, *site) {
	t.Helper()
	quiet(t)
	t.Setenv("METRICS_TOKEN", metricsToken)
	s := started(t)
	server := httptest.NewServer(s.handler())
	t.Cleanup(server.Close)
	return s, &site{Server: server, app: s.app}
}

// TestEveryAnswerKeepsItsRoute asks for pages that the cache and the limiter
// answer before the router is reached.
func TestEveryAnswerKeepsItsRoute(t *testing.T) {
	s, site := wired(t)
	b := site.browser(t)
	for range 3 { // a miss and two hits
		wantStatus(t, b.get("/listings/1"), http.StatusOK)
	}
	refused := 0
	for range 30 {
		if b.do("POST", "/login", "application/x-www-form-urlencoded", "email=x%40example.org&password=wrong").status == http.StatusTooManyRequests {
			refused++
		}
	}
	wantStatus(t, b.get("/no/such/page"), http.StatusNotFound)
	if refused == 0 {
		t.Error("no login was refused")
	}
	for route, want := range map[string]uint64{"/listings/{id}": 3, "/login": 30, "_unmatched": 1} {
		if got := s.traffic.Route(route).N; got != want {
			t.Errorf("%s: %d requests, want %d", route, got, want)
		}
	}
	if n := len(s.traffic.Snapshot().Routes); n != 3 {
		t.Errorf("%d routes: %+v", n, s.traffic.Snapshot().Routes)
	}
}

func TestEventsAreCounted(t *testing.T) {
	s, site := wired(t)
	b := site.browser(t)
	b.signUp("Ada") // and logs in
	wantStatus(t, b.post("/account", "/logout"), http.StatusSeeOther)
	wantStatus(t, b.post("/login", "/login", "email", "ada@example.org", "password", "not the password"), http.StatusUnprocessableEntity)
	wantStatus(t, b.do("POST", "/webhooks/payment", "application/json", "{}"), http.StatusForbidden)
	got := map[string]uint64{}
	for _, e := range s.traffic.Snapshot().Events {
		got[e.Name] = e.Total
	}
	for _, name := range events() {
		want := uint64(0)
		if slices.Contains([]string{eventSignup, eventLoginFailed, eventWebhookRefused}, name) {
			want = 1
		}
		if n, declared := got[name]; n != want || !declared {
			t.Errorf("%s: %d, want %d", name, n, want)
		}
	}
}

func TestTheSnapshotIsForHoldersOfTheToken(t *testing.T) {
	_, site := wired(t)
	b := site.browser(t)
	wantStatus(t, b.get("/listings"), http.StatusOK)
	wantStatus(t, b.get("/metrics/snapshot"), http.StatusUnauthorized)
	a := b.do("GET", "/metrics/snapshot", "", "", "Authorization", "Bearer "+metricsToken)
	wantStatus(t, a, http.StatusOK)
	snapshot, err := metrics.ReadSnapshot(strings.NewReader(a.body))
	if err != nil || len(snapshot.Routes) != 1 || snapshot.Routes[0].Route != "/listings" {
		t.Errorf("%v, %+v", err, snapshot)
	}
}

// TestAFailureIsCapturedWithoutAValue breaks the database under a page.
func TestAFailureIsCapturedWithoutAValue(t *testing.T) {
	s, site := wired(t)
	b := site.join(t, "Grace")
	if _, err := s.app.db.write.ExecContext(t.Context(), "DROP TABLE notifications"); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, b.do("GET", "/notifications?token=hunter2", "", "", "X-Request-Id", "req-42"), http.StatusInternalServerError)
	groups := s.traffic.Errors()
	if len(groups) != 1 {
		t.Fatalf("%+v", groups)
	}
	g := groups[0]
	if g.Route != "/notifications" || g.Status != 500 || g.Sample.RequestID != "req-42" || len(g.Sample.User) != 16 ||
		!slices.Equal(g.Sample.QueryKeys, []string{"token"}) || !slices.Contains(g.Sample.Headers, "Cookie") {
		t.Errorf("%+v", g)
	}
	w := httptest.NewRecorder()
	s.privateHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/errors", http.NoBody))
	if text := w.Body.String(); !strings.Contains(text, `"route":"/notifications"`) || strings.Contains(text, "hunter2") || strings.Contains(text, "Grace") {
		t.Errorf("got %s", text)
	}
}
