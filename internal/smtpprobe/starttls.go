package smtpprobe

import (
	"errors"
	"fmt"
	"io"
	"net"
)

// The errors of [StartTLS], besides those of the connection. Only the first
// two are facts about the server.
var (
	// ErrNotOffered says that the server does not list STARTTLS.
	ErrNotOffered = errors.New("the server does not offer STARTTLS")
	// ErrDeclined says that it lists STARTTLS and answers it with an error.
	ErrDeclined = errors.New("the server offers STARTTLS and answers it with an error")
	// ErrTurnedAway says that it did not want to talk with us now.
	ErrTurnedAway = errors.New("the server turned the check away")
	// ErrEarly says that something followed before TLS was there, which may be
	// somebody else's (RFC 3207, section 6).
	ErrEarly = errors.New("words that are not encrypted follow STARTTLS")
)

// Quit ends a conversation.
const Quit = "QUIT\r\n"

// StartTLS greets a mail server as a sender does, up to where TLS begins (RFC
// 3207). The caller sets the connection's deadline, and closes it.
func StartTLS(conn net.Conn) error {
	r := NewReader(conn)
	greeting, err := ReadReply(r)
	if err != nil {
		return err
	}
	if greeting.Code != 220 {
		return quit(conn, fmt.Errorf("%w (code %d)", ErrTurnedAway, greeting.Code))
	}
	// An address is what a client without a name says (RFC 5321, section 4.1.4).
	if _, err := io.WriteString(conn, "EHLO "+literal(conn.LocalAddr())+"\r\n"); err != nil {
		return err
	}
	hello, err := ReadReply(r)
	switch {
	case err != nil:
		return err
	case hello.Code == 500, hello.Code == 502: // it knows no extensions at all
		return quit(conn, ErrNotOffered)
	case hello.Code != 250:
		return quit(conn, fmt.Errorf("%w (code %d)", ErrTurnedAway, hello.Code))
	case !hello.Offers("STARTTLS"):
		return quit(conn, ErrNotOffered)
	}
	if _, err := io.WriteString(conn, "STARTTLS\r\n"); err != nil {
		return err
	}
	ready, err := ReadReply(r)
	switch {
	case err != nil:
		return err
	case ready.Code/100 == 5:
		return quit(conn, fmt.Errorf("%w (code %d)", ErrDeclined, ready.Code))
	case ready.Code != 220:
		return quit(conn, fmt.Errorf("%w (code %d)", ErrTurnedAway, ready.Code))
	case r.Buffered() > 0:
		return ErrEarly
	}
	return nil
}

// quit takes leave and passes the error on.
func quit(conn net.Conn, err error) error {
	_, _ = io.WriteString(conn, Quit) // nothing depends on it
	return err
}

// literal writes an address as SMTP does.
func literal(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return "[127.0.0.1]"
	}
	addr := tcp.AddrPort().Addr().Unmap().WithZone("")
	if addr.Is6() {
		return "[IPv6:" + addr.String() + "]"
	}
	return "[" + addr.String() + "]"
}
