package health_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/launchready/readiness/health"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start makes a Checker and runs it in the caller's bubble. The function it
// returns ends Run and waits for it.
func start(t *testing.T, cfg health.Config) (c *health.Checker, stop func()) {
	t.Helper()
	c, err := health.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- c.Run(ctx) }()
	synctest.Wait()
	return c, func() {
		cancel()
		if err := <-ran; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

// probe calls a handler with GET and returns status and body in one text.
func probe(h http.Handler) string {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	return http.StatusText(w.Code) + " " + w.Body.String()
}

// What probe returns.
const (
	pass = `OK {"status":"pass"}`
	warn = `OK {"status":"warn"}`
	fail = `Service Unavailable {"status":"fail"}`
)

// query calls a handler with GET and a query and returns the body.
func query(h http.Handler, query string) string {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/details?"+query, http.NoBody))
	return w.Body.String()
}
