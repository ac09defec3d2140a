package webprobe_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/launchready/readiness/internal/webprobe"
	"github.com/launchready/readiness/internal/webtest"
)

// TestStartTLS begins TLS after a word of a protocol.
func TestStartTLS(t *testing.T) {
	t.Parallel()
	root := webtest.NewAuthority(t, "Root")
	own := &tls.Config{Certificates: []tls.Certificate{root.Leaf("mx.test", nil)}, MinVersion: tls.VersionTLS12}
	errNo := errors.New("no")
	word := func(conn net.Conn) error {
		_, err := io.ReadFull(conn, make([]byte, 2))
		return err
	}
	tests := []struct {
		name      string
		serve     func(net.Conn)
		begin     func(net.Conn) error
		kind      webprobe.Kind
		refused   bool
		connected bool
	}{
		{"TLS", func(c net.Conn) {
			_, _ = io.WriteString(c, "go")
			s := tls.Server(c, own)
			_, _ = io.Copy(io.Discard, s)
		}, word, webprobe.OK, false, true},
		{"no TLS", func(c net.Conn) {
			_, _ = io.WriteString(c, "gono TLS here")
			_, _ = io.Copy(io.Discard, c)
		}, word, webprobe.BadTLS, false, true},
		{"refused by words", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, func(net.Conn) error { return errNo }, webprobe.Broken, true, true},
		{"silent", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, word, webprobe.Timeout, true, true},
		{"closed", nil, word, webprobe.Refused, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			port := closedPort
			if tt.serve != nil {
				port = listen(t, tt.serve)
			}
			p := webprobe.New(webprobe.Config{Timeout: timeoutFor(tt.kind), RootCAs: root.Pool(), ConnectTo: []webprobe.ConnectTo{to("mx.test", "25", "127.0.0.1", port)}})
			u := p.StartTLS(t.Context(), "mx.test", "25", "", tt.begin)
			if u.Kind != tt.kind || (u.Refusal != nil) != tt.refused || u.Connected != tt.connected || u.Valid() != (tt.kind == webprobe.OK) {
				t.Errorf("%v %q, %v, connected: %v", u.Kind, u.Err, u.Refusal, u.Connected)
			}
			if again := p.StartTLS(t.Context(), "mx.test", "25", "", nil); again.Kind != u.Kind || p.Sent() != 1 {
				t.Errorf("%v after %v, %d connections", again.Kind, u.Kind, p.Sent())
			}
		})
	}
}

// TestStartTLSKeepsToPublicAddresses resolves the host to loopback.
func TestStartTLSKeepsToPublicAddresses(t *testing.T) {
	t.Parallel()
	p := webprobe.New(webprobe.Config{Timeout: time.Second})
	begin := func(net.Conn) error { t.Error("connected"); return nil }
	if u := p.StartTLS(t.Context(), "127.0.0.1", listen(t, func(net.Conn) {}), "", begin); u.Kind != webprobe.Private || u.Connected {
		t.Errorf("%v", u.Kind)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if u := p.StartTLS(ctx, "mx.test", "25", "", begin); u.Kind != webprobe.Unknown {
		t.Errorf("after the end: %v", u.Kind)
	}
}
