package cache_test

import (
	"bytes"
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

func TestNoneMatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, line string
		want       bool
	}{
		{"the tag", `"a"`, true},
		{"weak", `W/"a"`, true},
		{"any", " * ", true},
		{"in a list", `"b", W/"c" ,"a"`, true},
		{"without spaces", `"b","a"`, true},
		{"other", `"b"`, false},
		{"a part", `"aa", "A"`, false},
		{"a comma in a tag", `"b,"`, false},
		{"unquoted", `a`, false},
		{"unclosed", `"a`, false},
		{"after garbage", `b, "a"`, false},
		{"after a tag without a comma", `"b" "a"`, false},
		{"empty", ``, false},
		{"lower-case w", `w/"a"`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := cache.NoneMatch([]string{tt.line}, `"a"`); got != tt.want {
				t.Errorf("%s: got %t", tt.line, got)
			}
		})
	}
}

// A list made of tags names each of them and no other.
func FuzzIfNoneMatch(f *testing.F) {
	f.Add("a", "b", `W/"x"`)
	f.Add(",", "", `"`)
	f.Fuzz(func(t *testing.T, a, b, garbage string) {
		tagA, tagB := `"`+a+`"`, `"`+b+`"`
		cache.NoneMatch([]string{garbage}, tagA)
		if !cache.StrongTag(tagA) || !cache.StrongTag(tagB) {
			return
		}
		lines := []string{"W/" + tagB + " ,\t" + tagA}
		if !cache.NoneMatch(lines, tagA) || !cache.NoneMatch(lines, tagB) {
			t.Fatalf("%q misses one of its tags", lines)
		}
		if other := `"` + a + b + `!"`; a+b+"!" != a && a+b+"!" != b && cache.NoneMatch(lines, other) {
			t.Fatalf("%q names %s", lines, other)
		}
	})
}

// What stands in Redis may be anything: it is a page only where it is written
// as we write, under its own key, and reading it costs no more than its size.
func FuzzDecode(f *testing.F) {
	f.Add(cache.Encoded(f, "key", "body"), "key")
	f.Add([]byte{1, 3, 'k', 'e', 'y', 0xff, 0xff, 0xff, 0xff, 0x0f}, "key")
	f.Add([]byte{2}, "")
	f.Fuzz(func(t *testing.T, data []byte, key string) {
		again, ok := cache.Decode(data, key)
		if !ok {
			return
		}
		twice, ok := cache.Decode(again, key)
		if !ok || !bytes.Equal(again, twice) {
			t.Fatal("a page that was read cannot be written and read again")
		}
		if _, ok := cache.Decode(data, key+"x"); ok {
			t.Fatal("it is the page of another key too")
		}
	})
}

func TestDecodeReadsWhatWasWritten(t *testing.T) {
	t.Parallel()
	data := cache.Encoded(t, "key", "body")
	if again, ok := cache.Decode(data, "key"); !ok || !bytes.Equal(again, data) {
		t.Errorf("got %q, %t", again, ok)
	}
	whole := len(data) - len("body")
	for n := range whole {
		if _, ok := cache.Decode(data[:n], "key"); ok {
			t.Errorf("the first %d of %d bytes are a page", n, whole)
		}
	}
}
