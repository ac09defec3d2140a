package secretscan

import (
	"bytes"
	"encoding/base64"
	"strings"
)

const (
	// longReach is how many bytes a value and a token in a header may have: a
	// session of AWS, or a service account in base64.
	longReach = 4 << 10
	// judged is how much of a value tells whether it was drawn by lot.
	judged = 512
)

// lot reports a value that was drawn by lot and is none to be filled in. A long
// one is not searched for short words, which stand in it by chance.
func lot(value []byte) bool {
	head := string(value[:min(len(value), judged)])
	if !random(head) {
		return false
	}
	if len(value) <= judged {
		return !placeholder(head)
	}
	if filledIn(string(value)) || repeats(head) || counts(head) {
		return false
	}
	return !written(head) || holdsKey(value)
}

// holdsKey reports base64 of a text with a private key in it.
func holdsKey(value []byte) bool {
	text, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(string(value), "="))
	i := bytes.Index(text, []byte(pemBegin))
	if err != nil || i < 0 {
		return false
	}
	_, end := privateKey(nil, text[i:])
	return end > 0
}

// sealed are the beginnings of ciphertexts in base64: a data key of RSA with
// its length before it, as Sealed Secrets has, and those of clouds.
var sealed = []string{"AgA", "AgB", "AgC", "AgD", "AQA", "AQB", "AQC", "AQD", "AQIC", "CiQA", "CiUA", "vault:"}

// ciphertext reports a long value that is encrypted, and so may be shown.
func ciphertext(before, value []byte) bool {
	for _, b := range sealed {
		if bytes.HasPrefix(value, []byte(b)) {
			return true
		}
	}
	name := bytes.ToLower(before[len(beforeName(before)):])
	return bytes.Contains(name, []byte("encrypted")) || bytes.Contains(name, []byte("cipher")) || bytes.Contains(name, []byte("sealed"))
}
