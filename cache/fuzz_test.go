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

// page says, without any cleverness, which page a request asks for. It is the
// model of the key: two requests may share a key only where it is the same.
func page(p cache.Policy, r *http.Request) string {
	var args []string
	for _, name := range p.Query {
		for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
			raw, _, _ := strings.Cut(pair, "=")
			if decoded, err := url.QueryUnescape(raw); err == nil && decoded == name && pair != "" {
				args = append(args, name, pair)
			}
		}
	}
	var vary [][]string
	for _, name := range p.Vary {
		vary = append(vary, r.Header.Values(name))
	}
	return fmt.Sprintf("%q %q %q %q %q", r.Host, r.URL.Path, r.URL.RawPath, args, vary)
}

// Two different requests never share a key, delimiters included, and two
// requests for one page always do.
func FuzzKey(f *testing.F) {
	f.Add("h", "/a", "q=1", "de", "h", "/a", "q=1&page=2", "de")
	f.Add("h", "/a", "q=1&page=2", "", "h", "/a", "page=2&q=1", "")
	f.Add("h", "/a%2Fb", "q", "", "h", "/a/b", "q=", "")
	f.Add("h/", "/a", "q=%26page=1", "", "h", "/a", "q=&page=1", "")
	f.Add("h", "/a", "&&q=1", "a\nb", "h", "/a", "q=1&", "a,b")
	f.Add("h", "/a", "%71=1", "", "h", "/a", "q=1", "")
	f.Fuzz(func(t *testing.T, hostA, pathA, queryA, varyA, hostB, pathB, queryB, varyB string) {
		for _, drop := range []bool{false, true} {
			p := cache.Policy{Query: []string{"q", "page"}, Vary: []string{"Accept-Language"}, DropOtherQuery: drop}
			make := func(host, path, query, vary string) (*http.Request, string, string) {
				u := &url.URL{RawQuery: query}
				var err error
				if u.Path, err = url.PathUnescape(path); err != nil {
					t.Skip()
				}
				if u.EscapedPath() != path {
					u.RawPath = path
				}
				r := &http.Request{Method: http.MethodGet, Host: host, URL: u, Header: http.Header{}}
				if vary != "" {
					r.Header["Accept-Language"] = strings.Split(vary, "\n")
				}
				key, reason := cache.Key(p, r)
				return r, key, reason
			}
			a, keyA, reasonA := make(hostA, pathA, queryA, varyA)
			b, keyB, reasonB := make(hostB, pathB, queryB, varyB)
			if reasonA != "" || reasonB != "" {
				if (reasonA != "") == (keyA != "") || (reasonB != "") == (keyB != "") {
					t.Fatalf("a key and a reason: %q %q", keyA, reasonA)
				}
				continue
			}
			if same := page(p, a) == page(p, b); same != (keyA == keyB) {
				t.Fatalf("same page %t, same key %t:\n%s\n%s", same, keyA == keyB, page(p, a), page(p, b))
			}
			if values := a.URL.Query(); !drop && len(values) > 0 {
				for name := range values { // what the handler sees is in the key
					if !slices.Contains(p.Query, name) {
						t.Fatalf("the argument %q is not in the key of %q", name, queryA)
					}
				}
			}
		}
	})
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
