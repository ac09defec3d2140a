package readiness_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/internal/dnstest"
	"github.com/launchready/readiness/internal/smtpprobe"
	"github.com/launchready/readiness/internal/webtest"
)

const smtpZone = `
$ORIGIN acme.example.
@ MX 10 mx
mx A 203.0.113.25
@ TXT "v=spf1 mx -all"
_dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc-reports@acme.example"
`

// TestMailSMTP connects to mail servers of all kinds.
func TestMailSMTP(t *testing.T) {
	t.Parallel()
	const name = "mx.acme.example"
	root := webtest.NewAuthority(t, "Root")
	good := root.Leaf(name, nil)
	past := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-90*24*time.Hour), time.Now().Add(-time.Hour)
	}
	with := func(own tls.Certificate) *webtest.SMTP {
		return &webtest.SMTP{TLS: &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12}}
	}
	says := func(word, text string) *webtest.SMTP {
		s := with(good)
		s.Replies = map[string]string{word: text}
		return s
	}
	tlsa := func(c tls.Certificate) string {
		return "_25._tcp.mx TLSA " + smtpprobe.Of(c.Leaf).String() + "\n"
	}
	self := webtest.NewAuthority(t, name)
	foreign := webtest.NewAuthority(t, "Nobody").Leaf(name, nil)
	broken := &webtest.SMTP{TLS: &tls.Config{MinVersion: tls.VersionTLS12}}
	tests := []struct {
		name     string
		server   *webtest.SMTP // nil: nothing listens
		zone     string
		unsigned bool
		want     []string
		unknown  []string
		deadline time.Duration
	}{
		{name: "right", server: with(good)},
		{name: "not offered", server: &webtest.SMTP{}, want: []string{"medium mx.starttls " + name}},
		{name: "declined", server: says("STARTTLS", "554 no\r\n"), want: []string{"medium mx.starttls " + name}},
		{name: "the handshake fails", server: broken, want: []string{"medium mx.starttls " + name}},
		{name: "expired", server: with(root.Leaf(name, past)), want: []string{"medium mx.certificate " + name}},
		{name: "another name", server: with(root.Leaf("mail.test", nil)), want: []string{"medium mx.certificate " + name}},
		{name: "self-signed", server: with(self.Self()), want: []string{"medium mx.certificate " + name}},
		{name: "unknown issuer", server: with(foreign), want: []string{"medium mx.certificate " + name}},
		{name: "refused", unknown: []string{"mx.starttls " + name}},
		{name: "silent", server: says("", ""), deadline: time.Second, unknown: []string{"mx.starttls " + name}},
		{name: "turned away", server: says("", "554 blocked\r\n"), unknown: []string{"mx.starttls " + name}},
		{name: "not now", server: says("STARTTLS", "454 later\r\n"), unknown: []string{"mx.starttls " + name}},
		{name: "no mail server", server: says("", "SSH-2.0-OpenSSH\r\n"), unknown: []string{"mx.starttls " + name}},
		{name: "TLSA fits", server: with(good), zone: tlsa(good)},
		{name: "TLSA fits a certificate that nobody vouches for", server: with(foreign), zone: tlsa(foreign)},
		{name: "TLSA fits, and senders follow a policy", server: with(foreign), zone: tlsa(foreign) + "_mta-sts TXT \"v=STSv1; id=1;\"\n", want: []string{"medium mx.certificate " + name}},
		{name: "TLSA of the key before", server: with(good), zone: tlsa(foreign), want: []string{"high mx.dane _25._tcp." + name}},
		{name: "TLSA of both keys", server: with(good), zone: tlsa(foreign) + tlsa(good)},
		{name: "TLSA in a zone that is not signed", server: with(good), zone: tlsa(foreign), unsigned: true},
		{name: "TLSA of a kind for the web", server: with(good), zone: strings.Replace(tlsa(foreign), "TLSA 3", "TLSA 1", 1)},
		{name: "TLSA without TLS", server: &webtest.SMTP{}, zone: tlsa(good), want: []string{"high mx.dane _25._tcp." + name}},
		{name: "TLSA, and refused", zone: tlsa(good), unknown: []string{"mx.dane _25._tcp." + name, "mx.starttls " + name}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			faults := map[string]dnstest.Fault{"_25._tcp." + name: dnstest.Vouched}
			if tt.unsigned {
				faults = nil
			}
			to := "127.0.0.1:1"
			if tt.server != nil {
				to = tt.server.Serve(t)
			}
			cfg := mailConfig(t, smtpZone+tt.zone, faults)
			cfg.Mail = []readiness.Mail{{Receives: true, SMTP: true}}
			cfg.ConnectTo, cfg.RootCAs = []string{name + ":25:" + to}, root.Pool()
			if tt.deadline != 0 {
				cfg.Timeout = tt.deadline
			}
			sameMail(t, checkMail(t, cfg), tt.want, tt.unknown)
		})
	}
}

// TestMailSMTPIsOptIn holds that nothing connects unless that is declared.
func TestMailSMTPIsOptIn(t *testing.T) {
	t.Parallel()
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	cfg := mailConfig(t, smtpZone, nil)
	cfg.Mail = []readiness.Mail{{Receives: true}}
	cfg.ConnectTo = []string{":25:" + server.Addr().String()}
	sameMail(t, checkMail(t, cfg), nil, nil)
	_ = server.(*net.TCPListener).SetDeadline(time.Now().Add(10 * time.Millisecond))
	if conn, err := server.Accept(); err == nil {
		_ = conn.Close()
		t.Error("connected")
	}
}

// TestMailSMTPKeepsToPublicAddresses declares a server at a private address,
// which the name does not hide.
func TestMailSMTPKeepsToPublicAddresses(t *testing.T) {
	t.Parallel()
	cfg := mailConfig(t, strings.Replace(smtpZone, "203.0.113.25", "127.0.0.1", 1), nil)
	cfg.Mail = []readiness.Mail{{Receives: true, SMTP: true}}
	sameMail(t, checkMail(t, cfg), []string{"blocker mx.private-address mx.acme.example"}, nil)
}

// sameMail compares what was found about mail servers.
func sameMail(t *testing.T, r readiness.Report, want, unknown []string) {
	t.Helper()
	var got, left []string
	for _, f := range r.Findings {
		if strings.HasPrefix(f.Code, "mx.") {
			got = append(got, f.Severity.String()+" "+f.Code+" "+f.Subject)
		}
	}
	for _, f := range r.Unknown {
		left = append(left, f.Code+" "+f.Subject)
	}
	slices.Sort(left)
	if !slices.Equal(got, want) || !slices.Equal(left, unknown) {
		t.Errorf("found %q, want %q; unknown %q, want %q\n%s", got, want, left, unknown, r)
	}
}
