package cache_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/launchready/readiness/cache"
)

// endedBy stores the pages of targets under Follow, sends a write whose answer
// is reply, and returns those of the targets that ended.
func endedBy(t *testing.T, targets []string, fields func(target string) string, write, reply string) (ended []string) {
	t.Helper()
	// In this process names share counters: a page more may end, now and then,
	// and not three times in a row.
	for i := range 3 {
		var now []string
		synctest.Test(t, func(t *testing.T) {
			o := &scripted{}
			h := newCache(t, cache.Config{Policies: []cache.Policy{{Pattern: "GET /", Class: cache.Follow, ExpiryOnly: "test"}}}).Middleware(o)
			for _, target := range targets {
				o.reply = "200 " + target + " | Cache-Control: max-age=60 | " + fields(target)
				if got := exchange(t.Context(), h, "GET "+target); got.says() != "fwd=miss; stored" {
					t.Fatalf("%s: %s", target, got.says())
				}
			}
			o.reply = reply
			exchange(t.Context(), h, write)
			o.reply = "500"
			for _, target := range targets {
				if got := exchange(t.Context(), h, "GET "+target); !strings.HasPrefix(got.says(), "hit") {
					now = append(now, target)
				}
			}
		})
		if i == 0 {
			ended = now
		}
		ended = slices.DeleteFunc(ended, func(target string) bool { return !slices.Contains(now, target) })
	}
	return ended
}

// What a successful unsafe request changes (RFC 9111, section 4.4): its own
// path, and what it names of the same origin.
func TestFollowInvalidation(t *testing.T) {
	t.Parallel()
	targets := []string{"/a", "/a?q", "/b", "/c/d"}
	const own = "/a /a?q"
	tests := []struct{ name, write, reply, ends string }{
		{"POST", "POST /a", "200", own},
		{"PUT", "PUT /a", "201", own},
		{"PATCH", "PATCH /a", "204", own},
		{"DELETE", "DELETE /a?q", "200", own},
		{"a method of its own", "FROB /a", "200", own},
		{"a redirect", "POST /a", "303 | Location: /x", own},
		{"a client's error", "POST /a", "404 | Location: /b", ""},
		{"a server's error", "POST /a", "500 | Location: /b", ""},
		{"GET changes nothing", "GET /x", "200 | Location: /a | Content-Location: /b", ""},
		{"OPTIONS changes nothing", "OPTIONS /a", "200", ""},
		{"Location", "POST /x", "201 | Location: /b", "/b"},
		{"Content-Location", "POST /x", "200 | Content-Location: /b", "/b"},
		{"both", "POST /a", "201 | Location: /b | Content-Location: /c/d", own + " /b /c/d"},
		{"a relative one", "POST /c/x", "201 | Location: d", "/c/d"},
		{"one with dots", "POST /c/x", "201 | Location: ../b", "/b"},
		{"a query and a fragment", "POST /x", "201 | Location: /b?x=1#y", "/b"},
		{"a query alone", "POST /b", "303 | Location: ?done", "/b"},
		{"this host", "POST /x", "201 | Location: http://example.com/b", "/b"},
		{"this host without a scheme", "POST /x", "201 | Location: //example.com/b", "/b"},
		{"this host in capitals", "POST /x", "201 | Location: HTTP://EXAMPLE.com/b", "/b"},
		{"this host with its port", "POST /x", "201 | Location: http://example.com:80/b", "/b"},
		{"this host by TLS, behind a proxy", "POST /x", "201 | Location: https://example.com/b", "/b"},
		{"no TLS where there is TLS", "POST https://example.com/x", "201 | Location: HTTP://example.com/b", ""},
		{"a relative one under TLS", "POST https://example.com/x", "201 | Location: /b", "/b"},
		{"this host under TLS", "POST https://example.com/x", "201 | Location: https://example.com:443/b", "/b"},
		{"another host", "POST /x", "201 | Location: http://elsewhere.example/b", ""},
		{"another host without a scheme", "POST /x", "201 | Location: //elsewhere.example/b", ""},
		{"another port", "POST /x", "201 | Location: http://example.com:8080/b", ""},
		{"a name that begins like ours", "POST /x", "201 | Location: http://example.com.evil.example/b", ""},
		{"with a user", "POST /x", "201 | Location: http://u@example.com/b", ""},
		{"another scheme", "POST /x", "201 | Location: ftp://example.com/b", ""},
		{"no URL", "POST /x", "201 | Location: http://[/b", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ended := endedBy(t, targets, func(string) string { return "" }, tt.write, tt.reply)
			if got := strings.Join(ended, " "); got != tt.ends {
				t.Errorf("%q ended, want %q", got, tt.ends)
			}
		})
	}
}

// All variants of a written page end.
func TestFollowInvalidatesEveryVariant(t *testing.T) {
	t.Parallel()
	const reply = " | Cache-Control: max-age=60 | Vary: Accept"
	play(t, cache.Config{}, []step{
		{reply: "200 x" + reply, send: "GET /a | Accept: x", want: "200 x", saw: "asked"},
		{reply: "200 y" + reply, send: "GET /a | Accept: y", want: "200 y", saw: "asked"},
		{send: "POST /a", want: "200 y", saw: "asked"},
		{reply: "200 new y" + reply, send: "GET /a | Accept: y", want: "200 new y | Cache-Status: fwd=miss; stored", saw: "asked"},
		// The way to the variants is there again, and the old one is not.
		{reply: "200 new x" + reply, send: "GET /a | Accept: x", want: "200 new x | Cache-Status: fwd=miss; stored", saw: "asked"},
	})
}

