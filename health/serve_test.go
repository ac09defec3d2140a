package health_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/health"
)

// pipes is a Listener without a socket, which a bubble cannot wait for.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// served is a server that Serve runs in the caller's bubble.
type served struct {
	checker *health.Checker
	server  *http.Server
	client  *http.Client
	signal  context.CancelFunc
	result  chan error
}

func serveIn(t *testing.T, handler http.HandlerFunc, cfg health.ServeConfig) *served {
	t.Helper()
	return serveChecks(t, handler, health.Config{}, cfg)
}

func serveChecks(t *testing.T, handler http.HandlerFunc, checks health.Config, cfg health.ServeConfig) *served {
	t.Helper()
	l := newPipes()
	cfg.Listener = l
	c, err := health.New(checks)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &served{
		checker: c, server: &http.Server{Handler: handler}, signal: cancel, result: make(chan error, 1),
		client: &http.Client{Transport: &http.Transport{DialContext: l.dial}},
	}
	go func() { s.result <- c.Serve(ctx, s.server, cfg) }()
	synctest.Wait()
	return s
}

// get makes a request and returns "status body close?" or "error".
func (s *served) get(t *testing.T) string {
	t.Helper()
	res, err := s.client.Get("http://pipe/")
	if err != nil {
		return "error"
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return "error"
	}
	text := res.Status + " " + string(b)
	if res.Close {
		text += " close"
	}
	return text
}

func TestServeStopsInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var order []string
		say := func(s string) { mu.Lock(); defer mu.Unlock(); order = append(order, s) }
		release := make(chan struct{})
		var db switchable
		s := serveChecks(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				<-release
				if r.Context().Err() != nil {
					say("the request was cancelled")
				}
				say("request done")
			}
			_, _ = io.WriteString(w, "hello")
		}, health.Config{Checks: []health.Check{{Name: "db", Func: db.check, Interval: time.Second}}},
			health.ServeConfig{Delay: 5 * time.Second, Background: []func(context.Context) error{func(ctx context.Context) error {
				<-ctx.Done()
				say("loop done")
				return ctx.Err()
			}}})
		if got := s.get(t); got != "200 OK hello" {
			t.Errorf("before: %s", got)
		}
		slow := make(chan error, 1)
		go func() {
			res, err := s.client.Get("http://pipe/slow")
			if err == nil {
				_, err = io.ReadAll(res.Body)
				_ = res.Body.Close()
			}
			slow <- err
		}()
		synctest.Wait()

		s.signal()
		synctest.Wait()
		if got := probe(s.checker.ReadyHandler()); got != fail {
			t.Errorf("ready while draining: %s", got)
		}
		if got := s.get(t); got != "200 OK hello close" {
			t.Errorf("during Delay: %s", got)
		}
		time.Sleep(5*time.Second - 1)
		if got := s.get(t); got != "200 OK hello close" {
			t.Errorf("at the end of Delay: %s", got)
		}
		time.Sleep(time.Second)
		if got := s.get(t); got != "error" {
			t.Errorf("after Delay: %s", got)
		}
		before := db.calls.Load()
		time.Sleep(3 * time.Second)
		if db.calls.Load() == before {
			t.Error("the checks stopped while a request was in flight")
		}
		close(release)
		if err := <-slow; err != nil {
			t.Errorf("the request in flight: %v", err)
		}
		if err := <-s.result; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if want := []string{"request done", "loop done"}; !slices.Equal(order, want) {
			t.Errorf("order %q, want %q", order, want)
		}
		if s.server.ReadHeaderTimeout != 10*time.Second || s.server.IdleTimeout != 2*time.Minute || s.server.BaseContext != nil {
			t.Errorf("header %s, idle %s", s.server.ReadHeaderTimeout, s.server.IdleTimeout)
		}
		s.client.CloseIdleConnections()
	})
}

func TestServeBoundsRequestsInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serveIn(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, health.ServeConfig{})
		answered := make(chan string, 1)
		go func() { answered <- s.get(t) }()
		synctest.Wait()
		s.signal()
		began := time.Now()
		err := <-s.result
		if took := time.Since(began); took != 10*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v after %s", err, took)
		}
		if got := <-answered; got != "error" {
			t.Errorf("the request: %s", got)
		}
	})
}

func TestServeBoundsLoops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := serveIn(t, nil, health.ServeConfig{ShutdownTimeout: 3 * time.Second, Background: []func(context.Context) error{
			func(context.Context) error { return nil }, // done early is no reason to stop
			func(context.Context) error { <-release; return nil },
			func(ctx context.Context) error { <-ctx.Done(); return errors.New("could not flush") },
		}})
		time.Sleep(time.Minute)
		s.signal()
		began := time.Now()
		err := <-s.result
		want := "health: Background[1] did not return within 3s after its context ended\nhealth: Background[2]: could not flush"
		if took := time.Since(began); took != 3*time.Second || err == nil || err.Error() != want {
			t.Errorf("after %s:\n%v\nwant\n%s", took, err, want)
		}
		close(release)
	})
}

