package webprobe_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/internal/webprobe"
	"github.com/launchready/readiness/internal/webtest"
)

// wrong names what is wrong with a certificate.
func wrong(c webprobe.Certificate) string {
	var out strings.Builder
	for _, f := range []struct {
		is   bool
		word string
	}{
		{c.Expired, " expired"},
		{c.NotYet, " not-yet"},
		{c.WrongName, " wrong-name"},
		{c.SelfSigned, " self-signed"},
		{c.UnknownIssuer, " unknown"},
		{c.Incomplete, " incomplete"},
		{c.NoRoots, " no-roots"},
	} {
		if f.is {
			out.WriteString(f.word)
		}
	}
	return out.String()
}

func TestTLS(t *testing.T) {
	t.Parallel()
	root := webtest.NewAuthority(t, "Root")
	missing := "http://aia.test/between.crt"
	between := root.Below("Between")
	foreign := webtest.NewAuthority(t, "Nobody")
	past := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-90*24*time.Hour), time.Now().Add(-time.Hour)
	}
	withAIA := func(c *x509.Certificate) { c.IssuingCertificateURL = []string{missing} }
	self := webtest.NewAuthority(t, "app.test")
	tests := []struct {
		name    string
		own     tls.Certificate
		cfg     *tls.Config
		want    string
		version uint16
	}{
		{"good", root.Leaf("app.test", nil), nil, "", tls.VersionTLS13},
		{"good through an intermediate", between.Leaf("app.test", nil, between.Cert), nil, "", tls.VersionTLS13},
		{"wildcard", root.Leaf("*.test", nil), nil, "", tls.VersionTLS13},
		{"wildcard of what is below", root.Leaf("*.app.test", nil), nil, " wrong-name", tls.VersionTLS13},
		{"expired", root.Leaf("app.test", past), nil, " expired", tls.VersionTLS13},
		{"expired and for another name", root.Leaf("www.test", past), nil, " expired wrong-name", tls.VersionTLS13},
		{"not yet", root.Leaf("app.test", func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) }), nil, " not-yet", tls.VersionTLS13},
		{"another name", root.Leaf("www.test", nil), nil, " wrong-name", tls.VersionTLS13},
		{"name in the common name only", root.Leaf("app.test", func(c *x509.Certificate) { c.DNSNames = nil }), nil, " wrong-name", tls.VersionTLS13},
		{"unknown issuer", foreign.Leaf("app.test", nil), nil, " unknown", tls.VersionTLS13},
		{"unknown issuer, sent along", foreign.Leaf("app.test", nil, foreign.Cert), nil, " unknown", tls.VersionTLS13},
		{"intermediate missing, to be fetched", between.Leaf("app.test", withAIA), nil, " incomplete", tls.VersionTLS13},
		{"intermediate missing, not to be had", between.Leaf("app.test", func(c *x509.Certificate) { c.IssuingCertificateURL = []string{"http://aia.test/gone.crt"} }), nil, " incomplete", tls.VersionTLS13},
		{"wrong intermediate sent", between.Leaf("app.test", withAIA, foreign.Cert), nil, " incomplete", tls.VersionTLS13},
		{"names an issuer that is another", foreign.Leaf("app.test", withAIA), nil, " unknown", tls.VersionTLS13},
		{"self-signed", self.Self(), nil, " wrong-name self-signed", tls.VersionTLS13},
		{"TLS 1.1 only", root.Leaf("app.test", nil), &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, "", tls.VersionTLS11},
		{"TLS 1.2 only", root.Leaf("app.test", nil), &tls.Config{MaxVersion: tls.VersionTLS12}, "", tls.VersionTLS12},
		{"old versions too", root.Leaf("app.test", nil), &tls.Config{MinVersion: tls.VersionTLS10}, "", tls.VersionTLS13},
		{"wants ours, 1.2", root.Leaf("app.test", nil), &tls.Config{MaxVersion: tls.VersionTLS12, ClientAuth: tls.RequireAnyClientCert}, "", 0},
	}
	aiaHost, aiaPort := plain(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/between.crt" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(between.Cert.Raw)
	}))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			host, port := serve(t, http.NotFoundHandler(), tt.cfg, tt.own)
			p := webprobe.New(webprobe.Config{RootCAs: root.Pool(), ConnectTo: []webprobe.ConnectTo{to("app.test", "443", host, port), to("aia.test", "80", aiaHost, aiaPort)}})
			c := p.TLS(t.Context(), "app.test", "443")
			if c.Kind != webprobe.OK || c.Leaf() == nil || wrong(c) != tt.want || c.Version != tt.version {
				t.Errorf("%v %q%s, version %#x, want%s, version %#x", c.Kind, c.Err, wrong(c), c.Version, tt.want, tt.version)
			}
			if valid := tt.want == ""; c.Valid() != valid {
				t.Errorf("valid: %v", c.Valid())
			}
		})
	}
}