// RFC 9875: a successful unsafe request ends the pages of a group.
func TestCacheGroups(t *testing.T) {
	t.Parallel()
	var names []string
	for i := range 32 {
		names = append(names, fmt.Sprintf("%q", fmt.Sprintf("%032d", i)))
	}
	of := map[string]string{
		"/one": `Cache-Groups: "a"`, "/two": `Cache-Groups: "a" , "b";x=1`, "/lines": `Cache-Groups: "c" | Cache-Groups: "b"`,
		"/case": `Cache-Groups: "A"`, "/none": "", "/empty": "Cache-Groups: ", "/32": "Cache-Groups: " + strings.Join(names, ", "),
	}
	targets := []string{"/one", "/two", "/lines", "/case", "/none", "/empty", "/32"}
	tests := []struct{ name, write, reply, ends string }{
		{"a group", "POST /x", `200 | Cache-Group-Invalidation: "a"`, "/one /two"},
		{"another group", "POST /x", `204 | Cache-Group-Invalidation: "b"`, "/two /lines"},
		{"two groups", "DELETE /x", `303 | Cache-Group-Invalidation: "b", "A"`, "/two /lines /case"},
		{"two lines", "POST /x", `200 | Cache-Group-Invalidation: "b" | Cache-Group-Invalidation: "A";y`, "/two /lines /case"},
		{"the last of 32", "POST /x", "200 | Cache-Group-Invalidation: " + names[31], "/32"},
		{"nobody's group", "POST /x", `200 | Cache-Group-Invalidation: "z"`, ""},
		{"a token is no group", "POST /x", "200 | Cache-Group-Invalidation: a", ""},
		{"broken", "POST /x", `200 | Cache-Group-Invalidation: "a", (`, ""},
		{"a write that failed", "POST /x", `400 | Cache-Group-Invalidation: "a"`, ""},
		{"no write", "GET /x", `200 | Cache-Group-Invalidation: "a"`, ""},
		{"another host", "POST /x | Host: elsewhere.example", `200 | Cache-Group-Invalidation: "a"`, ""},
		{"this host in capitals", "POST /x | Host: EXAMPLE.com", `200 | Cache-Group-Invalidation: "a"`, "/one /two"},
		// A page that ends does not take its other groups with it.
		{"no cascade", "POST /one", "200", "/one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ended := endedBy(t, targets, func(target string) string { return of[target] }, tt.write, tt.reply)
			if got := strings.Join(ended, " "); got != tt.ends {
				t.Errorf("%q ended, want %q", got, tt.ends)
			}
		})
	}
}

// The field is the clients' and other caches' to see, the one that purges is
// for one answer.
func TestCacheGroupsAreKept(t *testing.T) {
	t.Parallel()
	play(t, cache.Config{}, []step{
		{reply: `200 a | Etag: "a" | Cache-Control: max-age=10 | Cache-Groups: "a" | Cache-Group-Invalidation: "b"`, want: `200 a | Cache-Groups: "a"`, saw: "asked"},
		{reply: "500", want: `200 a | Cache-Groups: "a" | Cache-Group-Invalidation: - | Cache-Status: hit; ttl=10`},
		// A 304 that says nothing leaves it there, and one that does changes it.
		{wait: 10 * second, reply: "304", want: `200 a | Cache-Groups: "a"`, saw: "asked"},
		{reply: `200 | Cache-Group-Invalidation: "a"`, send: "POST /x", want: "200", saw: "asked"},
		{reply: `200 b | Etag: "b" | Cache-Control: max-age=10 | Cache-Groups: "a"`, want: "200 b | Cache-Status: fwd=miss; stored", saw: "asked | If-None-Match: -"},
		{wait: 10 * second, reply: `304 | Cache-Groups: "c"`, want: `200 b | Cache-Groups: "c"`, saw: "asked"},
		{reply: `200 | Cache-Group-Invalidation: "a"`, send: "POST /x", want: "200", saw: "asked"},
		{reply: "500", want: "200 b | Cache-Status: hit; ttl=10"},
		{reply: `200 | Cache-Group-Invalidation: "c"`, send: "POST /x", want: "200", saw: "asked"},
		{reply: "200 c", want: "200 c", saw: "asked | If-None-Match: -"},
	})
}

// A group that is purged while a page of it is made ends that page: what the
// handler has read may be older.
func TestCacheGroupPurgedMeanwhile(t *testing.T) {
	t.Parallel()
	begun, commit := make(chan struct{}), make(chan struct{})
	var data atomic.Int64
	s := newSite(t, cache.Config{Policies: []cache.Policy{{Pattern: "GET /", Class: cache.Follow, ExpiryOnly: "test"}}}, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			data.Add(1)
			say(w, `200 | Cache-Group-Invalidation: "g"`)
			return
		}
		read := data.Load()
		if r.Header.Get("X-Wait") != "" {
			close(begun)
			<-commit
		}
		say(w, fmt.Sprintf(`200 %d | Cache-Control: max-age=60 | Cache-Groups: "g"`, read))
	})
	old := make(chan answer)
	go func() { old <- s.get("/a", "X-Wait: 1") }()
	<-begun
	s.do(http.MethodPost, "/x")
	close(commit)
	if got := <-old; got.body != "0" || got.says() != "fwd=miss" {
		t.Errorf("before: %+v", got)
	}
	if got := s.get("/a"); got.body != "1" {
		t.Errorf("after: %+v", got)
	}
}
