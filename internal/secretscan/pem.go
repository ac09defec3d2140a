package secretscan

import (
	"bytes"
	"encoding/base64"
	"strings"
)

const (
	minKeyLine = 40 // the lines of a PEM block have 64 characters
	minKey     = 60 // an Ed25519 key, the shortest, has 64
	maxHeaders = 10
	maxHeader  = 120

	asn1Sequence = 0x30
	pemBegin     = "-----BEGIN "
)

// serviceAccountKey finds the key in the JSON of a service account of Google.
func serviceAccountKey(_, text []byte) (from, to int) {
	i := skip(text, len(`"private_key"`), maxBlank, " \t\r\n")
	i = skip(text, skip(text, i, 1, ":"), maxBlank, " \t\r\n")
	i = skip(text, i, 1, `"`)
	if !bytes.HasPrefix(text[i:], []byte(pemBegin)) {
		return 0, 0
	}
	if from, to = privateKey(nil, text[i:]); to == 0 {
		return 0, 0
	}
	return i + from, i + to
}

// privateKey finds the content of a private key, in the form of PEM: a block
// that begins as keys do. A text that only names the header of one, or shows
// its form, is none.
func privateKey(before, text []byte) (from, to int) {
	label := text[len(pemBegin):min(len(pemBegin)+maxHeader, len(text))]
	end := bytes.Index(label, []byte("-----"))
	if end < 0 {
		return 0, 0
	}
	label = bytes.TrimSuffix(label[:end], []byte(" BLOCK"))
	if !bytes.HasSuffix(label, []byte("PRIVATE KEY")) || bytes.ContainsFunc(label, func(r rune) bool { return r != ' ' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') }) {
		return 0, 0
	}
	breaks := newPEMBreaks(before)
	from = breaks.skip(text, len(pemBegin)+bytes.Index(text[len(pemBegin):], []byte("-----"))+len("-----"))
	opaque := bytes.HasPrefix(label, []byte("PGP")) // encrypted, or no ASN.1
	for range maxHeaders {
		next := pemHeader(breaks, text, from)
		if next == from {
			break
		}
		from, opaque = next, true
	}
	body, line, to := pemBody(breaks, text, from)
	if !keyContent(body, line, opaque) {
		return 0, 0
	}
	return from, to
}

// pemBody reads the lines of a PEM block, up to what stands in none. It
// returns them in one, how long the first is, and where they end.
func pemBody(breaks pemBreaks, text []byte, from int) (body string, line, to int) {
	var lines []byte
	for to = from; to < len(text); {
		start := to
		for to < len(text) && (text[to] == '=' || base64Byte(text[to])) {
			to++
		}
		if lines == nil {
			line = to - start
		}
		lines = append(lines, text[start:to]...)
		next := breaks.skip(text, to)
		if next == to {
			break
		}
		to = next
	}
	return string(lines), line, to
}

// pemHeader reads a header such as "Proc-Type: 4,ENCRYPTED", with the line
// break after it.
func pemHeader(breaks pemBreaks, text []byte, at int) int {
	line := text[at:min(at+maxHeader, len(text))]
	end := bytes.IndexAny(line, "\\\n\"'`%<")
	name := bytes.Index(line[:max(end, 0)], []byte(": "))
	if name < 3 || !upper(line[0]) || bytes.ContainsFunc(line[:name], func(r rune) bool { return r != '-' && (r > 'z' || !lower(byte(r)) && !upper(byte(r))) }) {
		return at
	}
	if next := breaks.skip(text, at+end); next > at+end {
		return next
	}
	return at
}

// keyContent reports a text that begins as the content of a key does, with a
// first line of a length.
func keyContent(body string, line int, opaque bool) bool {
	plain := strings.TrimRight(body, "=")
	line = min(line, len(plain))
	if line < minKeyLine || len(plain) < minKey || entropy(body[:line]) < 3.5 || filledIn(body) {
		return false
	}
	if opaque {
		return true
	}
	start, err := base64.RawStdEncoding.DecodeString(plain[:32])
	return err == nil && (start[0] == asn1Sequence || strings.HasPrefix(string(start), "openssh-key-v1"))
}
