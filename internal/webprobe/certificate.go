package webprobe

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"time"
)

// Certificate is what a server presents, and what is wrong with it.
type Certificate struct {
	// Kind is OK where a certificate was seen, even a bad one, or one beside a
	// handshake that then failed because the server wants one from us.
	Kind Kind
	Err  string // why, where Kind is not OK; for people
	// Chain is what the server sent, its own certificate first.
	Chain []*x509.Certificate
	// Addr is the other end of the connection.
	Addr netip.AddrPort
	// Version is the newest TLS version that the server speaks with us, such
	// as tls.VersionTLS12; 0 where the handshake was not finished.
	Version uint16

	// Expired, NotYet and WrongName are about the certificate itself.
	Expired, NotYet, WrongName bool
	// At most one of these says why it leads to no issuer that is trusted.
	SelfSigned, UnknownIssuer, Incomplete bool
	// NoRoots says that this machine trusts nobody, so that nothing can be said
	// about the issuer.
	NoRoots bool
}

// Leaf returns the server's own certificate, nil where none was seen.
func (c Certificate) Leaf() *x509.Certificate {
	if len(c.Chain) == 0 {
		return nil
	}
	return c.Chain[0]
}

// Issuer names who issued the certificate: an organisation, or else the
// common name.
func (c Certificate) Issuer() string {
	leaf := c.Leaf()
	if leaf == nil {
		return ""
	}
	if len(leaf.Issuer.Organization) > 0 {
		return leaf.Issuer.Organization[0]
	}
	return leaf.Issuer.CommonName
}

// Valid reports whether a browser takes the certificate.
func (c Certificate) Valid() bool {
	return c.Kind == OK && !c.Expired && !c.NotYet && !c.WrongName && !c.SelfSigned && !c.UnknownIssuer && !c.Incomplete && !c.NoRoots
}

// TLS looks at the certificate for a host, through one handshake that takes
// any certificate and any version.
func (p *Prober) TLS(ctx context.Context, host, port string) Certificate {
	address := net.JoinHostPort(host, port)
	return once(ctx, p, p.certs, address, Certificate{Err: Unknown.String()}, func() Certificate {
		c := p.handshake(ctx, host, address)
		if c.Leaf() != nil {
			c.judge(host, time.Now(), p.cfg.RootCAs, func(u string) *x509.Certificate { return p.issuer(ctx, u) })
		}
		return c
	})
}

// handshake fetches the chain.
func (p *Prober) handshake(run context.Context, host, address string) Certificate {
	c := Certificate{Err: Unknown.String()}
	p.resolve(run, address)
	if !p.slot(run) {
		return c
	}
	defer p.release()
	ctx, cancel := context.WithTimeout(run, p.cfg.Timeout)
	defer cancel()
	conn, err := p.dial(ctx, "tcp", address)
	if err != nil {
		c.Kind = kindOf(run, err)
		c.Err = plain(c.Kind, err)
		return c
	}
	defer func() { _ = conn.Close() }()
	return present(run, ctx, conn, host, "")
}

// present shakes hands over a connection and says bye. run is the context of
// the whole run.
func present(run, ctx context.Context, conn net.Conn, host, bye string) Certificate {
	c := Certificate{Err: Unknown.String(), Addr: addrPort(conn.RemoteAddr())}
	client := tls.Client(conn, &tls.Config{
		ServerName: host, MinVersion: tls.VersionTLS10, CipherSuites: allCiphers(),
		InsecureSkipVerify: true, // judge says what is wrong with it, and nothing is sent
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
			for _, der := range raw {
				if cert, err := x509.ParseCertificate(der); err == nil {
					c.Chain = append(c.Chain, cert)
				}
			}
			return nil
		},
	})
	err := client.HandshakeContext(ctx)
	switch {
	case err == nil:
		c.Kind, c.Err, c.Version = OK, "", client.ConnectionState().Version
		send(client, bye)
	case len(c.Chain) > 0: // a server that wants a certificate from us
		c.Kind, c.Err = OK, ""
	default:
		c.Kind = kindOf(run, err)
		c.Err = plain(c.Kind, err)
	}
	return c
}

