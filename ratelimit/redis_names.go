package ratelimit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"sync"
)

// names makes the keys under which Redis keeps counts: an HMAC, so that Redis
// and whoever reads its backups learn no address, nobody without the secret
// can prepare a key, and every key has the same length.
type names struct {
	prefix string
	macs   sync.Pool // of *mac
}

type mac struct {
	hash.Hash
	in, sum []byte
}

// macBytes is how much of the HMAC is kept: 128 bits, too many to meet by
// chance.
const macBytes = 16

// newNames derives its own key from the secret, which may serve other
// purposes too.
func newNames(prefix string, secret []byte) *names {
	derive := hmac.New(sha256.New, secret)
	derive.Write([]byte("launchready/readiness ratelimit keys 1"))
	key := derive.Sum(nil)
	n := &names{prefix: "{" + prefix + "}:"}
	n.macs.New = func() any { return &mac{Hash: hmac.New(sha256.New, key)} }
	return n
}

// of returns the charge's key. The window is a part of it, because the number
// of a window means nothing once its length has changed; the limit is not, so
// that a new limit holds at once.
func (n *names) of(c *charge) string {
	m := n.macs.Get().(*mac)
	defer n.macs.Put(m)
	m.Reset()
	m.in = binary.AppendUvarint(m.in[:0], uint64(len(c.rule.name)))
	m.in = append(m.in, c.rule.name...)
	m.in = binary.BigEndian.AppendUint64(m.in, uint64(c.rule.window))
	m.in = append(m.in, c.key...)
	m.Write(m.in)
	m.sum = m.Sum(m.sum[:0])
	if cap(m.in) > maxScratch {
		m.in = nil
	}
	var buf [128]byte
	return string(base64.RawURLEncoding.AppendEncode(append(buf[:0], n.prefix...), m.sum[:macBytes]))
}
