package health_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/launchready/readiness/health"
)

// TestServeEndsStreamsThatAreTold is what Serve's text says of streams: told
// by RegisterOnShutdown, both kinds end, and a loop waits for the one that
// net/http has forgotten.
func TestServeEndsStreamsThatAreTold(t *testing.T) {
	t.Parallel()
	stopping, tookOver, events := make(chan struct{}), make(chan struct{}), make(chan struct{})
	goodbye := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/socket", func(w http.ResponseWriter, _ *http.Request) {
		defer close(goodbye)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		close(tookOver)
		<-stopping
		_, _ = io.WriteString(conn, "goodbye\n") // the test reads it
	})
	mux.HandleFunc("/events", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_ = http.NewResponseController(w).Flush()
		close(events)
		<-stopping
	})
	srv := &http.Server{Handler: mux}
	srv.RegisterOnShutdown(func() { close(stopping) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	checker, err := health.New(health.Config{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	result := make(chan error, 1)
	go func() {
		result <- checker.Serve(ctx, srv, health.ServeConfig{
			Listener: listener, ShutdownTimeout: time.Minute,
			Background: []func(context.Context) error{func(ctx context.Context) error { <-ctx.Done(); <-goodbye; return nil }},
		})
	}()

	conns := map[string]net.Conn{}
	for _, path := range []string{"/socket", "/events"} {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if _, err := io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: test\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		conns[path] = conn
	}
	<-tookOver
	<-events
	stop()
	if line, err := bufio.NewReader(conns["/socket"]).ReadString('\n'); line != "goodbye\n" {
		t.Errorf("the socket got %q, %v", line, err)
	}
	if body, err := io.ReadAll(conns["/events"]); err != nil || len(body) == 0 {
		t.Errorf("the events ended with %q, %v", body, err)
	}
	if err := <-result; err != nil {
		t.Errorf("Serve returned %v", err)
	}
}
