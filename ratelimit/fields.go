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

// The older fields, in the manner of httprate: of the public rule with the
// least left, and Reset as seconds since 1970.
const (
	fieldXLimit     = "X-Ratelimit-Limit"
	fieldXRemaining = "X-Ratelimit-Remaining"
	fieldXReset     = "X-Ratelimit-Reset"
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
// limiter has already set.
func (l *Limiter) setFields(h http.Header, s *scratch) { l.set(h, s, 0) }

// setDenied does the same, and sets Retry-After.
func (l *Limiter) setDenied(h http.Header, s *scratch, seconds int64) { l.set(h, s, seconds) }

func (l *Limiter) set(h http.Header, s *scratch, retryAfter int64) {
	policy, least := "", (*charge)(nil)
	s.out = s.out[:0]
	for i := range s.charges {
		c := &s.charges[i]
		if !c.rule.public || c.unavailable {
			continue
		}
		if least == nil {
			policy, least = c.rule.policy, c
		} else {
			policy += ", " + c.rule.policy
			s.out = append(s.out, ", "...)
			if c.remaining() < least.remaining() {
				least = c
			}
		}
		s.out = appendLimitItem(s.out, c)
	}
	item := len(s.out)
	if retryAfter > 0 {
		s.out = strconv.AppendInt(s.out, retryAfter, 10)
	}
	if len(s.out) == 0 {
		return
	}
	// One text and one array for all values; the capacities keep them apart.
	text := string(s.out)
	values := [...]string{policy, text[:item], text[item:]}
	if least != nil {
		add(h, fieldPolicy, values[0:1:1])
		add(h, fieldLimit, values[1:2:2])
		if l.xFields {
			setX(h, least)
		}
	}
	if retryAfter > 0 {
		h["Retry-After"] = values[2:3:3]
	}
}

func setX(h http.Header, c *charge) {
	now := time.Now().Unix()
	values := [...]string{
		strconv.FormatInt(c.rule.limit, 10),
		strconv.FormatInt(c.remaining(), 10),
		strconv.FormatInt(now+ceilSeconds(c.reset()), 10),
	}
	h[fieldXLimit], h[fieldXRemaining], h[fieldXReset] = values[0:1:1], values[1:2:2], values[2:3:3]
}

func add(h http.Header, name string, value []string) {
	if old := h[name]; len(old) > 0 {
		value = append(append(make([]string, 0, len(old)+1), old...), value...)
	}
	h[name] = value
}

// ceilSeconds returns milliseconds in whole seconds, rounded up.
func ceilSeconds(ms int64) int64 { return (ms + 999) / 1000 }
