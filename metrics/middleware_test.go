package metrics_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/metrics"
)

func TestWhatCountsAsWhat(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	gone := func(r *http.Request) *http.Request {
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		return r.WithContext(ctx)
	}
	late := func(r *http.Request) *http.Request {
		ctx, cancel := context.WithTimeout(r.Context(), 0)
		defer cancel()
		return r.WithContext(ctx)
	}
	same := func(r *http.Request) *http.Request { return r }
	events := func(w http.ResponseWriter) { w.Header().Set("Content-Type", "text/event-stream; charset=utf-8") }
	tests := []struct {
		name     string
		method   string
		request  func(*http.Request) *http.Request
		handler  func(http.ResponseWriter)
		panicked any
		want     string
	}{
		{"nothing written", "GET", same, func(http.ResponseWriter) {}, nil, count("GET", "_unmatched", "2xx", "")},
		{"a redirect", "POST", same, func(w http.ResponseWriter) { w.WriteHeader(303) }, nil, count("POST", "_unmatched", "3xx", "")},
		{"not found", "HEAD", same, func(w http.ResponseWriter) { w.WriteHeader(404) }, nil, count("HEAD", "_unmatched", "4xx", "")},
		{"an error", "DELETE", same, func(w http.ResponseWriter) { w.WriteHeader(503) }, nil, count("DELETE", "_unmatched", "5xx", "")},
		{"beyond all classes", "PUT", same, func(w http.ResponseWriter) { w.WriteHeader(999) }, nil, count("PUT", "_unmatched", "5xx", "")},
		{"early hints first", "PATCH", same, func(w http.ResponseWriter) { w.WriteHeader(103); w.WriteHeader(201) }, nil, count("PATCH", "_unmatched", "2xx", "")},
		{"a method of nobody's", "BREW", same, func(http.ResponseWriter) {}, nil, count("_OTHER", "_unmatched", "2xx", "")},
		{"a method in small letters", "get", same, func(http.ResponseWriter) {}, nil, count("_OTHER", "_unmatched", "2xx", "")},
		{"a panic", "GET", same, func(http.ResponseWriter) { panic(boom) }, boom, count("GET", "_unmatched", "5xx", "panic")},
		{"a panic after the header", "GET", same, func(w http.ResponseWriter) { w.WriteHeader(200); panic(boom) }, boom, count("GET", "_unmatched", "5xx", "panic")},
		{"a panic with nobody there", "GET", gone, func(http.ResponseWriter) { panic(boom) }, boom, count("GET", "_unmatched", "5xx", "panic")},
		{"the client is gone", "GET", gone, func(w http.ResponseWriter) { w.WriteHeader(500) }, nil, unmeasured("499", "client_gone")},
		{"the client is gone, and so is the handler", "GET", gone, func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, http.ErrAbortHandler, unmeasured("499", "client_gone")},
		{"a time-out of ours", "GET", late, func(w http.ResponseWriter) { w.WriteHeader(503) }, nil, count("GET", "_unmatched", "5xx", "")},
		{"aborted", "GET", same, func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, http.ErrAbortHandler, unmeasured("none", "aborted")},
		{"aborted after the header", "GET", same, func(w http.ResponseWriter) { w.WriteHeader(200); panic(http.ErrAbortHandler) }, http.ErrAbortHandler, unmeasured("2xx", "aborted")},
		{"a stream of events", "GET", same, func(w http.ResponseWriter) { events(w); w.WriteHeader(200) }, nil, unmeasured("2xx", "event_stream")},
		{"a stream without an event", "GET", same, events, nil, unmeasured("2xx", "event_stream")},
		{"a stream until the client goes", "GET", gone, func(w http.ResponseWriter) { events(w); w.WriteHeader(200) }, nil, unmeasured("2xx", "event_stream")},
		{"a stream that is given up", "GET", same, func(w http.ResponseWriter) { events(w); w.WriteHeader(200); panic(http.ErrAbortHandler) }, http.ErrAbortHandler, unmeasured("2xx", "event_stream")},
		{"a stream that panics", "GET", same, func(w http.ResponseWriter) { events(w); w.WriteHeader(200); panic(boom) }, boom, strings.Replace(unmeasured("5xx", "event_stream"), `error_type=""`, `error_type="panic"`, 1)},
		{"a stream that panics before it begins", "GET", same, func(w http.ResponseWriter) { events(w); panic(boom) }, boom, count("GET", "_unmatched", "5xx", "panic")},
		{"no stream but an error", "GET", same, func(w http.ResponseWriter) { events(w); w.WriteHeader(503) }, nil, count("GET", "_unmatched", "5xx", "")},
		{"a tunnel", "CONNECT", same, func(w http.ResponseWriter) { w.WriteHeader(200) }, nil, strings.Replace(unmeasured("2xx", "tunnel"), "GET", "CONNECT", 1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newMetrics(t, metrics.Config{})
			h := m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { tt.handler(w) }))
			_, panicked := do(h, tt.request(httptest.NewRequest(tt.method, "/secret/path", http.NoBody)))
			if panicked != tt.panicked {
				t.Errorf("panicked with %v, want %v", panicked, tt.panicked)
			}
			if got := scrape(t, m); !slices.Equal(got, []string{tt.want}) {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "\n     "), tt.want)
			}
			overall := m.Snapshot().Overall
			if measured := strings.Contains(tt.want, "duration"); (overall.N == 1) != measured {
				t.Errorf("n = %d in the snapshot", overall.N)
			}
			if failed := strings.Contains(tt.want, "duration") && strings.Contains(tt.want, "5xx"); (overall.Errors == 1) != failed {
				t.Errorf("%d errors in the snapshot", overall.Errors)
			}
		})
	}
}

