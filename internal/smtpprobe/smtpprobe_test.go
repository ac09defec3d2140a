package smtpprobe_test

import (
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/launchready/readiness/internal/smtpprobe"
	"github.com/launchready/readiness/internal/webtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestReadReply(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		code     int
		lines    []string
	}{
		{"one line", "220 mx.test ready\r\n", 220, []string{"mx.test ready"}},
		{"many", "250-mx.test\r\n250-SIZE 1\r\n250 STARTTLS\r\n", 250, []string{"mx.test", "SIZE 1", "STARTTLS"}},
		{"code alone", "250\r\n", 250, []string{""}},
		{"bare line feeds", "250-a\n250 b\n", 250, []string{"a", "b"}},
		{"two codes", "250-a\r\n550 b\r\n", 0, nil},
		{"no code", "hello\r\n", 0, nil},
		{"of HTTP", "HTTP/1.1 400 Bad Request\r\n", 0, nil},
		{"a code too long", "2500 a\r\n", 0, nil},
		{"code out of range", "650 a\r\n", 0, nil},
		{"cut off", "250-a\r\n250", 0, nil},
		{"nothing", "", 0, nil},
		{"a line without end", "220 " + strings.Repeat("x", 1<<16), 0, nil},
		{"lines without end", strings.Repeat("220-x\r\n", 1<<16), 0, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := strings.NewReader(tt.in)
			got, err := smtpprobe.ReadReply(smtpprobe.NewReader(in))
			if got.Code != tt.code || !slices.Equal(got.Lines, tt.lines) || (err == nil) != (tt.code != 0) {
				t.Errorf("%+v, %v", got, err)
			}
			if read := len(tt.in) - in.Len(); read > 8<<10 {
				t.Errorf("read %d bytes", read)
			}
		})
	}
}

