package ratelimit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"sync"
)

// identities makes of a charge what may leave the process: an HMAC, so that
// Redis, its backups, a log and a hook learn no address and no e-mail address,
// nobody without the secret can prepare a key, and all have the same length.
// It is safe for concurrent use.
type identities struct{ macs sync.Pool } // of *mac

type mac struct {
	hash.Hash
	in, sum []byte
}

// macBytes is how much of the HMAC is kept: 128 bits, too many to meet by
// chance.
const macBytes = 16

// newIdentities derives its own key from the secret, which may serve other
// purposes too.
func newIdentities(secret []byte) *identities {
	derive := hmac.New(sha256.New, secret)
	derive.Write([]byte("launchready/readiness ratelimit keys 1"))
	key := derive.Sum(nil)
	ids := &identities{}
	ids.macs.New = func() any { return &mac{Hash: hmac.New(sha256.New, key)} }
	return ids
}

// append appends the charge's identity, of 22 letters. The window is
// a part of it, because the number of a window means nothing once its length
// has changed; the limit is not, so that a new limit holds at once.
func (ids *identities) append(dst []byte, c *charge) []byte {
	m := ids.macs.Get().(*mac)
	defer ids.macs.Put(m)
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
	return base64.RawURLEncoding.AppendEncode(dst, m.sum[:macBytes])
}