// allCiphers lists what old servers may speak too.
func allCiphers() []uint16 {
	var ids []uint16
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		ids = append(ids, s.ID)
	}
	return ids
}

// judge finds what is wrong, each thing apart from the others: a certificate
// may be too old and for another name.
func (c *Certificate) judge(host string, now time.Time, roots *x509.CertPool, fetch func(string) *x509.Certificate) {
	leaf := c.Leaf()
	c.Expired, c.NotYet = now.After(leaf.NotAfter), now.Before(leaf.NotBefore)
	c.WrongName = leaf.VerifyHostname(host) != nil
	if c.Expired { // the issuers as they were while it was good
		now = leaf.NotAfter.Add(-time.Second)
	} else if c.NotYet {
		now = leaf.NotBefore.Add(time.Second)
	}
	if roots == nil {
		system, err := x509.SystemCertPool()
		if err != nil || system.Equal(x509.NewCertPool()) {
			c.NoRoots = true
			return
		}
	}
	switch {
	case verifies(leaf, c.Chain[1:], roots, now):
	case selfIssued(leaf):
		c.SelfSigned = true
	default:
		c.Incomplete = c.missing(roots, now, fetch)
		c.UnknownIssuer = !c.Incomplete
	}
}

func verifies(leaf *x509.Certificate, between []*x509.Certificate, roots *x509.CertPool, now time.Time) bool {
	pool := x509.NewCertPool()
	for _, cert := range between {
		pool.AddCert(cert)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: pool, CurrentTime: now})
	return err == nil
}

func selfIssued(c *x509.Certificate) bool {
	return bytes.Equal(c.RawIssuer, c.RawSubject) && c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

// maxMissing bounds how many issuers that the server did not send are fetched.
const maxMissing = 3

// missing reports whether the chain would verify with certificates that the
// server should have sent: those that the last known issuer names (authority
// information access, RFC 5280, section 4.2.2.1). Where they cannot be
// fetched, that a public issuer is named and absent has to do.
func (c *Certificate) missing(roots *x509.CertPool, now time.Time, fetch func(string) *x509.Certificate) bool {
	known := c.Chain
	for range maxMissing {
		top := topOf(known)
		if selfIssued(top) || len(top.IssuingCertificateURL) == 0 {
			return false
		}
		issuer := fetch(top.IssuingCertificateURL[0])
		if issuer == nil {
			return true
		}
		if !bytes.Equal(issuer.RawSubject, top.RawIssuer) {
			return false
		}
		known = append(known[:len(known):len(known)], issuer)
		if verifies(known[0], known[1:], roots, now) {
			return true
		}
	}
	return false
}

// topOf walks from the first certificate to the last issuer that is known.
func topOf(chain []*x509.Certificate) *x509.Certificate {
	top := chain[0]
	for range chain {
		next := (*x509.Certificate)(nil)
		for _, cert := range chain {
			if bytes.Equal(cert.RawSubject, top.RawIssuer) && !bytes.Equal(cert.Raw, top.Raw) {
				next = cert
				break
			}
		}
		if next == nil {
			break
		}
		top = next
	}
	return top
}

// issuer fetches a certificate from where another names it.
func (p *Prober) issuer(ctx context.Context, rawURL string) *x509.Certificate {
	v := p.Fetch(ctx, rawURL)
	if v.Status() != 200 || v.Truncated {
		return nil
	}
	cert, err := x509.ParseCertificate(v.Body)
	if err != nil {
		return nil
	}
	return cert
}

// Lifetime returns how long the certificate is good for altogether.
func (c Certificate) Lifetime() time.Duration {
	leaf := c.Leaf()
	if leaf == nil {
		return 0
	}
	return max(leaf.NotAfter.Sub(leaf.NotBefore), 0)
}

// VersionName names the newest TLS version of the server.
func (c Certificate) VersionName() string { return cmp.Or(tls.VersionName(c.Version), "TLS") }
