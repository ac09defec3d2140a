package smtpprobe

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"
)

// TLSA is the data of a TLSA record (RFC 6698, section 2.1).
type TLSA struct {
	Usage, Selector, Matching uint8
	Data                      []byte
}

// String writes the data as a zone file does, cut where it is long.
func (t TLSA) String() string {
	data := fmt.Sprintf("%x", t.Data[:min(len(t.Data), 64)])
	if len(t.Data) > 64 {
		data += "…"
	}
	return fmt.Sprintf("%d %d %d %s", t.Usage, t.Selector, t.Matching, data)
}

// Of returns the record that names a certificate's key, which outlives
// renewals that keep the key: 3 1 1.
func Of(leaf *x509.Certificate) TLSA {
	sum := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	return TLSA{3, 1, 1, sum[:]}
}

// Usable reports whether senders act on the record: for mail servers only the
// usages 2 and 3 mean anything (RFC 7672, section 3.1).
func (t TLSA) Usable() bool {
	if t.Usage != 2 && t.Usage != 3 || t.Selector > 1 {
		return false
	}
	switch t.Matching {
	case 0:
		return len(t.Data) > 0
	case 1:
		return len(t.Data) == sha256.Size
	case 2:
		return len(t.Data) == sha512.Size
	default:
		return false
	}
}

// names reports whether the record is about a certificate.
func (t TLSA) names(c *x509.Certificate) bool {
	part := c.Raw
	if t.Selector == 1 {
		part = c.RawSubjectPublicKeyInfo
	}
	switch t.Matching {
	case 0:
		return bytes.Equal(t.Data, part)
	case 1:
		sum := sha256.Sum256(part)
		return bytes.Equal(t.Data, sum[:])
	default:
		sum := sha512.Sum512(part)
		return bytes.Equal(t.Data, sum[:])
	}
}

// Match is what a comparison says.
type Match uint8

// The matches.
const (
	NoneUsable Match = iota // no record that senders act on
	Matches                 // one record fits
	Differs                 // none does: senders that check keep their mail
	Unclear                 // a record of a kind that cannot be compared here
)

// Compare compares the chain that a server shows, its own certificate first,
// with the records. A record of the usage 3 fits the server's own certificate
// whatever its name and dates (RFC 7672, section 3.1.1); one of the usage 2
// fits an issuer that vouches for it under one of the hosts (section 3.1.2).
func Compare(records []TLSA, chain []*x509.Certificate, hosts []string, now time.Time) Match {
	result := NoneUsable
	for _, t := range records {
		switch {
		case !t.Usable() || len(chain) == 0:
			continue
		case t.Usage == 3 && t.names(chain[0]), t.Usage == 2 && t.vouches(chain, hosts, now):
			return Matches
		case result == NoneUsable:
			result = Differs
		}
		// A bare key that is in no certificate shown.
		if t.Usage == 2 && t.Selector == 1 && t.Matching == 0 && !slices.ContainsFunc(chain, t.names) {
			result = Unclear
		}
	}
	return result
}

// vouches reports whether an issuer that the record names leads to the
// server's certificate. A record that holds an issuer whole adds it to the chain.
func (t TLSA) vouches(chain []*x509.Certificate, hosts []string, now time.Time) bool {
	if !slices.ContainsFunc(hosts, func(h string) bool { return isFor(chain[0], h) }) {
		return false
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for i, c := range chain {
		if t.names(c) {
			roots.AddCert(c)
		} else if i > 0 {
			between.AddCert(c)
		}
	}
	if t.Selector == 0 && t.Matching == 0 {
		if c, err := x509.ParseCertificate(t.Data); err == nil {
			roots.AddCert(c)
		}
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return err == nil
}

// isFor reports whether a certificate is for a host. Mail servers still look
// at the common name where there is no other.
func isFor(c *x509.Certificate, host string) bool {
	if len(c.DNSNames) == 0 && len(c.IPAddresses) == 0 {
		return strings.EqualFold(c.Subject.CommonName, host)
	}
	return c.VerifyHostname(host) == nil
}