func TestStartTLS(t *testing.T) {
	t.Parallel()
	config := serverTLS(webtest.NewAuthority(t, "Root").Leaf("mx.test", nil))
	reply := func(word, text string) map[string]string { return map[string]string{word: text + "\r\n"} }
	tests := []struct {
		name   string
		server webtest.SMTP
		want   error // nil: TLS can begin
	}{
		{"offered", webtest.SMTP{TLS: config}, nil},
		{"not offered", webtest.SMTP{}, smtpprobe.ErrNotOffered},
		{"no extensions", webtest.SMTP{Replies: reply("EHLO", "502 what?")}, smtpprobe.ErrNotOffered},
		{"in the greeting's name only", webtest.SMTP{Replies: reply("EHLO", "250 STARTTLS")}, smtpprobe.ErrNotOffered},
		{"masked", webtest.SMTP{Replies: reply("EHLO", "250-mx\r\n250 XXXXXXXA")}, smtpprobe.ErrNotOffered},
		{"declined", webtest.SMTP{TLS: config, Replies: reply("STARTTLS", "554 broken")}, smtpprobe.ErrDeclined},
		{"not now", webtest.SMTP{TLS: config, Replies: reply("STARTTLS", "454 later")}, smtpprobe.ErrTurnedAway},
		{"turned away", webtest.SMTP{TLS: config, Replies: reply("", "554 no")}, smtpprobe.ErrTurnedAway},
		{"turned away later", webtest.SMTP{TLS: config, Replies: reply("EHLO", "421 no")}, smtpprobe.ErrTurnedAway},
		{"words before TLS", webtest.SMTP{Replies: map[string]string{"EHLO": "250-mx\r\n250 STARTTLS\r\n", "STARTTLS": "220 go\r\n250 injected\r\n"}}, smtpprobe.ErrEarly},
		{"no mail server", webtest.SMTP{Replies: reply("", "SSH-2.0-x")}, errAny},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", tt.server.Serve(t))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			switch err := smtpprobe.StartTLS(conn); {
			case errors.Is(tt.want, errAny) && err != nil:
			case !errors.Is(err, tt.want):
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}

var errAny = errors.New("any")

func TestCompare(t *testing.T) {
	t.Parallel()
	root := webtest.NewAuthority(t, "Root")
	between := root.Below("Between")
	other := webtest.NewAuthority(t, "Other")
	chainOf := func(host string, change func(*x509.Certificate), more ...*x509.Certificate) []*x509.Certificate {
		return append([]*x509.Certificate{between.Leaf(host, change).Leaf}, more...)
	}
	old := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-90*24*time.Hour), time.Now().Add(-time.Hour)
	}
	whole := chainOf("mx.test", nil, between.Cert, root.Cert)
	key := smtpprobe.Of(whole[0])
	long := sha512.Sum512(whole[0].Raw)
	ta := smtpprobe.Of(between.Cert)
	ta.Usage = 2
	tests := []struct {
		name    string
		records []smtpprobe.TLSA
		chain   []*x509.Certificate
		want    smtpprobe.Match
	}{
		{"key", []smtpprobe.TLSA{key}, whole, smtpprobe.Matches},
		{"certificate, long hash", []smtpprobe.TLSA{{3, 0, 2, long[:]}}, whole, smtpprobe.Matches},
		{"certificate itself", []smtpprobe.TLSA{{3, 0, 0, whole[0].Raw}}, whole, smtpprobe.Matches},
		{"key itself", []smtpprobe.TLSA{{3, 1, 0, whole[0].RawSubjectPublicKeyInfo}}, whole, smtpprobe.Matches},
		{"another key", []smtpprobe.TLSA{smtpprobe.Of(other.Cert)}, whole, smtpprobe.Differs},
		{"one of two", []smtpprobe.TLSA{smtpprobe.Of(other.Cert), key}, whole, smtpprobe.Matches},
		{"the issuer's key as the server's", []smtpprobe.TLSA{smtpprobe.Of(between.Cert)}, whole, smtpprobe.Differs},
		{"issuer", []smtpprobe.TLSA{ta}, whole, smtpprobe.Matches},
		{"issuer, not sent", []smtpprobe.TLSA{ta}, whole[:1], smtpprobe.Differs},
		{"issuer in the record", []smtpprobe.TLSA{{2, 0, 0, between.Cert.Raw}}, whole[:1], smtpprobe.Matches},
		{"root in the record, its issue not sent", []smtpprobe.TLSA{{2, 0, 0, root.Cert.Raw}}, whole[:1], smtpprobe.Differs},
		{"bare key of an issuer that is not sent", []smtpprobe.TLSA{{2, 1, 0, between.Cert.RawSubjectPublicKeyInfo}}, whole[:1], smtpprobe.Unclear},
		{"issuer, another name", []smtpprobe.TLSA{ta}, chainOf("www.test", nil, between.Cert), smtpprobe.Differs},
		{"issuer, the domain's name", []smtpprobe.TLSA{ta}, chainOf("acme.test", nil, between.Cert), smtpprobe.Matches},
		{"issuer, common name only", []smtpprobe.TLSA{ta}, chainOf("mx.test", func(c *x509.Certificate) { c.DNSNames = nil }, between.Cert), smtpprobe.Matches},
		{"issuer, expired", []smtpprobe.TLSA{ta}, chainOf("mx.test", old, between.Cert), smtpprobe.Differs},
		{"issuer sent along that did not issue it", []smtpprobe.TLSA{{2, 0, 0, other.Cert.Raw}}, append(whole[:2:2], other.Cert), smtpprobe.Differs},
		{"usages for the web", []smtpprobe.TLSA{{1, 1, 1, key.Data}, {0, 1, 1, ta.Data}}, whole, smtpprobe.NoneUsable},
		{"not of its length", []smtpprobe.TLSA{{3, 1, 1, key.Data[:31]}, {3, 1, 2, key.Data}, {3, 1, 0, nil}}, whole, smtpprobe.NoneUsable},
		{"unknown selector and matching type", []smtpprobe.TLSA{{3, 2, 1, key.Data}, {3, 1, 3, key.Data}}, whole, smtpprobe.NoneUsable},
		{"none", nil, whole, smtpprobe.NoneUsable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := smtpprobe.Compare(tt.records, tt.chain, []string{"mx.test", "acme.test"}, time.Now()); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
	// Usage 3 asks for neither name nor date.
	expired := chainOf("www.test", old)
	if got := smtpprobe.Compare([]smtpprobe.TLSA{smtpprobe.Of(expired[0])}, expired, []string{"mx.test"}, time.Now()); got != smtpprobe.Matches {
		t.Errorf("expired, with another name: %v", got)
	}
}

func FuzzReadReply(f *testing.F) {
	for _, s := range []string{"220 a\r\n", "250-a\r\n250 b\r\n", "250-a\r\n251 b\r\n", "2", "250", "\r\n", "250\n", "999 x\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		reply, err := smtpprobe.ReadReply(smtpprobe.NewReader(strings.NewReader(s)))
		if err != nil {
			if reply.Code != 0 || reply.Lines != nil {
				t.Errorf("%q: %+v beside %v", s, reply, err)
			}
			return
		}
		if reply.Code < 200 || reply.Code > 599 || len(reply.Lines) == 0 || len(reply.Lines) > 64 {
			t.Errorf("%q: %+v", s, reply)
		}
		if reply.Offers("STARTTLS") && !strings.Contains(strings.ToUpper(s), "STARTTLS") {
			t.Errorf("%q offers STARTTLS", s)
		}
	})
}

func BenchmarkReadReply(b *testing.B) {
	const text = "250-mx.test\r\n250-PIPELINING\r\n250-SIZE 35882577\r\n250-STARTTLS\r\n250 8BITMIME\r\n"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := smtpprobe.ReadReply(smtpprobe.NewReader(io.LimitReader(strings.NewReader(text), 1<<10))); err != nil {
			b.Fatal(err)
		}
	}
}

func serverTLS(own tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12}
}