// TestNoCertificate is about ports where there is none.
func TestNoCertificate(t *testing.T) {
	t.Parallel()
	root := webtest.NewAuthority(t, "Root")
	httpHost, httpPort := plain(t, http.NotFoundHandler())
	alertHost, alertPort := serve(t, http.NotFoundHandler(), &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return nil, errors.New("no such name") // the server sends an alert
	}}, root.Leaf("app.test", nil))
	silent := listen(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 1<<16)); _, _ = c.Read(make([]byte, 1)) })
	hangsUp := listen(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 1<<16)) })
	tests := []struct {
		name, host, port string
		want             webprobe.Kind
	}{
		{"http there", httpHost, httpPort, webprobe.BadTLS},
		{"alert", alertHost, alertPort, webprobe.BadTLS},
		{"closed", "127.0.0.1", closedPort, webprobe.Refused},
		{"silent", "127.0.0.1", silent, webprobe.Timeout},
		{"hangs up", "127.0.0.1", hangsUp, webprobe.Broken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := webprobe.New(webprobe.Config{Timeout: timeoutFor(tt.want), RootCAs: root.Pool(), ConnectTo: []webprobe.ConnectTo{to("", "", tt.host, tt.port)}})
			if c := p.TLS(t.Context(), "app.test", "443"); c.Kind != tt.want || c.Leaf() != nil || c.Err == "" || c.Valid() {
				t.Errorf("%v %q, want %v", c.Kind, c.Err, tt.want)
			}
		})
	}
}

// timeoutFor is short only where the test waits for it.
func timeoutFor(k webprobe.Kind) time.Duration {
	if k == webprobe.Timeout {
		return 100 * time.Millisecond
	}
	return time.Minute
}

func TestJudgeTimes(t *testing.T) {
	t.Parallel()
	root := webtest.NewAuthority(t, "Root")
	leaf := root.Leaf("app.test", nil)
	tests := []struct {
		name string
		now  time.Time
		want string
	}{
		{"before", leaf.Leaf.NotBefore.Add(-time.Second), " not-yet"},
		{"first second", leaf.Leaf.NotBefore, ""},
		{"last second", leaf.Leaf.NotAfter, ""},
		{"after", leaf.Leaf.NotAfter.Add(time.Second), " expired"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := webprobe.Judge([]*x509.Certificate{leaf.Leaf}, "app.test", tt.now, root.Pool(), func(string) *x509.Certificate { return nil })
			if wrong(c) != tt.want {
				t.Errorf("got%s, want%s", wrong(c), tt.want)
			}
		})
	}
	if c := webprobe.Judge([]*x509.Certificate{leaf.Leaf}, "app.test", time.Now(), root.Pool(), nil); c.Issuer() != "Root" || c.Lifetime() != 90*24*time.Hour {
		t.Errorf("issuer %q, lifetime %v", c.Issuer(), c.Lifetime())
	}
}

// closedPort is one at which nobody listens: the kernel gives it to none.
const closedPort = "1"

// listen hands each connection to f and then closes it.
func listen(t testing.TB, f func(net.Conn)) (port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			f(c)
			_ = c.Close()
		}
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}
