package ratelimit_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/ratelimit"
)

// FuzzKeyJoining: two lists of values have the same key only if they are the
// same, for all kinds of keys and however the values are cut.
func FuzzKeyJoining(f *testing.F) {
	f.Add("a:b", "c", "a", "b:c")
	f.Add("", "ab", "a", "b")
	f.Add("x\x01y", "\x00", "x", "\x01y\x00")
	f.Add("192.0.2.1", "e", "192.0.2.1", "\x01e")
	f.Add("A@x", " b", "a@X ", "b")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		same := func(x, y string) bool { return ratelimit.Normal(x) == ratelimit.Normal(y) }
		for _, keys := range [][]ratelimit.Key{
			{ratelimit.Field("x"), ratelimit.Field("y")},
			{ratelimit.Header("X"), ratelimit.Field("y")},
			{ratelimit.Field("x"), ratelimit.Func(nil)},
			{ratelimit.Func(nil), ratelimit.Header("Y")},
		} {
			one, ok1 := ratelimit.JoinKeys(keys, a, b)
			two, ok2 := ratelimit.JoinKeys(keys, c, d)
			if !ok1 || !ok2 {
				continue // an empty value is none
			}
			equal := true
			for i, pair := range [][2]string{{a, c}, {b, d}} {
				if strings.HasPrefix(keys[i].String(), "field") {
					equal = equal && same(pair[0], pair[1])
				} else {
					equal = equal && pair[0] == pair[1]
				}
			}
			if (one == two) != equal {
				t.Errorf("%v: (%q, %q) has the key %q and (%q, %q) the key %q", keys, a, b, one, c, d, two)
			}
		}
		// The number of a header's lines is a part of its key.
		if ratelimit.AppendHeader([]string{a, b}) == ratelimit.AppendHeader([]string{a + b}) || !slices.Equal([]string{a, b}, []string{c, d}) &&
			ratelimit.AppendHeader([]string{a, b}) == ratelimit.AppendHeader([]string{c, d}) {
			t.Errorf("two headers have one key: %q, %q, %q, %q", a, b, c, d)
		}
	})
}

// FuzzClientAddress: a client that is no trusted proxy has the same key
// whatever headers it sends, and a trusted one never panics or has none.
func FuzzClientAddress(f *testing.F) {
	f.Add("192.0.2.1:1000", "198.51.100.1")
	f.Add("10.0.0.1:1", "198.51.100.1, 10.0.0.2")
	f.Add("[2001:db8::1%eth0]:1", "for=\"[2001:db8::7]\"")
	f.Add("@", ",,,unknown")
	f.Add("1.2.3.4:99999", "\x00")
	limiters := map[string]*ratelimit.Limiter{}
	for _, header := range []string{"", "X-Forwarded-For", "Forwarded", "CF-Connecting-IP"} {
		cfg := ratelimit.Config{Rules: ratelimit.ContactRules("/")}
		if header != "" {
			cfg.ClientIP = ratelimit.ClientIP{TrustedProxies: ratelimit.PrivateNetworks(), Header: header}
		}
		limiters[header] = mustNew(f, cfg)
	}
	f.Fuzz(func(t *testing.T, remote, value string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		bare := ratelimit.KeyOf(limiters[""], r)
		for header, l := range limiters {
			r.Header = map[string][]string{"X-Forwarded-For": {value}, "Forwarded": {value}, "Cf-Connecting-Ip": {value}, "X-Real-Ip": {value}}
			got := ratelimit.KeyOf(l, r)
			if got == "" {
				t.Fatalf("%q, %s: %q: no key", remote, header, value)
			}
			if got != bare && (header == "" || !ratelimit.Private(bare)) {
				t.Errorf("%q, %s: %q moved a client that is no proxy from %q to %q", remote, header, value, bare, got)
			}
		}
	})
}
