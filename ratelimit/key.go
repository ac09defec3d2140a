package ratelimit

import (
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/httprate"
)

// Key says what a rule counts by. Make one with [IP], [Field], [Header] or
// [Func]. It is immutable and safe for concurrent use.
type Key struct {
	kind keyKind
	name string // of the field, or of the header in canonical form
	fn   httprate.KeyFunc
}

type keyKind byte

// The kinds stand at the beginning of every part of a key, so that parts of
// different kinds are never the same. Their values are in Redis: they may not
// change.
const (
	noKey     keyKind = 0
	keyIP     keyKind = 'a'
	keyField  keyKind = 'e'
	keyHeader keyKind = 'h'
	keyFunc   keyKind = 'f'
)

// IP counts by the client's address, found as [Config.ClientIP] says: an IPv4
// address, or the /64 of an IPv6 address. Requests without any address (over
// a unix socket) share the one key "unknown".
func IP() Key { return Key{kind: keyIP} }

// Field counts by the value of a form's field, such as "email": of an
// urlencoded or multipart form, of the top level of a JSON body, or of the
// query. Case and surrounding spaces make no difference; nothing cleverer is
// done, so that "a+b@x" and "ab@x" are two.
//
// At most 64 KiB of the body is read, once for all rules, and the handler
// reads the same bytes again. A field that is sent more than once counts under
// each of its values, and with more than four the request is answered 400. A
// request without the field, or with an empty one, is not counted by the rule
// at all, unless [Rule.Required] refuses it: let a rule by [IP] stand beside.
//
// Somebody else's e-mail address is easily typed, so a rule by Field alone
// lets anybody use up what belongs to a stranger; see [Rule.Known].
func Field(name string) Key { return Key{kind: keyField, name: name} }

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

// String returns "ip", "field email", "header X-Api-Key" or "func".
func (k Key) String() string {
	switch k.kind {
	case keyIP:
		return "ip"
	case keyField:
		return "field " + k.name
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

const tokenChars = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// problem returns what is wrong with the key, empty where nothing is.
func (k Key) problem() string {
	switch {
	case k.kind == noKey:
		return "is empty; make it with ratelimit.IP(), ratelimit.Field(name), ratelimit.Header(name) or ratelimit.Func(f)"
	case k.kind == keyFunc && k.fn == nil:
		return "is Func(nil); give it a function"
	case k.kind == keyField && (k.name == "" || len(k.name) > maxName || !printable(k.name)):
		return "Field(" + strconv.Quote(k.name) + ") is no name of a field: it must be printable ASCII"
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

// appendPart appends what the request has under a key by header or function: ok
// is false where it has nothing, and failed says that a function returned an
// error.
func (k Key) appendPart(dst []byte, r *http.Request) (part []byte, ok, failed bool) {
	switch k.kind {
	case keyHeader:
		if values := r.Header[k.name]; slices.ContainsFunc(values, notEmpty) {
			return appendHeader(dst, values), true, false
		}
	case keyFunc:
		value, err := k.fn(r)
		if err == nil && value != "" {
			return appendText(dst, keyFunc, value), true, false
		}
		failed = err != nil
	}
	return dst, false, failed
}

func notEmpty(s string) bool { return s != "" }
