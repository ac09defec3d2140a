package webtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"time"
)

// TB is the part of testing.TB that this package needs. It stands here so
// that the package does not link testing.
type TB interface {
	Helper()
	Cleanup(f func())
	Fatalf(format string, args ...any)
}

// Authority is a certificate authority made for a test.
type Authority struct {
	// Cert is its own certificate.
	Cert *x509.Certificate

	t   TB
	key *ecdsa.PrivateKey
}

// NewAuthority returns one that signed itself, of an organisation.
func NewAuthority(t TB, organisation string) *Authority {
	t.Helper()
	a := &Authority{t: t}
	a.Cert, a.key = a.sign(authorityOf(organisation), nil)
	return a
}

// Below returns an authority that a certifies.
func (a *Authority) Below(organisation string) *Authority {
	a.t.Helper()
	b := &Authority{t: a.t}
	b.Cert, b.key = a.sign(authorityOf(organisation), a)
	return b
}

func authorityOf(organisation string) *x509.Certificate {
	return &x509.Certificate{
		Subject: pkix.Name{CommonName: organisation, Organization: []string{organisation}},
		IsCA:    true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().AddDate(-5, 0, 0), NotAfter: time.Now().AddDate(5, 0, 0),
	}
}

// Leaf issues a certificate for a host, for 90 days of which one has passed,
// unless change says otherwise; it may be nil. More certificates follow it in
// the chain.
func (a *Authority) Leaf(host string, change func(*x509.Certificate), more ...*x509.Certificate) tls.Certificate {
	a.t.Helper()
	template := &x509.Certificate{Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}}
	if change != nil {
		change(template)
	}
	cert, key := a.sign(template, a)
	chain := tls.Certificate{PrivateKey: key, Leaf: cert, Certificate: [][]byte{cert.Raw}}
	for _, c := range more {
		chain.Certificate = append(chain.Certificate, c.Raw)
	}
	return chain
}

// Self returns the authority's own certificate for a server to present.
func (a *Authority) Self() tls.Certificate {
	return tls.Certificate{PrivateKey: a.key, Leaf: a.Cert, Certificate: [][]byte{a.Cert.Raw}}
}

// Pool returns a pool that trusts the authority, and nobody else.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.Cert)
	return pool
}

func (a *Authority) sign(c *x509.Certificate, by *Authority) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatalf("webtest: %v", err)
	}
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	if c.NotBefore.IsZero() {
		c.NotBefore = time.Now().Add(-24 * time.Hour)
	}
	if c.NotAfter.IsZero() {
		c.NotAfter = c.NotBefore.Add(90 * 24 * time.Hour)
	}
	parent, signer := c, key
	if by != nil {
		parent, signer = by.Cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		a.t.Fatalf("webtest: %v", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatalf("webtest: %v", err)
	}
	return cert, key
}
