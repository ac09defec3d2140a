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
	dst = append(dst, c.rule.item...)
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
func (l *Limiter) setFields(h http.Header, s *scratch) {
	if policy, least := s.describe(); least != nil {
		l.set(h, least, s.lines.value(policy), s.lines.value(s.lines.string(s.out)))
	}
}

// setDenied does the same in an answer that ends the request, and sets
// Retry-After.
func (l *Limiter) setDenied(h http.Header, s *scratch, seconds int64) {
	policy, least := s.describe()
	item := len(s.out)
	s.out = strconv.AppendInt(s.out, seconds, 10)
	text := s.lines.string(s.out)
	h["Retry-After"] = s.lines.value(text[item:])
	if least != nil {
		lines := least.rule.policyLine // nobody changes the header of this answer
		if policy != least.rule.policy {
			lines = []string{policy}
		}
		l.set(h, least, lines, s.lines.value(text[:item]))
	}
}

// describe writes the items of RateLimit to s.out, and returns those of
// RateLimit-Policy with the public charge that has the least left, nil where
// there is none.
func (s *scratch) describe() (policy string, least *charge) {
	s.out = s.out[:0]
	for i := range s.charges {
		c := &s.charges[i]
		switch {
		case !c.rule.public || c.unavailable:
			continue
		case least == nil:
			policy, least = c.rule.policy, c
		default:
			policy += ", " + c.rule.policy
			s.out = append(s.out, ", "...)
			if c.remaining() < least.remaining() {
				least = c
			}
		}
		s.out = appendLimitItem(s.out, c)
	}
	return policy, least
}

func (l *Limiter) set(h http.Header, least *charge, policy, limit []string) {
	if len(h) > 0 {
		policy, limit = after(h[fieldPolicy], policy), after(h[fieldLimit], limit)
	}
	h[fieldPolicy], h[fieldLimit] = policy, limit
	if l.xFields {
		setX(h, least)
	}
}

// after returns value, after what was there before.
func after(old, value []string) []string {
	if len(old) == 0 {
		return value
	}
	return append(append(make([]string, 0, len(old)+1), old...), value...)
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

// ceilSeconds returns milliseconds in whole seconds, rounded up.
func ceilSeconds(ms int64) int64 { return (ms + 999) / 1000 }
