package ratelimit

import (
	"encoding/binary"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/go-chi/httprate"

	"github.com/launchready/readiness/internal/clientip"
)

// Key says what a rule counts by. There is no default: make one with [IP],
// [Header] or [Func]. It is immutable and safe for concurrent use.
type Key struct {
	kind keyKind
	name string // of the header, in canonical form
	fn   httprate.KeyFunc
}

type keyKind byte

// The kinds stand at the beginning of every key, so that keys of different
// kinds are never the same. Their values are in Redis: they may not change.
const (
	noKey     keyKind = 0
	keyIP     keyKind = 'a'
	keyHeader keyKind = 'h'
	keyFunc   keyKind = 'f'
)

// IP counts by the client's address, found as [Config.ClientIP] says: an IPv4
// address, or the /64 of an IPv6 address. Requests without any address (over
// a unix socket) share the one key "unknown".
func IP() Key { return Key{kind: keyIP} }

// Header counts by the value of a request header, such as X-Api-Key. All its
// lines are the key, in their order. A request without the header is counted
// by its client address instead, under the same rule: leaving it out is no
// way around. The client chooses the value and may choose a new one for each
// request, so let a rule by [IP] stand beside it. Headers that tell client
// addresses are refused by [New]: set [Config.ClientIP] and use IP.
func Header(name string) Key {
	return Key{kind: keyHeader, name: textproto.CanonicalMIMEHeaderKey(name)}
}

// Func counts by what fn returns, so that httprate's key functions and your
// own plug in. fn must be safe for concurrent use, must not read the body and
// must not keep the request. Where it returns an error or the empty string the
// request is counted by its client address instead, under the same rule; the
// error's text is neither logged nor sent.
func Func(fn httprate.KeyFunc) Key { return Key{kind: keyFunc, fn: fn} }

// String returns "ip", "header X-Api-Key" or "func".
func (k Key) String() string {
	switch k.kind {
	case keyIP:
		return "ip"
	case keyHeader:
		return "header " + k.name
	case keyFunc:
		return "func"
	default:
		return "none"
	}
}

// spoofable are the headers that look like an address, and that anybody sends.
var spoofable = []string{
	"X-Forwarded-For", "Forwarded", "X-Real-Ip", "True-Client-Ip", "Cf-Connecting-Ip",
	"X-Client-Ip", "X-Cluster-Client-Ip", "Fastly-Client-Ip", "Fly-Client-Ip",
}

// problem returns what is wrong with the key, empty where nothing is.
func (k Key) problem() string {
	switch {
	case k.kind == noKey:
		return "is missing; say what to count by: ratelimit.IP(), ratelimit.Header(name) or ratelimit.Func(f)"
	case k.kind == keyFunc && k.fn == nil:
		return "is Func(nil); give it a function"
	case k.kind != keyHeader:
		return ""
	case k.name == "" || strings.Trim(k.name, tokenChars) != "":
		return "Header(" + strings.ToValidUTF8(k.name, "?") + ") is no header's name"
	case k.name == "Host":
		return "Header(Host) is never there: net/http keeps it apart; use Func and Request.Host"
	case slices.Contains(spoofable, k.name):
		return "Header(" + k.name + ") is a value that any client can choose; use IP() and name the header in ClientIP, with TrustedProxies"
	}
	return ""
}

const tokenChars = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// appendKey appends the request's key under k. It reports false where a Func
// failed and the address stands in.
func (k Key) appendKey(dst []byte, r *http.Request, clients *clientip.Resolver) (key []byte, ok bool) {
	ok = true
	switch k.kind {
	case keyHeader:
		if values := r.Header[k.name]; slices.ContainsFunc(values, notEmpty) {
			return appendHeader(dst, values), true
		}
	case keyFunc:
		value, err := k.fn(r)
		if err == nil && value != "" {
			return append(append(dst, byte(keyFunc)), value...), true
		}
		ok = err == nil
	}
	return clients.Bucket(r).AppendKey(append(dst, byte(keyIP))), ok
}

// appendText appends the key for a value given as text, the same that a
// request with this value has.
func (k Key) appendText(dst []byte, value string) (key []byte, ok bool) {
	switch {
	case value == "":
		return dst, false
	case k.kind == keyHeader:
		return appendHeader(dst, []string{value}), true
	case k.kind == keyFunc:
		return append(append(dst, byte(keyFunc)), value...), true
	}
	bucket, ok := clientip.ParseBucket(value)
	return bucket.AppendKey(append(dst, byte(keyIP))), ok
}

// appendHeader joins values with their lengths: no two lists look the same.
func appendHeader(dst []byte, values []string) []byte {
	dst = append(dst, byte(keyHeader))
	for _, v := range values {
		dst = binary.AppendUvarint(dst, uint64(len(v)))
		dst = append(dst, v...)
	}
	return dst
}

func notEmpty(s string) bool { return s != "" }
