package metrics_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/metrics"
)

// gauges returns what is open and in flight.
func gauges(t *testing.T, m *metrics.Metrics) (list []string) {
	t.Helper()
	for _, line := range scrape(t, m) {
		if strings.HasPrefix(line, "http_server_open_streams") || strings.HasPrefix(line, "http_server_active_requests") {
			list = append(list, line)
		}
	}
	return list
}

func TestOpenStreamsAreCounted(t *testing.T) {
	t.Parallel()
	hijack := func(w http.ResponseWriter) io.Closer {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return io.NopCloser(nil)
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
		return conn
	}
	events := func(w http.ResponseWriter) io.Closer {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: x\n\n")
		w.(http.Flusher).Flush()
		return io.NopCloser(nil)
	}
	tests := []struct {
		kind string
		open func(http.ResponseWriter) io.Closer
	}{{"hijacked", hijack}, {"event_stream", events}}
	for _, tt := range tests {
		t.Run(tt.kind, func(t *testing.T) {
			t.Parallel()
			m := newMetrics(t, metrics.Config{})
			look, goOn, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
			inner := m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				stream := tt.open(w)
				defer func() { _ = stream.Close() }()
				close(look)
				<-goOn
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
			defer func() { _ = conn.Close() }()
			_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			if _, err := bufio.NewReader(conn).ReadString('\n'); err != nil {
				t.Error(err)
			}
			<-look
			want := []string{`http_server_active_requests{http_request_method="GET"} 1`, `http_server_open_streams{kind="` + tt.kind + `"} 1`}
			if got := gauges(t, m); !slices.Equal(got, want) {
				t.Errorf("while it is open: %s", got)
			}
			if s := m.Snapshot(); s.OpenStreams != 1 || s.ActiveRequests != 1 {
				t.Errorf("in the snapshot: %d open, %d active", s.OpenStreams, s.ActiveRequests)
			}
			close(goOn)
			<-done
			if got := gauges(t, m); len(got) > 0 {
				t.Errorf("afterwards: %s", got)
			}
			if s := m.Snapshot(); s.OpenStreams != 0 || s.Overall.N != 0 {
				t.Errorf("afterwards: %+v", s)
			}
		})
	}
}