// net/http closes the connection of a handler that ended its goroutine: the
// client gets no answer, and least of all a 200.
func TestGoexitIsNoAnswer(t *testing.T) {
	t.Parallel()
	m := newMetrics(t, metrics.Config{})
	h := m.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { runtime.Goexit() }))
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	}()
	<-done
	if got, want := scrape(t, m), unmeasured("none", "aborted"); !slices.Equal(got, []string{want}) {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "\n     "), want)
	}
}

// The rest needs a real server and its ResponseWriter.
func TestHijackIsNotMeasured(t *testing.T) {
	t.Parallel()
	m := newMetrics(t, metrics.Config{})
	done := make(chan struct{})
	inner := m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\n\r\n")
		_ = conn.Close()
	}))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		inner.ServeHTTP(w, r)
	}))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	line, _ := bufio.NewReader(conn).ReadString('\n')
	_ = conn.Close()
	<-done
	if !strings.Contains(line, "101") {
		t.Errorf("the client got %q", line)
	}
	if got := scrape(t, m); !slices.Equal(got, []string{unmeasured("1xx", "hijacked")}) {
		t.Errorf("got %s", got)
	}
}

func TestADisconnectIsNotMeasured(t *testing.T) {
	t.Parallel()
	m := newMetrics(t, metrics.Config{})
	arrived, done := make(chan struct{}), make(chan struct{})
	inner := m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		w.WriteHeader(http.StatusInternalServerError)
	}))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		inner.ServeHTTP(w, r)
	}))
	defer srv.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL, http.NoBody)
	if res, err := srv.Client().Do(req); err == nil {
		_ = res.Body.Close()
		t.Fatal("the request was answered")
	}
	<-done
	if got := scrape(t, m); !slices.Equal(got, []string{unmeasured("499", "client_gone")}) {
		t.Errorf("got %s", got)
	}
}

func TestOptionalInterfacesStay(t *testing.T) {
	t.Parallel()
	m := newMetrics(t, metrics.Config{})
	inner := m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, flusher := w.(http.Flusher)
		_, hijacker := w.(http.Hijacker)
		_, readerFrom := w.(io.ReaderFrom)
		err := http.NewResponseController(w).EnableFullDuplex()
		if !flusher || !hijacker || !readerFrom || err != nil {
			t.Errorf("Flusher %v, Hijacker %v, ReaderFrom %v, EnableFullDuplex %v", flusher, hijacker, readerFrom, err)
		}
	}))
	srv := httptest.NewServer(inner)
	defer srv.Close()
	res, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
}

func TestActiveRequests(t *testing.T) {
	t.Parallel()
	m := newMetrics(t, metrics.Config{})
	active := `http_server_active_requests{http_request_method="GET"} 1`
	h := m.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if got := scrape(t, m); !slices.Equal(got, []string{active}) {
			t.Errorf("in flight: %s", got)
		}
		panic("boom")
	}))
	_, _ = do(h, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	if got := scrape(t, m); slices.Contains(got, active) {
		t.Errorf("afterwards: %s", got)
	}
}
