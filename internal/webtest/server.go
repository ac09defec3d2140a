package webtest

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
)

// Serve starts a server that speaks TLS as cfg says, and stops it when the
// test ends. It returns where it listens, as HOST:PORT. What goes wrong in a
// handshake is not logged: most tests want it to.
func Serve(t TB, h http.Handler, cfg *tls.Config) string {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.TLS, s.Config.ErrorLog = cfg, log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// Plain starts a server without TLS, like Serve.
func Plain(t TB, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// Silent starts a server that takes connections and never answers, and stops
// it when the test ends.
func Silent(t TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") // the system takes them, and nobody asks for them
	if err != nil {
		t.Fatalf("webtest: %v", err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}
