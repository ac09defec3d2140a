package cache_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/cache"
)

// classes are the policies that store, each with a name; under Follow the
// handler says what the others declare.
func classes() []cache.Policy {
	return []cache.Policy{
		{Pattern: "GET /", Class: cache.ShortCache, TTL: time.Minute, Query: []string{"q"}, Tags: []string{"all"}},
		{Pattern: "GET /", Class: cache.Revalidate, TTL: time.Minute, StaleWhileRevalidate: time.Minute, StaleIfError: time.Hour, Query: []string{"q"}, Tags: []string{"all"}},
		{Pattern: "GET /", Class: cache.Follow, Tags: []string{"all"}},
	}
}

// eachClass runs a test for every class that stores.
func eachClass(t *testing.T, test func(t *testing.T, p cache.Policy)) {
	t.Helper()
	for _, p := range classes() {
		t.Run(p.Class.String(), func(t *testing.T) {
			t.Parallel()
			test(t, p)
		})
	}
}

// only is a Config of one policy.
func only(p cache.Policy) cache.Config { return cache.Config{Policies: []cache.Policy{p}} }

// Preconditions and ranges are answered from the stored whole (RFC 9110,
// sections 13.2.2 and 14.2), by the page that is there, whichever request
// brought it.
func TestConditionsAndRanges(t *testing.T) {
	t.Parallel()
	const (
		strong       = `Etag: "a"`
		weak         = `Etag: W/"a"`
		dated        = "Last-Modified: Fri, 31 Dec 1999 23:00:00 GMT"
		whole        = "200 abcdef | Content-Length: 6 | Content-Range: -"
		not          = "304 | Content-Type: - | Content-Length: - | Content-Range: - | X-Of-Page: -"
		datelessPage = "a date for a page without one"
		beyond       = "416 | Content-Range: bytes */6 | Content-Length: 0"
	)
	tests := []struct{ name, page, send, want string }{
		{"its tag", strong, `If-None-Match: "a"`, not + ` | Etag: "a"`},
		{"its tag, made weak by a compressor", strong, `If-None-Match: W/"a"`, not},
		{"its tag in a list", strong, `If-None-Match: "x", "a"`, not},
		{"its tag in another line", strong, `If-None-Match: "x" | If-None-Match: "a"`, not},
		{"any tag", strong, "If-None-Match: *", not},
		{"another tag", strong, `If-None-Match: "b"`, whole},
		{"a tag without its quotes", strong, "If-None-Match: a", whole},
		{"an unchanged date", dated, "If-Modified-Since: Fri, 31 Dec 1999 23:00:00 GMT", not},
		{"a later date", dated, "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT", not},
		{"an earlier date", dated, "If-Modified-Since: Fri, 31 Dec 1999 22:59:59 GMT", whole},
		{"a date that is none", dated, "If-Modified-Since: yesterday", whole},
		{datelessPage, strong, "If-Modified-Since: " + at(0), not},
		{"an earlier date for a page without one", strong, "If-Modified-Since: " + at(-1), whole},
		{"the tag counts and not the date", strong + " | " + dated, `If-None-Match: "b" | If-Modified-Since: ` + at(10), whole},
		{"a part", strong, "Range: bytes=1-2", "206 bc | Content-Range: bytes 1-2/6 | Content-Length: 2 | X-Of-Page: 1"},
		{"the rest", strong, "Range: bytes=4-", "206 ef | Content-Range: bytes 4-5/6 | Content-Length: 2"},
		{"the last ones", strong, "Range: bytes=-1", "206 f | Content-Range: bytes 5-5/6 | Content-Length: 1"},
		{"more than there are last ones", strong, "Range: bytes=-99", "206 abcdef | Content-Range: bytes 0-5/6"},
		{"beyond the end", strong, "Range: bytes=5-99", "206 f | Content-Range: bytes 5-5/6"},
		{"nothing of it", strong, "Range: bytes=6-", beyond},
		{"several parts", strong, "Range: bytes=0-0,2-2", whole},
		{"the wrong way round", strong, "Range: bytes=2-1", whole},
		{"another unit", strong, "Range: lines=1-2", whole},
		{"two ranges in two lines", strong, "Range: bytes=0-0 | Range: bytes=1-1", whole},
		{"a part of this page", strong, `Range: bytes=1-2 | If-Range: "a"`, "206 bc"},
		{"a part of another page", strong, `Range: bytes=1-2 | If-Range: "b"`, whole},
		{"a weak tag is no condition for a part", weak, `Range: bytes=1-2 | If-Range: W/"a"`, whole},
		{"a part since a date", dated, "Range: bytes=1-2 | If-Range: Fri, 31 Dec 1999 23:00:00 GMT", "206 bc"},
		{"a part since a later date", dated, "Range: bytes=1-2 | If-Range: " + at(0), whole},
		{"no such part of another page", strong, `Range: bytes=6- | If-Range: "b"`, whole},
		{"If-Range alone", strong, `If-Range: "b"`, whole},
		{"its tag and a part", strong, `If-None-Match: "a" | Range: bytes=1-2`, not},
		{"another tag and a part", strong, `If-None-Match: "b" | Range: bytes=1-2`, "206 bc"},
	}
	eachClass(t, func(t *testing.T, p cache.Policy) {
		for _, tt := range tests {
			if tt.name == datelessPage && p.Class != cache.Follow {
				tt.want = whole // two pages of one second would be taken for the same
			}
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				play(t, only(p), []step{
					{reply: "200 abcdef | X-Of-Page: 1 | Content-Type: text/css | Cache-Control: max-age=60 | " + tt.page, want: "200 abcdef | Cache-Status: fwd=miss; stored", saw: "asked"},
					{reply: "500", send: "GET /a | " + tt.send, want: tt.want + " | Cache-Status: hit; ttl=60 | Age: 0"},
					// HEAD has no ranges, and the same header else.
					{send: "HEAD /a | " + tt.send, want: headOf(tt.want)},
				})
			})
		}
	})
}

