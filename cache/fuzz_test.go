package cache_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/cache"
)

// asked is a request, and what its response says that it varies by.
type asked struct {
	*http.Request
	audience string
	vary     []string
}

// named are the headers whose values belong to a key: two of the policy, three
// of proxies, and two by which responses vary.
var named = [...]string{"Accept-Language", "X-Device", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Server", "Accept", "Origin"}

// readAsked makes a request of texts. Each line of lines is a header: its
// first byte says which. vary has a bit for each header that the response
// names.
func readAsked(host, path, query, lines, audience string, vary byte) (a asked, ok bool) {
	u := &url.URL{RawQuery: query}
	var err error
	if u.Path, err = url.PathUnescape(path); err != nil {
		return a, false
	}
	if u.EscapedPath() != path {
		u.RawPath = path
	}
	h := http.Header{}
	for line := range strings.SplitSeq(lines, "\n") {
		if line != "" {
			h.Add(named[int(line[0])%len(named)], line[1:])
		}
	}
	a = asked{Request: &http.Request{Method: http.MethodGet, Host: host, URL: u, Header: h}, audience: audience}
	for i, name := range named {
		if vary>>i&1 > 0 {
			a.vary = append(a.vary, name)
		}
	}
	return a, true
}

// page says, without any cleverness, which page a request asks for. It is the
// model of the key: two requests may share a key only where it is the same.
func page(p cache.Policy, a asked) string {
	var args []string
	for _, name := range p.Query {
		for pair := range strings.SplitSeq(a.URL.RawQuery, "&") {
			raw, _, _ := strings.Cut(pair, "=")
			if decoded, err := url.QueryUnescape(raw); err == nil && decoded == name && pair != "" {
				args = append(args, name, pair)
			}
		}
	}
	audience, query := "", ""
	if p.Audience != nil {
		audience = a.audience
	}
	if p.Class == cache.Follow {
		query = a.URL.RawQuery
	}
	values := map[string][]string{}
	for _, name := range named {
		if strings.HasPrefix(name, "X-Forwarded-") || slices.Contains(p.Vary, name) || p.Class == cache.Follow && slices.Contains(a.vary, name) {
			values[name] = a.Header.Values(name)
		}
	}
	vary := []string{}
	if p.Class == cache.Follow {
		vary = a.vary
	}
	return fmt.Sprintf("%q %q %q %q %q %q %q %q", a.Host, a.URL.Path, a.URL.RawPath, args, query, audience, values, vary)
}

// keyOf returns the key under which the page of a request is stored.
func keyOf(p cache.Policy, a asked) (key, reason string) {
	if p.Audience != nil {
		p.Audience = func(*http.Request) (string, bool) { return a.audience, a.audience != "nobody" }
	}
	key, reason = cache.Key(p, a.Request)
	if reason == "" && p.Class == cache.Follow && len(a.vary) > 0 {
		key, reason = cache.Variant(key, a.vary, a.Request)
	}
	return key, reason
}

// Two different requests never share a key, delimiters included, and two
// requests for one page always do: under each class, by the declared
// arguments or the whole query, with and without an audience, behind proxies,
// and among the variants of a page.
func FuzzKey(f *testing.F) {
	const none = byte(0)
	f.Add("h", "/a", "q=1", "\x00de", "", none, "h", "/a", "q=1&page=2", "\x00de", "", none)
	f.Add("h", "/a", "q=1&page=2", "", "", none, "h", "/a", "page=2&q=1", "", "", none)
	f.Add("h", "/a%2Fb", "q", "", "", none, "h", "/a/b", "q=", "", "", none)
	f.Add("h/", "/a", "q=%26page=1", "", "", none, "h", "/a", "q=&page=1", "", "", none)
	f.Add("h", "/a", "&&q=1", "\x00a\n\x00b", "", none, "h", "/a", "q=1&", "\x00a,b", "", none)
	f.Add("h", "/a", "%71=1", "", "", none, "h", "/a", "q=1", "", "", none)
	f.Add("h", "/a", "", "\x02x", "staff", none, "h", "/a", "", "\x03x", "guests", none)
	f.Add("h", "/a", "", "\x02x\n\x02y", "a", none, "h", "/a", "", "\x02x, y", "a", none)
	f.Add("h", "/a", "", "\x05x", "", byte(0x20), "h", "/a", "", "\x06x", "", byte(0x40))
	f.Add("h", "/a", "", "\x05x\n\x06y", "", byte(0x60), "h", "/a", "", "\x05xy", "", byte(0x20))
	f.Add("h", "/a", "", "\x05x", "", byte(0x20), "h", "/a", "", "\x05x", "", none)
	f.Fuzz(func(t *testing.T, hostA, pathA, queryA, linesA, audienceA string, varyA byte, hostB, pathB, queryB, linesB, audienceB string, varyB byte) {
		a, okA := readAsked(hostA, pathA, queryA, linesA, audienceA, varyA)
		b, okB := readAsked(hostB, pathB, queryB, linesB, audienceB, varyB)
		if !okA || !okB {
			t.Skip()
		}
		anybody := func(*http.Request) (string, bool) { return "", true }
		policies := []cache.Policy{{Class: cache.Follow, Vary: []string{"X-Device"}}, {Class: cache.Follow, Audience: anybody}}
		for i := range 4 {
			p := cache.Policy{Class: cache.ShortCache, Query: []string{"q", "page"}, Vary: []string{"Accept-Language", "X-Device"}, DropOtherQuery: i&1 > 0}
			if i&2 > 0 {
				p.Audience = anybody
			}
			policies = append(policies, p)
		}
		for _, p := range policies {
			keyA, reasonA := keyOf(p, a)
			keyB, reasonB := keyOf(p, b)
			if (reasonA != "") == (keyA != "") || (reasonB != "") == (keyB != "") {
				t.Fatalf("a key and a reason, or neither: %q %q, %q %q", keyA, reasonA, keyB, reasonB)
			}
			if (reasonA == "audience") != (p.Audience != nil && audienceA == "nobody" && reasonA != "query") {
				t.Fatalf("audience %q: %q", audienceA, reasonA)
			}
			if reasonA != "" || reasonB != "" {
				continue
			}
			if same := page(p, a) == page(p, b); same != (keyA == keyB) {
				t.Fatalf("same page %t, same key %t:\n%s\n%s", same, keyA == keyB, page(p, a), page(p, b))
			}
			if p.Class == cache.ShortCache && !p.DropOtherQuery {
				for name := range a.URL.Query() { // what the handler sees is in the key
					if !slices.Contains(p.Query, name) {
						t.Fatalf("the argument %q is not in the key of %q", name, queryA)
					}
				}
			}
		}
	})
}

// What stands behind the key of a page, a variant's headers, is never what
// stands in another one: here a proxy's headers are written so that they look
// like a variant.
func TestAVariantIsNoProxy(t *testing.T) {
	t.Parallel()
	p := cache.Policy{Class: cache.Follow}
	forged, _ := readAsked("h", "/a", "", "", "", 0)
	host := []string{"Accept", "\xed", "a"}
	for len(host) < 'v' {
		host = append(host, "b")
	}
	forged.Header["X-Forwarded-Host"] = host
	victim, _ := readAsked("h", "/a", "", "\x05a"+strings.Repeat("\x01b", len(host)-3)+strings.Repeat("\x00", 6), "", 0x20)
	one, reason := keyOf(p, forged)
	two, why := keyOf(p, victim)
	if one == two || reason != "" || why != "" {
		t.Errorf("%q %s\n%q %s", one, reason, two, why)
	}
}

// directives reads a Cache-Control line as RFC 9111 writes it. Its ok is false
// for a line that is not well-formed.
func directives(line string) (names []string, ok bool) {
	for line = strings.Trim(line, " \t"); line != ""; line = strings.TrimLeft(line, ", \t") {
		end := strings.IndexAny(line, "=, \t\"")
		if end < 0 {
			end = len(line)
		}
		names = append(names, strings.ToLower(line[:end]))
		if line = line[end:]; strings.HasPrefix(line, `="`) {
			quoted := line[2:]
			for {
				i := strings.IndexAny(quoted, `\"`)
				if i < 0 || quoted[i] == '\\' && i+1 == len(quoted) {
					return nil, false
				}
				if quoted[i] == '"' {
					line = quoted[i+1:]
					break
				}
				quoted = quoted[i+2:]
			}
		} else if strings.HasPrefix(line, "=") {
			if end = strings.IndexAny(line, ", \t"); end < 0 {
				end = len(line)
			}
			line = line[end:]
		}
		if line = strings.TrimLeft(line, " \t"); line != "" && line[0] != ',' {
			return nil, false
		}
	}
	return names, true
}

// Whatever forbids storing by the letter of the RFC, forbids it here.
func FuzzCacheControl(f *testing.F) {
	for _, line := range []string{"no-store", "max-age=1, Private", `private="a,b"`, `x="no-store"`, "no-cache=set-cookie", "max-age=0;no-store", `x="\"", no-store`} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		got := cache.Forbids([]string{line})
		if got != "" && !strings.Contains(strings.ToLower(line), got) {
			t.Fatalf("%q: %q is not in it", line, got)
		}
		names, ok := directives(line)
		if !ok {
			return
		}
		for _, forbidding := range []string{"no-store", "private", "no-cache"} {
			if slices.Contains(names, forbidding) && got == "" {
				t.Fatalf("%q says %s", line, forbidding)
			}
		}
	})
}
