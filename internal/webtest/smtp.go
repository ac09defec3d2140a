package webtest

import (
	"bufio"
	"crypto/tls"
	"net"
	"strings"
	"sync"
)

// SMTP is a mail server for a test. The zero SMTP offers no TLS.
type SMTP struct {
	// TLS is what it presents after STARTTLS; nil offers none.
	TLS *tls.Config
	// Replies takes the place of its replies, by the first word of what a
	// client says; "" is the greeting. Each ends in CRLF. One that is empty
	// leaves the client without a reply.
	Replies map[string]string
}

// Serve starts the server and stops it when the test ends. It returns where it
// listens, as HOST:PORT.
func (s SMTP) Serve(t TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("webtest: %v", err)
		return ""
	}
	var done sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	done.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[conn] = true
			mu.Unlock()
			done.Go(func() {
				s.talk(conn)
				_ = conn.Close()
				mu.Lock()
				delete(open, conn)
				mu.Unlock()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for conn := range open {
			_ = conn.Close()
		}
		mu.Unlock()
		done.Wait()
	})
	return l.Addr().String()
}

// talk answers one client until it leaves.
func (s SMTP) talk(conn net.Conn) {
	in := bufio.NewReader(conn)
	hello := "250 mx.test\r\n"
	if s.TLS != nil {
		hello = "250-mx.test\r\n250-SIZE 1000\r\n250 StartTLS\r\n"
	}
	usual := map[string]string{"": "220-mx.test\r\n220 ready\r\n", "EHLO": hello, "STARTTLS": "220 go ahead\r\n", "QUIT": "221 bye\r\n"}
	for word := ""; ; {
		reply, special := s.Replies[word]
		if !special {
			reply = usual[word]
		}
		if _, err := conn.Write([]byte(reply)); err != nil || word == "QUIT" {
			return
		}
		if word == "STARTTLS" && strings.HasPrefix(reply, "220") && s.TLS != nil {
			secure := tls.Server(conn, s.TLS)
			if secure.Handshake() != nil {
				return
			}
			conn, in, s.TLS = secure, bufio.NewReader(secure), nil
		}
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		word, _, _ = strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
	}
}
