package ratelimit

import (
	"encoding/binary"
	"strings"

	"github.com/launchready/readiness/internal/clientip"
)

// A charge's key is the parts of its rule's keys, one after the other. Each
// part says how long it is, so that no two lists of parts look the same:
// ("a:b", "c") is not ("a", "b:c").

// appendAddress appends the part of a client's address.
func appendAddress(dst []byte, b clientip.Bucket) []byte {
	return b.AppendKey(append(dst, byte(keyIP)))
}

// appendText appends a part of one text.
func appendText(dst []byte, kind keyKind, value string) []byte {
	dst = binary.AppendUvarint(append(dst, byte(kind)), uint64(len(value)))
	return append(dst, value...)
}

// appendHeader appends the part of a header's lines.
func appendHeader(dst []byte, lines []string) []byte {
	dst = binary.AppendUvarint(append(dst, byte(keyHeader)), uint64(len(lines)))
	for _, line := range lines {
		dst = binary.AppendUvarint(dst, uint64(len(line)))
		dst = append(dst, line...)
	}
	return dst
}

// appendNamed appends the part for a value given as text, the same that a
// request with this value has. It reports false for what is no value.
func (k Key) appendNamed(dst []byte, value string) (part []byte, ok bool) {
	switch k.kind {
	case keyIP:
		bucket, ok := clientip.ParseBucket(value)
		return appendAddress(dst, bucket), ok
	case keyField:
		value = normal(value)
		return appendText(dst, keyField, value), value != ""
	case keyHeader:
		return appendHeader(dst, []string{value}), value != ""
	default:
		return appendText(dst, keyFunc, value), value != ""
	}
}

// normal returns a field's value as it is counted. Where logins do not tell
// Anna@Example.com from anna@example.com, neither may the limit.
func normal(value string) string { return strings.ToLower(strings.TrimSpace(value)) }