// headOf is what a HEAD gets where a GET gets want.
func headOf(want string) string {
	switch {
	case strings.HasPrefix(want, "304"):
		return want
	default:
		return "200 | Content-Length: 6 | Content-Range: - | Cache-Status: hit; ttl=60"
	}
}

// On a miss, what the client has and wants is answered from what the handler
// has just made. Only Follow lets the handler see it; there the handler may as
// well do it itself.
func TestConditionsOnAMiss(t *testing.T) {
	t.Parallel()
	const page = `200 abcdef | Etag: "a" | Cache-Control: max-age=60`
	const fields = ` | If-None-Match: "b" | If-Modified-Since: Fri, 31 Dec 1999 23:00:00 GMT | Range: bytes=1-2 | If-Range: "a"`
	eachClass(t, func(t *testing.T, p cache.Policy) {
		saw := "asked | If-None-Match: - | If-Modified-Since: - | Range: - | If-Range: - | Accept: x"
		if p.Class == cache.Follow {
			saw = "asked" + fields + " | Accept: x"
		}
		play(t, only(p), []step{
			{reply: page, send: "GET /a | Accept: x" + fields, want: "206 bc | Content-Range: bytes 1-2/6 | Cache-Status: fwd=miss; stored", saw: saw},
			{reply: "500", want: "200 abcdef | Cache-Status: hit; ttl=60"},
		})
		play(t, only(p), []step{
			{reply: page, send: `GET /a | If-None-Match: "a"`, want: `304 | Etag: "a" | Cache-Status: fwd=miss; stored`, saw: "asked"},
			{reply: "500", send: "GET /a | Range: bytes=9-", want: "416 | Content-Range: bytes */6 | Cache-Status: hit; ttl=60"},
			{want: "200 abcdef | Cache-Status: hit; ttl=60"},
		})
	})
	play(t, only(classes()[2]), []step{
		{reply: "206 bc | Content-Range: bytes 1-2/6 | Cache-Control: max-age=60", send: "GET /a | Range: bytes=1-2", want: "206 bc | Cache-Status: fwd=miss; detail=content-range", saw: "asked | Range: bytes=1-2"},
		{reply: `304 | Etag: "b"`, send: `GET /a | If-None-Match: "b"`, want: `304 | Etag: "b" | Cache-Status: fwd=miss; detail=status`, saw: `asked | If-None-Match: "b"`},
		{reply: page, want: "200 abcdef | Cache-Status: fwd=miss; stored", saw: "asked"},
	})
}

// The browser's own rules, by a real client and server: a 304 and a 416 have
// the fields they must have, and nothing follows them on the connection.
func TestConditionsOverHTTP(t *testing.T) {
	t.Parallel()
	eachClass(t, func(t *testing.T, p cache.Policy) {
		s := newSite(t, only(p), func(w http.ResponseWriter, _ *http.Request) {
			say(w, `200 abcdef | Etag: "a" | Cache-Control: max-age=60 | Vary: Accept-Encoding | X-Of-Page: 1`)
		})
		s.get("/a")
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			got := s.do(method, "/a", `If-None-Match: "a"`)
			for _, problem := range compare(got, `304 | Etag: "a" | Vary: Accept-Encoding | X-Of-Page: - | Content-Length: -`) {
				t.Errorf("%s: %s", method, problem)
			}
			if got.header.Get("Date") == "" || got.header.Get("Cache-Control") == "" {
				t.Errorf("a 304 without the fields of its page: %v", got.header)
			}
		}
		for _, problem := range compare(s.get("/a", "Range: bytes=6-"), "416 | Content-Range: bytes */6 | Content-Length: 0") {
			t.Error(problem)
		}
		if got := s.do(http.MethodHead, "/a", "Range: bytes=1-2"); got.status != 200 || got.header.Get("Content-Length") != "6" || got.body != "" {
			t.Errorf("HEAD with a Range: %+v", got)
		}
		if got := s.get("/a", "Range: bytes=1-2"); got.status != 206 || got.body != "bc" {
			t.Errorf("got %+v", got)
		}
		s.expectCalls(1)
	})
}
