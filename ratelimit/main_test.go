package ratelimit_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/launchready/readiness/internal/redistest"
	"github.com/launchready/readiness/ratelimit"
)

func TestMain(m *testing.M) {
	if servers := os.Getenv(processEnv); servers != "" {
		if err := process(servers, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(redistest.Rest(m, func() error { return goleak.Find() }))
}

func mustNew(tb testing.TB, cfg ratelimit.Config) *ratelimit.Limiter {
	tb.Helper()
	l, err := ratelimit.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

var ok = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })

// send sends one request from an address and returns the response.
func send(h http.Handler, method, target, remote string, edit ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr = remote
	for _, f := range edit {
		f(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
