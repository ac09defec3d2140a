package ratelimit

import (
	"net/http"
	"strconv"
	"time"
)

// The response fields of draft-ietf-httpapi-ratelimit-headers-11, the one
// place that knows its syntax: both are lists of strings with parameters
// (RFC 9651). The draft may change yet.
const (
	fieldPolicy = "Ratelimit-Policy" // as http.Header spells RateLimit-Policy
	fieldLimit  = "Ratelimit"
)

// policyItem returns a rule's item of RateLimit-Policy: "login";q=20;w=60.
func policyItem(name string, limit int, window time.Duration) string {
	b := append(appendString(nil, name), ";q="...)
	b = append(strconv.AppendInt(b, int64(limit), 10), ";w="...)
	return string(strconv.AppendInt(b, int64(window/time.Second), 10))
}

// appendLimitItem appends a rule's item of RateLimit: "login";r=19;t=3, with
// the quota that remains and the seconds until there is more. These may exceed
// the policy's w, up to twice as long: a count weighs until the window after
// its own ends.
func appendLimitItem(dst []byte, c *charge) []byte {
	dst = append(appendString(dst, c.rule.name), ";r="...)
	dst = strconv.AppendInt(dst, c.remaining(), 10)
	if t := c.reset(); t > 0 {
		dst = append(dst, ";t="...)
		dst = strconv.AppendInt(dst, ceilSeconds(t), 10)
	}
	return dst
}

// appendString appends s, which is printable ASCII, as a string of RFC 9651.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// setFields tells the client of the rules that it may know of: those by
// address. The counts of any other key belong to whoever that key is, and
// would be told to everybody who can name it. Items are added to what another
// limiter has already set. buf is scratch space, and is returned for use again.
func setFields(h http.Header, charges []charge, buf []byte) []byte {
	buf = buf[:0]
	policy, public := "", 0
	for i := range charges {
		c := &charges[i]
		if !c.rule.public {
			continue
		}
		if public++; public == 1 {
			policy = c.rule.policy
		} else {
			policy += ", " + c.rule.policy
			buf = append(buf, ", "...)
		}
		buf = appendLimitItem(buf, c)
	}
	if public == 0 {
		return buf
	}
	// One array for both values; the capacities keep them apart.
	values := [...]string{policy, string(buf)}
	add(h, fieldPolicy, values[0:1:1])
	add(h, fieldLimit, values[1:2:2])
	return buf
}

func add(h http.Header, name string, value []string) {
	if old := h[name]; len(old) > 0 {
		value = append(append(make([]string, 0, len(old)+1), old...), value...)
	}
	h[name] = value
}

// ceilSeconds returns milliseconds in whole seconds, rounded up.
func ceilSeconds(ms int64) int64 { return (ms + 999) / 1000 }
