package cache

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"
)

const maxVary = 16 // names in a response's Vary; with more it is not stored

// varies returns the names in a response's Vary field, in canonical form,
// sorted and each once. ok is false where no later request can be matched:
// for "*" (RFC 9111, section 4.1), for a credential, whose value must not
// stand in a key, and for more names than anybody means.
func varies(lines []string) (names []string, ok bool) {
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			name = textproto.CanonicalMIMEHeaderKey(strings.Trim(name, " \t"))
			switch name {
			case "":
			case "*", "Authorization", "Proxy-Authorization", "Cookie":
				return nil, false
			default:
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.Clip(names), len(names) <= maxVary
}

// variant returns the key of the page for a request, among those of one
// primary key that differ by the values of the named headers. A key that would
// be too long makes the request pass by.
func variant(primary string, names []string, h http.Header) (key, reason string) {
	buf, reason := appendVariant(append(make([]byte, 0, len(primary)+128), primary...), names, h)
	return string(buf), reason
}

// appendVariant is variant for the bytes of a primary key, to which it
// appends.
func appendVariant(primary []byte, names []string, h http.Header) (key []byte, reason string) {
	buf := append(primary, 'v')
	for _, name := range names {
		buf = appendPart(buf, name)
	}
	buf = appendHeaders(buf, h, names)
	if len(buf) > maxKey {
		return nil, "key-length"
	}
	return buf, ""
}
