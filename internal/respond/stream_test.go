package respond_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/launchready/readiness/internal/respond"
)

func TestStreams(t *testing.T) {
	t.Parallel()
	answer := func(status int, contentType string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = w.Write([]byte("data: x\n\n"))
		}
	}
	tests := []struct {
		name    string
		method  string
		handler http.HandlerFunc
		want    respond.Stream
	}{
		{"a page", "GET", answer(200, "text/html"), respond.NoStream},
		{"events", "GET", answer(200, "text/event-stream"), respond.EventStream},
		{"events with a charset", "POST", answer(200, "text/event-stream ; charset=utf-8"), respond.EventStream},
		{"events in capitals", "GET", answer(202, "Text/Event-Stream"), respond.EventStream},
		{"another type that begins alike", "GET", answer(200, "text/event-streams"), respond.NoStream},
		{"an error as events", "GET", answer(503, "text/event-stream"), respond.NoStream},
		{"the header of events", "HEAD", answer(200, "text/event-stream"), respond.NoStream},
		{"a tunnel", "CONNECT", answer(200, ""), respond.Tunnel},
		{"a tunnel refused", "CONNECT", answer(403, ""), respond.NoStream},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var told []respond.Stream
			r := httptest.NewRequest(tt.method, "/", http.NoBody)
			w, rec := respond.Wrap(httptest.NewRecorder(), r, respond.Hooks{Stream: func(s respond.Stream) { told = append(told, s) }})
			tt.handler(w, r)
			var want []respond.Stream
			if tt.want != respond.NoStream {
				want = append(want, tt.want)
			}
			if rec.Stream() != tt.want || !slices.Equal(told, want) {
				t.Errorf("stream %d, told %d, want %d", rec.Stream(), told, want)
			}
			w, unasked := respond.Wrap(httptest.NewRecorder(), r, respond.Hooks{})
			tt.handler(w, r)
			if unasked.Stream() != respond.NoStream {
				t.Error("nobody asked")
			}
		})
	}
}

func TestAHijackIsAStream(t *testing.T) {
	t.Parallel()
	var told []respond.Stream
	rec := serve(t, http.MethodGet, false, func(w http.ResponseWriter, _ *http.Request) {
		conn, buf, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = buf.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		_ = buf.Flush()
		_ = conn.Close()
	}, respond.Hooks{Stream: func(s respond.Stream) { told = append(told, s) }}, nil)
	if rec.Stream() != respond.HijackedConn || !slices.Equal(told, []respond.Stream{respond.HijackedConn}) {
		t.Errorf("stream %d, told %d", rec.Stream(), told)
	}
}

func TestAStreamIsToldOnce(t *testing.T) {
	t.Parallel()
	var told []respond.Stream
	rec := serve(t, http.MethodGet, false, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Connection", "close")
		w.(http.Flusher).Flush()
		conn, buf, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = buf.WriteString("0\r\n\r\n")
		_ = buf.Flush()
		_ = conn.Close()
	}, respond.Hooks{Stream: func(s respond.Stream) { told = append(told, s) }}, nil)
	if rec.Stream() != respond.EventStream || !slices.Equal(told, []respond.Stream{respond.EventStream}) {
		t.Errorf("stream %d, told %d", rec.Stream(), told)
	}
}

func TestNotesAboutTheRequestAreShared(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("GET", "/", http.NoBody)
	w, outer := respond.Wrap(httptest.NewRecorder(), r, respond.Hooks{})
	_, inner := respond.Wrap(w, r, respond.Hooks{})
	inner.SetUser("7")
	inner.SetRequestID("req-1")
	if outer.User() != "7" || outer.RequestID() != "req-1" {
		t.Errorf("user %q, request id %q", outer.User(), outer.RequestID())
	}
}
