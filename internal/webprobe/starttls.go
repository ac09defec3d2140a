package webprobe

import (
	"context"
	"crypto/x509"
	"io"
	"net"
	"time"
)

const (
	// patience is how long the words before TLS and the handshake may take
	// together, in parts of Timeout: mail servers let a stranger wait up to 6 s
	// for their greeting, to see whether it talks out of turn.
	patience = 1.6
	// knock is how long the connection may take, in parts of Timeout. Where a
	// network drops the port, nothing else waits for it longer than need be.
	knock = 0.6
	// maxTalks bounds how many may be under way, since they take long.
	maxTalks = 6
)

// Upgrade is what became of a connection that turns to TLS after some words
// of another protocol, and the certificate seen.
type Upgrade struct {
	Certificate

	// Connected says that the port was open.
	Connected bool
	// Refusal is the error of those words, nil where there was none. The Kind
	// is no fact then, whatever it is.
	Refusal error
}

// StartTLS connects to a host, lets begin speak the words of a protocol until
// the server waits for TLS, and looks at the certificate as [Prober.TLS] does.
// What begin reads and writes is bounded in time. Once there is TLS, bye is
// sent, if that works. The first call for a host and port decides about begin.
func (p *Prober) StartTLS(ctx context.Context, host, port, bye string, begin func(net.Conn) error) Upgrade {
	address := net.JoinHostPort(host, port)
	none := Upgrade{Certificate: Certificate{Err: Unknown.String()}}
	return once(ctx, p, p.begun, address, none, func() Upgrade {
		u := p.upgrade(ctx, host, address, bye, begin)
		if u.Leaf() != nil {
			u.judge(host, time.Now(), p.cfg.RootCAs, func(at string) *x509.Certificate { return p.issuer(ctx, at) })
		}
		return u
	})
}

// upgrade connects, speaks and shakes hands.
func (p *Prober) upgrade(run context.Context, host, address, bye string, begin func(net.Conn) error) Upgrade {
	u := Upgrade{Certificate: Certificate{Err: Unknown.String()}}
	p.resolve(run, address)
	select {
	case p.talks <- struct{}{}:
		defer func() { <-p.talks }()
	case <-run.Done():
		return u
	}
	if !p.slot(run) {
		return u
	}
	defer p.release()
	conn, err := p.connect(run, address)
	if err != nil {
		u.Kind = kindOf(run, err)
		u.Err = plain(u.Kind, err)
		return u
	}
	defer func() { _ = conn.Close() }()
	u.Connected = true
	ctx, cancel := context.WithTimeout(run, part(p.cfg.Timeout, patience))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := begin(conn); err != nil {
		u.Kind, u.Refusal = kindOf(run, err), err
		u.Err = plain(u.Kind, err)
		return u
	}
	u.Certificate = present(run, ctx, conn, host, bye)
	return u
}

// connect opens the connection.
func (p *Prober) connect(run context.Context, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(run, part(p.cfg.Timeout, knock))
	defer cancel()
	return p.dial(ctx, "tcp", address)
}

func part(d time.Duration, of float64) time.Duration { return time.Duration(float64(d) * of) }

// send says the last words. Nothing depends on them.
func send(w io.Writer, words string) {
	if words != "" {
		_, _ = io.WriteString(w, words)
	}
}