// TestServeDoesNotWaitForAHook hangs in OnChange while the server stops.
func TestServeDoesNotWaitForAHook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := serveChecks(t, nil, health.Config{OnChange: func(context.Context, health.Change) { <-release }}, health.ServeConfig{ShutdownTimeout: 3 * time.Second})
		began := time.Now()
		s.signal()
		err := <-s.result
		if took := time.Since(began); took != 3*time.Second || text(err) != "health: a check, or OnChange, did not return within 3s after its context ended" {
			t.Errorf("%v after %s", err, took)
		}
		close(release)
	})
}

func TestServeEndsWithALoopsError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		var ended bool
		s := serveIn(t, nil, health.ServeConfig{Delay: time.Second, Background: []func(context.Context) error{
			func(context.Context) error { time.Sleep(time.Minute); return broken },
			func(ctx context.Context) error { <-ctx.Done(); ended = true; return nil },
		}})
		began := time.Now()
		err := <-s.result
		if !errors.Is(err, broken) || strings.Count(err.Error(), "broken") != 1 || !strings.Contains(err.Error(), "Background[0]") || time.Since(began) != 61*time.Second || !ended {
			t.Errorf("%v after %s, the other loop ended: %v", err, time.Since(began), ended)
		}
		if got := probe(s.checker.ReadyHandler()); got != fail {
			t.Errorf("ready: %s", got)
		}
		s.signal()
	})
}

// brokenListener fails like a process that has no file descriptor left and
// no way to get one.
type brokenListener struct{ *pipes }

var errAccept = errors.New("accept is broken")

func (brokenListener) Accept() (net.Conn, error) { return nil, errAccept }

func TestServeReturnsTheServersError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := health.New(health.Config{})
		if err != nil {
			t.Fatal(err)
		}
		l := brokenListener{newPipes()}
		err = c.Serve(t.Context(), &http.Server{}, health.ServeConfig{Listener: l, Delay: time.Hour})
		if !errors.Is(err, errAccept) {
			t.Errorf("got %v", err)
		}
		select {
		case <-l.done:
		default:
			t.Error("the listener is open")
		}
	})
}

func TestServeWithAnEndedContextStopsCleanly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := health.New(health.Config{Checks: []health.Check{{Name: "db", Func: well}}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := c.Serve(ctx, &http.Server{}, health.ServeConfig{Listener: newPipes()}); err != nil {
			t.Errorf("got %v", err)
		}
		l := newPipes()
		if err := c.Serve(ctx, &http.Server{}, health.ServeConfig{Listener: l}); err == nil {
			t.Error("a second Serve is no error")
		}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Error("the second Serve left its listener open")
		}
	})
}

func TestServeConfigProblemsComeAtOnce(t *testing.T) {
	t.Parallel()
	c, err := health.New(health.Config{})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Serve(t.Context(), nil, health.ServeConfig{Background: []func(context.Context) error{nil}, Delay: -1, ShutdownTimeout: -1})
	if !errors.Is(err, health.ErrConfig) {
		t.Fatalf("got %v", err)
	}
	for _, path := range []string{"Serve needs a server", "ServeConfig.Background[0]", "ServeConfig.Delay", "ServeConfig.ShutdownTimeout"} {
		if !strings.Contains(err.Error(), "health: "+path) {
			t.Errorf("%s is missing in\n%v", path, err)
		}
	}
}

func TestServeKeepsWhatTheServerHas(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		server       http.Server
		header, idle time.Duration
	}{
		{"own values", http.Server{ReadHeaderTimeout: time.Second, IdleTimeout: -1}, time.Second, -1},
		{"a shorter ReadTimeout", http.Server{ReadTimeout: 3 * time.Second}, 3 * time.Second, 2 * time.Minute},
		{"a longer ReadTimeout", http.Server{ReadTimeout: time.Hour}, 10 * time.Second, 2 * time.Minute},
	}
	for i := range tests {
		tt := &tests[i]
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, err := health.New(health.Config{})
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				if err := c.Serve(ctx, &tt.server, health.ServeConfig{Listener: newPipes()}); err != nil {
					t.Fatal(err)
				}
				if tt.server.ReadHeaderTimeout != tt.header || tt.server.IdleTimeout != tt.idle {
					t.Errorf("header %s, idle %s", tt.server.ReadHeaderTimeout, tt.server.IdleTimeout)
				}
			})
		})
	}
}

func TestServeListens(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	c, err := health.New(health.Config{})
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Addr: taken.Addr().String()}
	if err := c.Serve(t.Context(), srv, health.ServeConfig{}); err == nil || errors.Is(err, health.ErrConfig) {
		t.Errorf("a taken port: %v", err)
	}
	// Nothing had started: another try is a first one.
	srv.Addr = "127.0.0.1:0"
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Serve(ctx, srv, health.ServeConfig{}); err != nil {
		t.Errorf("a free port: %v", err)
	}
}

func TestServeSpeaksTLSWhenGivenACertificate(t *testing.T) {
	t.Parallel()
	donor := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hi") }))
	defer donor.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, err := health.New(health.Config{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		result <- c.Serve(ctx, &http.Server{Handler: donor.Config.Handler, TLSConfig: donor.TLS.Clone()}, health.ServeConfig{Listener: l})
	}()
	client := donor.Client()
	res, err := client.Get("https://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(res.Body).ReadString('\n')
	_ = res.Body.Close()
	if line != "hi" {
		t.Errorf("got %q", line)
	}
	client.CloseIdleConnections()
	cancel()
	if err := <-result; err != nil {
		t.Errorf("Serve: %v", err)
	}
}
