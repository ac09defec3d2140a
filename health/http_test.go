package health_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/launchready/readiness/health"
)

func TestHTTP(t *testing.T) {
	t.Parallel()
	var agent, user atomic.Value
	var connections atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		user.Store(name + " " + password)
		agent.Store(r.UserAgent())
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ok", http.StatusFound) })
	mux.HandleFunc("/lost", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://no host/?key=hunter2")
		w.WriteHeader(http.StatusFound)
	})
	mux.HandleFunc("/down", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "hunter2", http.StatusServiceUnavailable) })
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, strings.Repeat("x", 1<<10)); err != nil {
				return
			}
		}
	})
	var hangUp context.CancelFunc
	mux.HandleFunc("/hangs", func(_ http.ResponseWriter, r *http.Request) { hangUp(); <-r.Context().Done() })
	mux.HandleFunc("/header", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Long", strings.Repeat("x", 128<<10)) })
	srv := httptest.NewUnstartedServer(mux)
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	srv.Start()
	defer srv.Close()
	for _, tt := range []struct{ path, want string }{
		{"/ok?key=hunter2", ""},
		{"/away", "answered 302 Found"},
		{"/lost", "answered 302 Found"},
		{"/down", "answered 503 Service Unavailable"},
		{"/missing?key=hunter2", "answered 404 Not Found"},
		{"/endless", ""},
		{"/hangs?key=hunter2", "context canceled"},
	} {
		before := connections.Load()
		ctx, cancel := context.WithCancel(t.Context())
		hangUp = cancel
		ask := health.HTTP(srv.URL + tt.path)
		err := ask(ctx)
		cancel()
		if got := text(err); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.path, got, tt.want)
		}
		if n := connections.Load() - before; n != 1 {
			t.Errorf("%s: %d connections, want a new one", tt.path, n)
		}
		if tt.want == "" { // again, without the connection of the first run
			if err := ask(t.Context()); err != nil || connections.Load()-before != 2 {
				t.Errorf("%s: %v over %d connections, want two", tt.path, err, connections.Load()-before)
			}
		}
	}
	if err := health.HTTP(srv.URL + "/header")(t.Context()); err == nil {
		t.Error("a header of 128 KiB was read")
	}
	if agent.Load() != "readiness-health" {
		t.Errorf("User-Agent %q", agent.Load())
	}
	if err := health.HTTP(strings.Replace(srv.URL, "//", "//ann:hunter2@", 1) + "/ok")(t.Context()); err != nil || user.Load() != "ann hunter2" {
		t.Errorf("%v with %q", err, user.Load())
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestHTTPErrorsHoldNoURL(t *testing.T) {
	t.Parallel()
	tlsOnly := httptest.NewUnstartedServer(http.NotFoundHandler())
	tlsOnly.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of the check's distrust
	tlsOnly.StartTLS()
	defer tlsOnly.Close()
	for _, address := range []string{"http://ann:hunter2@" + closedPort + "/path?key=hunter2", tlsOnly.URL + "/path?key=hunter2"} {
		err := health.HTTP(address)(t.Context())
		if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "/path") {
			t.Errorf("got %v", err)
		}
	}
}
