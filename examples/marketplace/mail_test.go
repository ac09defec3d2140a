package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"
	"time"
)

// postOffice is an SMTP server that keeps what it gets.
type postOffice struct {
	addr    string
	refuse  chan struct{} // each value in it refuses one recipient
	letters chan string
}

// openPostOffice starts one on a free port; cert nil means no STARTTLS.
func openPostOffice(t *testing.T, cert *tls.Certificate) *postOffice {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &postOffice{ln.Addr().String(), make(chan struct{}, 8), make(chan string, 8)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			p.talk(conn, cert)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = ln.Close(); <-done })
	return p
}

func (p *postOffice) talk(conn net.Conn, cert *tls.Certificate) {
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	in := bufio.NewReader(conn)
	say := func(s string) { _, _ = io.WriteString(conn, s+"\r\n") }
	say("220 post")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			if _, secure := conn.(*tls.Conn); cert != nil && !secure {
				say("250-post\r\n250 STARTTLS")
			} else {
				say("250 post")
			}
		case "STARTTLS":
			say("220 go")
			conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{*cert}})
			in = bufio.NewReader(conn)
		case "RCPT":
			select {
			case <-p.refuse:
				say("450 4.2.0 <nia@example.org> come later")
			default:
				say("250 ok")
			}
		case "DATA":
			say("354 go")
			var text strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				text.WriteString(line)
			}
			p.letters <- text.String()
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// withMail returns an application that sends over p, and puts one mail into
// its outbox.
func withMail(t *testing.T, p *postOffice) *app {
	t.Helper()
	a, logs := startApp(t, func(c *appConfig) { c.SMTPURL, c.MailFrom = "smtp://"+p.addr, "Märkte <market@example.org>" })
	t.Cleanup(func() {
		for _, e := range logs.All() {
			for _, v := range e.ContextMap() {
				if s, ok := v.(string); ok && strings.Contains(s, "@") {
					t.Errorf("a log entry holds an address: %q", s)
				}
			}
		}
	})
	tx, err := a.db.write.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.enqueue(t.Context(), tx, 1, "Anfrage über ein Gerät", "Zeile “eins”.\n.\nZeile drei.", "/listings/1"); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *app) mailState(t *testing.T) (attempts int, due int64, sent bool) {
	t.Helper()
	if err := a.db.read.QueryRow("SELECT attempts, due, sent IS NOT NULL FROM outbox").Scan(&attempts, &due, &sent); err != nil {
		t.Fatal(err)
	}
	return attempts, due, sent
}

func TestMailIsTriedAgain(t *testing.T) {
	t.Parallel()
	p := openPostOffice(t, nil)
	a := withMail(t, p)
	p.refuse <- struct{}{}
	p.refuse <- struct{}{}
	now := time.Now()
	for i, wait := range []time.Duration{time.Minute, 2 * time.Minute} {
		if err := a.sendDue(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		attempts, due, sent := a.mailState(t)
		if attempts != i+1 || sent || due != now.Add(wait).Unix() {
			t.Fatalf("after try %d: %d attempts, due in %ds, sent %v", i+1, attempts, due-now.Unix(), sent)
		}
		if err := a.sendDue(t.Context(), now.Add(wait-time.Second)); err != nil { // not its time yet
			t.Fatal(err)
		}
		now = now.Add(wait)
	}
	for range 2 { // the second finds nothing to do
		if err := a.sendDue(t.Context(), now); err != nil {
			t.Fatal(err)
		}
	}
	if attempts, _, sent := a.mailState(t); attempts != 3 || !sent || len(p.letters) != 1 {
		t.Fatalf("got %d attempts, sent %v, %d letters", attempts, sent, len(p.letters))
	}
	m, err := mail.ReadMessage(strings.NewReader(<-p.letters))
	if err != nil {
		t.Fatal(err)
	}
	subject, _ := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	body, _ := io.ReadAll(quotedprintable.NewReader(m.Body))
	text := strings.ReplaceAll(string(body), "\r\n", "\n")
	if subject != "Anfrage über ein Gerät" || !strings.Contains(text, "“eins”.\n") || !strings.Contains(text, "Zeile drei.\n\nhttps://market.example/listings/1") {
		t.Errorf("got subject %q, body %q", subject, text)
	}
	if m.Header.Get("To") != "<team1@example.org>" || m.Header.Get("Message-Id") == "" {
		t.Errorf("got header %v", m.Header)
	}
}

func TestMailIsGivenUp(t *testing.T) {
	t.Parallel()
	p := openPostOffice(t, nil)
	a := withMail(t, p)
	now := time.Now()
	for range maxAttempts + 2 {
		if len(p.refuse) == 0 {
			p.refuse <- struct{}{}
		}
		if err := a.sendDue(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		now = now.Add(3 * time.Hour)
	}
	if attempts, _, sent := a.mailState(t); attempts != maxAttempts || sent {
		t.Errorf("got %d attempts, sent %v", attempts, sent)
	}
}

func TestMailOverTLS(t *testing.T) {
	t.Parallel()
	borrowed := httptest.NewTLSServer(nil) // for its certificate
	defer borrowed.Close()
	cert, roots := borrowed.TLS.Certificates[0], x509.NewCertPool()
	roots.AddCert(borrowed.Certificate())
	tests := []struct {
		name string
		cert *tls.Certificate
		root *x509.CertPool
		sent bool
	}{
		{"trusted", &cert, roots, true},
		{"not trusted", &cert, x509.NewCertPool(), false},
		{"not offered", nil, roots, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := openPostOffice(t, tt.cert)
			a := withMail(t, p)
			a.mail.plain, a.mail.tls.RootCAs = false, tt.root // as if it stood far away
			if err := a.sendDue(t.Context(), time.Now()); err != nil {
				t.Fatal(err)
			}
			if _, _, sent := a.mailState(t); sent != tt.sent || (len(p.letters) == 1) != tt.sent {
				t.Errorf("got sent %v and %d letters, want %v", sent, len(p.letters), tt.sent)
			}
		})
	}
}

func TestRunOutbox(t *testing.T) {
	t.Parallel()
	p := openPostOffice(t, nil)
	quiet, _ := startApp(t)
	for name, a := range map[string]*app{"with a server": withMail(t, p), "without": quiet} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- a.runOutbox(ctx) }()
		if a.mail != nil {
			<-p.letters
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
