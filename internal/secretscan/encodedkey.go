package secretscan

import (
	"bytes"
	"encoding/base64"
)

// encodedKey finds a private key as a file of Kubernetes holds it: PEM, and
// base64 around it, in one line or as the command base64 wraps it.
func encodedKey(_, text []byte) (from, to int) {
	const label, head = 64, maxHead // enough to see what it is, and that it is one
	if !bytes.Contains(decoded(text, label), []byte("PRIVATE KEY")) {
		return 0, 0
	}
	if _, end := privateKey(nil, decoded(text, head)); end == 0 {
		return 0, 0
	}
	for start, width := 0, 0; ; {
		for to < len(text) && base64Byte(text[to]) {
			to++
		}
		next := wrappedLine(text, to, to-start, width)
		if next == to {
			return 0, skip(text, to, 2, "=")
		}
		start, to, width = next, next, to-start
	}
}

// minWidth is how long the lines of wrapped base64 are, at the least.
const minWidth = 60

// wrappedLine is where the next line of wrapped base64 begins, after one of a
// size, of which the others had a width: it holds nothing but base64.
func wrappedLine(text []byte, at, size, width int) int {
	if size < minWidth || width > 0 && size != width {
		return at
	}
	next := skip(text, skip(text, at, 1, "\r"), 1, "\n")
	if next == at {
		return at
	}
	next = skip(text, next, maxPrefix, " \t")
	end := next
	for end < len(text) && base64Byte(text[end]) {
		end++
	}
	if end == next || end-next > size || end < len(text) && text[end] != '=' && text[end] != '\r' && text[end] != '\n' {
		return at
	}
	return next
}

// maxHead is how much of base64 is decoded.
const maxHead = 512

// decoded is what the first bytes of a text in base64 stand for, if that is
// PEM.
func decoded(text []byte, most int) []byte {
	line := make([]byte, 0, maxHead)
	start := 0
	for at := 0; at < len(text) && len(line) < most; {
		if base64Byte(text[at]) {
			line = append(line, text[at])
			at++
			continue
		}
		next := wrappedLine(text, at, at-start, 0)
		if next == at {
			break
		}
		start, at = next, next
	}
	plain := make([]byte, most)
	n, err := base64.RawStdEncoding.Decode(plain, line[:len(line)&^3])
	if err != nil || !bytes.HasPrefix(plain[:n], []byte(pemBegin)) {
		return nil
	}
	return plain[:n]
}

func base64Byte(c byte) bool { return c == '+' || c == '/' || alnum(c) }
