package webprobe_test

import (
	"crypto/tls"
	"net"
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"github.com/launchready/readiness/internal/webprobe"
	"github.com/launchready/readiness/internal/webtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts a TLS server with a certificate.
func serve(t testing.TB, h http.Handler, cfg *tls.Config, own tls.Certificate) (host, port string) {
	t.Helper()
	if cfg == nil {
		cfg = &tls.Config{}
	}
	cfg.Certificates = []tls.Certificate{own}
	host, port, _ = net.SplitHostPort(webtest.Serve(t, h, cfg))
	return host, port
}

// plain starts a server without TLS.
func plain(t testing.TB, h http.Handler) (host, port string) {
	t.Helper()
	host, port, _ = net.SplitHostPort(webtest.Plain(t, h))
	return host, port
}

// to sends a name's port to where a server listens.
func to(name, port, toHost, toPort string) webprobe.ConnectTo {
	return webprobe.ConnectTo{Host: name, Port: port, ToHost: toHost, ToPort: toPort}
}
