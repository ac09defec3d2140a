package mailrecord

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
)

// lintKey reads the key of p= and returns its length in bits.
func lintKey(l *lint, p tag, algorithm string) int {
	bad := func(detail, fix string) int {
		l.add(fault{code: "dkim.key", detail: detail, fix: fix}, p.at, p.text)
		return 0
	}
	const paste = "paste the key again, as one line of base64 after p="
	text := p.value
	switch {
	case strings.Contains(text, "-----"):
		return bad("a PEM header is no part of a key record", "leave out the BEGIN and END lines")
	case p.quoted:
		return bad("quotes or backslashes are a part of the key", "enter the text without quotes and backslashes")
	}
	text = strings.Map(func(r rune) rune { // blanks are legal within
		if strings.ContainsRune(spaces, r) {
			return -1
		}
		return r
	}, text)
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		if der, err = base64.RawStdEncoding.DecodeString(text); err != nil {
			return bad("the key is not base64", paste)
		}
		l.add(fault{code: "dkim.padding", detail: "the = at the end of the key is missing; strict receivers refuse it", fix: paste}, p.at, p.text)
	}
	if algorithm == "ed25519" {
		if len(der) != 32 {
			return bad(fmt.Sprintf("an Ed25519 key has 32 octets, and this one has %d", len(der)), "publish the bare key, without its ASN.1 envelope")
		}
		return 256
	}
	if len(der) == 32 {
		return bad("this is no RSA key; by its length it is an Ed25519 one", "add k=ed25519")
	}
	key := rsaKey(der)
	if key == nil {
		return bad("the key is cut short or is no RSA public key", paste)
	}
	lintRSA(l, p, key)
	return key.N.BitLen()
}

// rsaKey reads a key in the form of the standard (an RSAPublicKey) or in the
// one that everybody publishes (a SubjectPublicKeyInfo); nil where it is
// neither.
func rsaKey(der []byte) *rsa.PublicKey {
	if any, err := x509.ParsePKIXPublicKey(der); err == nil {
		key, _ := any.(*rsa.PublicKey)
		return key
	}
	key, err := x509.ParsePKCS1PublicKey(der)
	if err != nil {
		return nil
	}
	return key
}

func lintRSA(l *lint, p tag, key *rsa.PublicKey) {
	const renew = "make a key of 2048 bits and publish it at a new selector"
	switch bits := key.N.BitLen(); {
	case key.E < 3 || key.E%2 == 0:
		l.add(fault{code: "dkim.key", detail: fmt.Sprintf("the exponent %d makes no RSA key", key.E), fix: renew}, p.at, p.text)
	case bits < 1024:
		l.add(fault{code: "dkim.weak", detail: fmt.Sprintf("it has %d bits, and receivers must not accept fewer than 1024", bits), fix: renew}, p.at, p.text)
	case bits < 2048:
		l.add(fault{code: "dkim.short", detail: fmt.Sprintf("it has %d bits, and should have 2048", bits), fix: renew}, p.at, p.text)
	case bits > 4096:
		l.add(fault{code: "dkim.long", detail: fmt.Sprintf("it has %d bits; some receivers stop at 4096", bits), fix: renew}, p.at, p.text)
	}
}
