package secretscan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Finding is a secret in a text, without the secret.
type Finding struct {
	Rule        string
	Name        string // of the text
	Line        int    // where the match begins, from 1
	Masked      string
	Fingerprint string
}

const (
	// minShown is the length from which a secret is shown in part.
	minShown = 20
	// shown is how many of its characters are: those that most kinds of
	// tokens have in common.
	shown = 4
)

// mask is what may be shown of a secret. Its length is not told: for a
// password, that would be a part of it.
func mask(secret string, password bool) string {
	if password || len(secret) < minShown {
		return "…"
	}
	for i := range shown {
		if c := secret[i]; c <= ' ' || c > '~' {
			return "…"
		}
	}
	return secret[:shown] + "…"
}

// fingerprint names a finding, wherever in the text it stands. The 24 bits of
// the hash tell the findings of one rule and file apart, and leave who tries a
// list of passwords with many that fit.
func fingerprint(rule, name, secret string) string {
	sum := sha256.Sum256([]byte(rule + "\x00" + name + "\x00" + secret))
	return rule + ":" + escape(name) + ":" + hex.EncodeToString(sum[:hashBytes])
}

const hashBytes = 3

// escape writes a path without what would end it or its line in an ignore
// file: white space, control characters, #, and bytes that are no UTF-8.
func escape(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); {
		r, n := utf8.DecodeRuneInString(path[i:])
		if r == utf8.RuneError && n == 1 || unicode.IsSpace(r) || !unicode.IsPrint(r) || r == '#' || r == '%' {
			for _, c := range []byte(path[i : i+n]) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		} else {
			b.WriteString(path[i : i+n])
		}
		i += n
	}
	return b.String()
}
