package cache_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/cache"
)

const second = time.Second

// The arithmetic of age and freshness (RFC 9111, sections 4.2.1 and 4.2.3):
// how old a response is when it comes, and for how long from then on it
// answers without a look at the handler.
func TestFollowFreshness(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, fields string
		age, fresh   int // seconds; fresh counts from the response's arrival
	}{
		{"max-age", "Cache-Control: max-age=60", 0, 60},
		{"names in any case", "Cache-Control: Max-AGE=60", 0, 60},
		{"a quoted argument", `Cache-Control: max-age="60"`, 0, 60},
		{"max-age in another line", "Cache-Control: public | Cache-Control: max-age=60", 0, 60},
		{"s-maxage before max-age", "Cache-Control: max-age=5, s-maxage=60", 0, 60},
		{"a short s-maxage before max-age", "Cache-Control: s-maxage=5, max-age=60", 0, 5},
		{"max-age before Expires", "Cache-Control: max-age=60 | Expires: " + at(5), 0, 60},
		{"Expires and Date", "Expires: " + at(60) + " | Date: " + at(0), 0, 60},
		{"Expires without Date", "Expires: " + at(60), 0, 60},
		{"Expires in the form of RFC 850", "Expires: Saturday, 01-Jan-00 00:01:00 GMT", 0, 60},
		{"a clock behind ours", "Expires: " + at(-3540) + " | Date: " + at(-3600), 3600, 0},
		{"a clock ahead of ours", "Expires: " + at(3660) + " | Date: " + at(3600), 0, 60},
		{"the older of two Dates", "Cache-Control: max-age=60 | Date: " + at(-10) + " | Date: " + at(0), 10, 50},
		{"Age", "Cache-Control: max-age=60 | Age: 20", 20, 40},
		{"Date says older than Age", "Cache-Control: max-age=60 | Age: 20 | Date: " + at(-30), 30, 30},
		{"Age says older than Date", "Cache-Control: max-age=60 | Age: 30 | Date: " + at(-20), 30, 30},
		{"the first Age of two", "Cache-Control: max-age=60 | Age: 20, 30", 20, 40},
		{"an Age that is none", "Cache-Control: max-age=60 | Age: -5", 0, 60},
		{"a Date that is none", "Cache-Control: max-age=60 | Date: today", 0, 60},
		{"the time it took", "Cache-Control: max-age=60 | Sleep: 10s", 10, 50},
		{"the time it took and Age", "Cache-Control: max-age=60 | Age: 20 | Sleep: 10s", 30, 30},
		{"older than it is fresh", "Cache-Control: max-age=60 | Age: 60", 60, 0},
		{"CDN-Cache-Control before all", "CDN-Cache-Control: max-age=60 | Cache-Control: max-age=5, s-maxage=6 | Expires: " + at(7), 0, 60},
		{"CDN-Cache-Control opens what Cache-Control closes", "CDN-Cache-Control: max-age=60 | Cache-Control: no-store", 0, 60},
		{"s-maxage in CDN-Cache-Control", "CDN-Cache-Control: max-age=5, s-maxage=60", 0, 60},
		{"an empty CDN-Cache-Control", "CDN-Cache-Control: | Cache-Control: max-age=60", 0, 60},
		{"a malformed CDN-Cache-Control", "CDN-Cache-Control: max-age=5, & | Cache-Control: max-age=60", 0, 60},
		{"CDN-Cache-Control as Cache-Control is written", "CDN-Cache-Control: Max-Age=5 | Cache-Control: max-age=60", 0, 60},
		{"a false directive", "CDN-Cache-Control: max-age=60, no-cache=?0", 0, 60},
		{"parameters of a directive", "CDN-Cache-Control: max-age=60;x=1", 0, 60},
		{"an unknown directive", "Cache-Control: max-age=60, community=\"x, max-age=5\"", 0, 60},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			reply := `200 a | Etag: "a" | ` + tt.fields
			var steps []step
			first := "200 a | Cache-Status: fwd=miss; stored"
			if tt.age > 0 {
				first = "200 a | Cache-Status: fwd=miss; stored | Age: " + strconv.Itoa(tt.age)
			}
			steps = append(steps, step{reply: reply, want: first, saw: "asked | If-None-Match: -"})
			wait := 0
			if tt.fresh > 0 {
				wait = tt.fresh - 1
				steps = append(steps,
					step{reply: "200 b", want: fmt.Sprintf("200 a | Cache-Status: hit; ttl=%d | Age: %d", tt.fresh, tt.age)},
					step{wait: time.Duration(wait) * second, want: fmt.Sprintf("200 a | Cache-Status: hit; ttl=1 | Age: %d", tt.age+wait)})
				wait = 1
			}
			steps = append(steps, step{wait: time.Duration(wait) * second, reply: "200 b", want: "200 b | Age: - | Cache-Status: fwd=stale; detail=freshness", saw: `asked | If-None-Match: "a"`})
			play(t, cache.Config{}, steps)
		})
	}
}

// What says that it may be kept and not for how long is asked about each
// time: no time is made up.
func TestFollowStoresWithoutFreshness(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, fields string
		saw          string // by the second request
	}{
		{"a tag alone", `Etag: "a"`, `If-None-Match: "a" | If-Modified-Since: -`},
		{"a weak tag alone", `Etag: W/"a"`, `If-None-Match: W/"a"`},
		{"Last-Modified alone", "Last-Modified: " + at(-86400), "If-Modified-Since: " + at(-86400) + " | If-None-Match: -"},
		{"both", `Etag: "a" | Last-Modified: ` + at(-86400), `If-None-Match: "a" | If-Modified-Since: ` + at(-86400)},
		{"no-cache", `Cache-Control: no-cache, max-age=60 | Etag: "a"`, `If-None-Match: "a"`},
		{"no-cache with fields", `Cache-Control: no-cache="x", max-age=60 | Etag: "a"`, `If-None-Match: "a"`},
		{"no-cache for the CDN", `CDN-Cache-Control: no-cache | Cache-Control: max-age=60 | Etag: "a"`, `If-None-Match: "a"`},
		{"no age", `Cache-Control: max-age=0 | Etag: "a"`, `If-None-Match: "a"`},
		{"two ages that disagree", `Cache-Control: max-age=60, max-age=50 | Etag: "a"`, `If-None-Match: "a"`},
		{"an age that is none", `Cache-Control: max-age=soon | Etag: "a" | Expires: ` + at(60), `If-None-Match: "a"`},
		{"a fraction", `Cache-Control: max-age=1.5 | Etag: "a"`, `If-None-Match: "a"`},
		{"Expires: 0", `Expires: 0 | Etag: "a"`, `If-None-Match: "a"`},
		{"Expires twice", `Expires: ` + at(60) + ` | Expires: ` + at(70) + ` | Etag: "a"`, `If-None-Match: "a"`},
		{"Expires is not for the CDN", `CDN-Cache-Control: must-revalidate | Expires: ` + at(60) + ` | Etag: "a"`, `If-None-Match: "a"`},
		{"max-age is not for the CDN", `CDN-Cache-Control: must-revalidate | Cache-Control: max-age=60 | Etag: "a"`, `If-None-Match: "a"`},
		{"a fraction for the CDN", `CDN-Cache-Control: max-age=1.5 | Cache-Control: max-age=60 | Etag: "a"`, `If-None-Match: "a"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			play(t, cache.Config{}, []step{
				{reply: "200 a | " + tt.fields, want: "200 a | Cache-Status: fwd=miss; stored", saw: "asked"},
				{reply: "304 | " + tt.fields, want: "200 a | Cache-Status: fwd=stale; fwd-status=304; stored", saw: "asked | " + tt.saw},
				{reply: "200 b | " + tt.fields, want: "200 b | Cache-Status: fwd=stale; stored", saw: "asked | " + tt.saw},
				{reply: "304 | " + tt.fields, want: "200 b", saw: "asked"},
			})
		})
	}
}

// A response that must not be stored, or could never be used again, reaches
// each client from the handler.
func TestFollowStoresNot(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, reply, send, detail string }{
		{"no-store", "200 a | Cache-Control: max-age=60, no-store", "", "no-store"},
		{"no-store behind a slip", "200 a | Cache-Control: max-age=60; no-store", "", "no-store"},
		{"no-store for the CDN", "200 a | CDN-Cache-Control: no-store | Cache-Control: max-age=60", "", "no-store"},
		{"no-store where the CDN's field is empty", "200 a | CDN-Cache-Control: | Cache-Control: max-age=60, no-store", "", "no-store"},
		{"no-store where the CDN's field is broken", "200 a | CDN-Cache-Control: max-age=60, ( | Cache-Control: no-store", "", "no-store"},
		{"private", "200 a | Cache-Control: max-age=60, private", "", "private"},
		{"private with fields", `200 a | Cache-Control: max-age=60, private="x"`, "", "private"},
		{"private for the CDN", "200 a | CDN-Cache-Control: max-age=60, private", "", "private"},
		{"Set-Cookie", "200 a | Cache-Control: public, max-age=60 | Set-Cookie: a=b", "", "set-cookie"},
		{"Vary: *", "200 a | Cache-Control: max-age=60 | Vary: *", "", "vary"},
		{"Vary: * in a list", "200 a | Cache-Control: max-age=60 | Vary: Accept , * , Origin", "", "vary"},
		{"Vary: * in another line", "200 a | Cache-Control: max-age=60 | Vary: Accept | Vary: *", "", "vary"},
		{"Vary: Cookie", "200 a | Cache-Control: max-age=60 | Vary: Cookie", "", "vary"},
		{"Vary: Authorization", "200 a | Cache-Control: max-age=60 | Vary: Authorization", "", "vary"},
		{"nothing to go by", "200 a", "", "freshness"},
		{"public is no time", "200 a | Cache-Control: public", "", "freshness"},
		{"Authorization", "200 a | Cache-Control: max-age=60", "GET /a | Authorization: Bearer x", "authorization"},
		{"Authorization with s-maxage", "200 a | Cache-Control: s-maxage=60", "GET /a | Authorization: Bearer x", "authorization"},
		{"Authorization where the CDN's field is not public", "200 a | CDN-Cache-Control: max-age=60 | Cache-Control: public", "GET /a | Authorization: Bearer x", "authorization"},
		{"500", "500 a | Cache-Control: max-age=60", "", "status"},
		{"503", "503 a | Cache-Control: public, max-age=60", "", "status"},
		{"400", "400 a | Cache-Control: max-age=60", "", "status"},
		{"401", "401 a | Cache-Control: max-age=60", "", "status"},
		{"403", "403 a | Cache-Control: max-age=60", "", "status"},
		{"303", "303 a | Cache-Control: max-age=60", "", "status"},
		{"one that nobody knows", "299 a | Cache-Control: max-age=60", "", "status"},
		{"a part", "206 a | Cache-Control: max-age=60 | Content-Range: bytes 0-0/9", "GET /a | Range: bytes=0-0", "content-range"},
		{"a part of several", "206 a | Cache-Control: max-age=60 | Content-Type: multipart/byteranges; boundary=x", "GET /a | Range: bytes=0-0,2-2", "status"},
		{"CORS for one origin", "200 a | Cache-Control: max-age=60 | Access-Control-Allow-Origin: https://a.example", "", "cors"},
		{"groups that are no list", "200 a | Cache-Control: max-age=60 | Cache-Groups: shop", "", "cache-groups"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			first, _, _ := strings.Cut(tt.reply, " | ")
			want := first + " | Cache-Status: fwd=miss; detail=" + tt.detail
			play(t, cache.Config{}, []step{
				{reply: tt.reply, send: tt.send, want: want, saw: "asked"},
				{send: tt.send, want: want, saw: "asked | If-None-Match: -"},
				{reply: "200 plain", want: "200 plain | Cache-Status: fwd=miss; detail=freshness", saw: "asked | If-None-Match: -"},
			})
		})
	}
}

// What is not a 200 may be stored where it says for how long.
func TestFollowStoresByStatus(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 203, 204, 300, 301, 302, 307, 308, 404, 405, 410, 414, 451, 501} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			reply := strconv.Itoa(status) + " a"
			if status == 204 {
				reply = "204"
			}
			// Neither a precondition nor a Range makes anything of what is no 200.
			send := "GET /a | Range: bytes=0-0 | If-Modified-Since: " + at(100)
			if status == 200 {
				send = "GET /a"
			}
			play(t, cache.Config{}, []step{
				{reply: reply + " | Cache-Control: max-age=60 | Location: /b", want: reply + " | Cache-Status: fwd=miss; stored", saw: "asked"},
				{reply: "200 b", send: send, want: reply + " | Cache-Status: hit; ttl=60 | Location: /b"},
				{wait: 60 * second, want: "200 b", saw: "asked"},
			})
			play(t, cache.Config{}, []step{
				{reply: reply, want: reply + " | Cache-Status: fwd=miss; detail=freshness", saw: "asked"},
				{want: reply, saw: "asked"},
			})
		})
	}
}

// What a request asks of a cache (RFC 9111, section 5.2.1). The page is 20
// seconds old of 60, and then 70.
func TestFollowRequestDirectives(t *testing.T) {
	t.Parallel()
	const (
		hit   = "200 a | Cache-Status: hit; ttl=40 | Age: 20"
		again = "200 a | Cache-Status: fwd=request; fwd-status=304; stored"
		stale = "200 a | Cache-Status: fwd=stale; fwd-status=304; stored"
		lax   = "200 a | Cache-Status: hit; ttl=-10; detail=max-stale | Age: 70"
		late  = "504 * | Cache-Status: fwd=bypass; detail=only-if-cached"
		// Its answer is not even there to freshen the page.
		noStore = "200 b | Cache-Status: fwd=bypass; detail=no-store"
	)
	tests := []struct {
		directives string
		at20, at70 string
	}{
		{"", hit, stale},
		{"no-cache", again, stale},
		{"NO-CACHE", again, stale},
		{"no-cache, max-stale", again, stale},
		{"max-age=0", again, stale},
		{"max-age=19", again, stale},
		{"max-age=20", hit, stale},
		{"max-age=100", hit, stale},
		{"max-age=x", again, stale},
		{"max-age=100, max-stale=10", hit, lax},
		{"max-age=69, max-stale=10", hit, stale},
		{"min-fresh=40", hit, stale},
		{"min-fresh=41", again, stale},
		{"min-fresh=x", again, stale},
		{"max-stale", hit, lax},
		{"max-stale=10", hit, lax},
		{"max-stale=9", hit, stale},
		{"max-stale=x", hit, stale},
		{"min-fresh=41, max-stale", again, stale},
		{"only-if-cached", hit, late},
		{"only-if-cached, no-cache", late, late},
		{"only-if-cached, max-age=5", late, late},
		{"only-if-cached, max-stale", hit, lax},
		{"no-store", hit, noStore},
		{"no-store, no-cache", noStore, noStore},
		{"no-store, max-stale", hit, lax},
	}
	for _, tt := range tests {
		t.Run(tt.directives, func(t *testing.T) {
			t.Parallel()
			for wait, want := range map[time.Duration]string{20 * second: tt.at20, 70 * second: tt.at70} {
				send, saw, reply := "GET /a", "asked", `304 | Etag: "a" | Cache-Control: max-age=60`
				if tt.directives != "" {
					send += " | Cache-Control: " + tt.directives
				}
				switch want {
				case hit, lax, late:
					saw = ""
				case noStore:
					reply = `200 b | Etag: "b" | Cache-Control: max-age=60`
				}
				steps := []step{
					{reply: `200 a | Etag: "a" | Cache-Control: max-age=60`, want: "200 a", saw: "asked"},
					{wait: wait, reply: reply, send: send, want: want, saw: saw},
				}
				if want == noStore {
					steps[1].saw = "asked | If-None-Match: -"
				}
				play(t, cache.Config{}, steps)
			}
		})
	}
}

// "only-if-cached" is answered with 504 where there is no page, whatever kept
// the request from one, and the handler does not run.
func TestFollowOnlyIfCached(t *testing.T) {
	t.Parallel()
	fields := " | Cache-Control: only-if-cached"
	reply := `200 a | Cache-Control: max-age=60 | Vary: Accept`
	late := "504 * | Content-Type: application/problem+json | Cache-Status: fwd=bypass; detail=only-if-cached"
	play(t, cache.Config{}, []step{
		{reply: reply, send: "GET /a" + fields, want: late},
		{send: "HEAD /a" + fields, want: late},
		{send: "GET /a | Cookie: a=b" + fields, want: late},
		{send: "GET /a", want: "200 a", saw: "asked"},
		{send: "GET /a" + fields, want: "200 a | Cache-Status: hit; ttl=60"},
		{send: "GET /a | Accept: text/css" + fields, want: late},
		{send: "GET /a | Authorization: Bearer x" + fields, want: late},
		{send: "HEAD /a" + fields, want: "200 | Cache-Status: hit; ttl=60"},
	})
}

// A request that says no-store leaves nothing behind, not even in a page that
// is served stale while it is made anew.
func TestFollowRequestNoStore(t *testing.T) {
	t.Parallel()
	play(t, cache.Config{}, []step{
		{reply: "200 a | Cache-Control: max-age=10, stale-while-revalidate=60", send: "GET /a | Cache-Control: no-store", want: "200 a | Cache-Status: fwd=bypass; detail=no-store", saw: "asked"},
		{reply: "200 b | Cache-Control: max-age=10, stale-while-revalidate=60", want: "200 b | Cache-Status: fwd=miss; stored", saw: "asked"},
		{wait: 20 * second, reply: "200 secret | Cache-Control: max-age=10", send: "GET /a | Cache-Control: no-store", want: "200 secret | Cache-Status: fwd=bypass; detail=no-store", saw: "asked"},
		{reply: "200 c | Cache-Control: max-age=10", want: "200 b | Cache-Status: hit; ttl=-10; detail=stale-while-revalidate", saw: "asked"},
		{want: "200 c | Cache-Status: hit; ttl=10"},
	})
}

// Who asks with Authorization gets a page that is public, and no other.
func TestFollowAuthorization(t *testing.T) {
	t.Parallel()
	const who = "GET /a | Authorization: Bearer x"
	play(t, cache.Config{}, []step{
		{reply: "200 plain | Cache-Control: max-age=60", want: "200 plain | Cache-Status: fwd=miss; stored", saw: "asked"},
		{reply: "200 hers | Cache-Control: max-age=60", send: who, want: "200 hers | Cache-Status: fwd=miss; detail=authorization", saw: "asked | Authorization: Bearer x"},
		{want: "200 plain | Cache-Status: hit; ttl=60"},
	})
	play(t, cache.Config{}, []step{
		{reply: "200 a | Cache-Control: public, max-age=60", send: who, want: "200 a | Cache-Status: fwd=miss; stored", saw: "asked"},
		{send: "GET /a | Authorization: Bearer y", want: "200 a | Cache-Status: hit; ttl=60"},
		{want: "200 a | Cache-Status: hit; ttl=60"},
	})
	// A page that takes the place of one that this client may not have is
	// purged as any other.
	play(t, cache.Config{}, []step{
		{reply: "200 plain | Cache-Control: max-age=60", want: "200 plain", saw: "asked"},
		{reply: "200 public | Cache-Control: public, max-age=60", send: who, want: "200 public | Cache-Status: fwd=miss; stored", saw: "asked"},
		{want: "200 public | Cache-Status: hit; ttl=60"},
		{send: "POST /a", want: "200 public", saw: "asked"},
		{reply: "200 new", want: "200 new", saw: "asked"},
	})
}

// The page of a request is the one whose Vary'd fields are the same (RFC 9111,
// section 4.1). Fields are compared as they were sent: another order is
// another page, which is never wrong.
func TestFollowVary(t *testing.T) {
	t.Parallel()
	const reply = "200 %s | Cache-Control: max-age=60 | Vary: %s"
	tests := []struct {
		name, vary, a, b string
		shared           bool
	}{
		{"the same value", "Accept-Language", "Accept-Language: de", "Accept-Language: de", true},
		{"another value", "Accept-Language", "Accept-Language: de", "Accept-Language: en", false},
		{"a value and none", "Accept-Language", "Accept-Language: de", "", false},
		{"an empty value and none", "Accept-Language", "Accept-Language: ", "", false},
		{"none and none", "Accept-Language", "", "", true},
		{"names in any case", "aCCEPT-language", "Accept-Language: de", "Accept-Language: en", false},
		{"another order of the values", "Accept-Language", "Accept-Language: de, en", "Accept-Language: en, de", false},
		{"one line and two", "Accept-Language", "Accept-Language: de, en", "Accept-Language: de | Accept-Language: en", false},
		{"two lines and two", "Accept-Language", "Accept-Language: de | Accept-Language: en", "Accept-Language: de | Accept-Language: en", true},
		{"the second of a list", "Accept, Accept-Language", "Accept-Language: de", "Accept-Language: en", false},
		{"the second of many lines", "Accept | Vary: Accept-Language", "Accept-Language: de", "Accept-Language: en", false},
		{"one field's value in another", "Accept, Accept-Language", "Accept: x", "Accept-Language: x", false},
		{"what is not named", "Accept", "Accept-Language: de", "Accept-Language: en", true},
		{"empty members", ", Accept,,", "Accept: x", "Accept: y", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			second := step{reply: fmt.Sprintf(reply, "b", tt.vary), send: "GET /a | " + tt.b, want: "200 b | Cache-Status: fwd=miss; stored", saw: "asked | If-None-Match: -"}
			if tt.shared {
				second.want, second.saw = "200 a | Cache-Status: hit; ttl=60", ""
			}
			play(t, cache.Config{}, []step{
				{reply: fmt.Sprintf(reply, "a", tt.vary), send: "GET /a | " + tt.a, want: "200 a", saw: "asked"},
				second,
				{send: "GET /a | " + tt.a, want: "200 a | Cache-Status: hit; ttl=60"}, // the first one is still there
				{send: "GET /a | " + tt.b, want: map[bool]string{true: "200 a", false: "200 b"}[tt.shared]},
			})
		})
	}
}

// A handler changes by what it varies: the newest response says how a page is
// found, and no request gets one that was chosen by less.
func TestFollowVaryThatChanges(t *testing.T) {
	t.Parallel()
	play(t, cache.Config{}, []step{
		{reply: "200 all | Cache-Control: max-age=60", send: "GET /a | Accept: x", want: "200 all", saw: "asked"},
		{send: "GET /a | Accept: y", want: "200 all | Cache-Status: hit; ttl=60"},
		{wait: 60 * second, reply: "200 x | Cache-Control: max-age=60 | Vary: Accept", send: "GET /a | Accept: x", want: "200 x | Cache-Status: fwd=miss; stored", saw: "asked"},
		{reply: "200 y | Cache-Control: max-age=60 | Vary: Accept", send: "GET /a | Accept: y", want: "200 y | Cache-Status: fwd=miss; stored", saw: "asked"},
		{send: "GET /a | Accept: x", want: "200 x | Cache-Status: hit; ttl=60"},
		{reply: "200 z-de | Cache-Control: max-age=60 | Vary: Accept, Accept-Language", send: "GET /a | Accept: z | Accept-Language: de", want: "200 z-de | Cache-Status: fwd=miss; stored", saw: "asked"},
		{reply: "200 z-en | Cache-Control: max-age=60 | Vary: Accept-Language, Accept", send: "GET /a | Accept: z | Accept-Language: en", want: "200 z-en | Cache-Status: fwd=miss; stored", saw: "asked"},
		{send: "GET /a | Accept: z | Accept-Language: de", want: "200 z-de | Cache-Status: hit; ttl=60"},
	})
}

// A Vary of the policy belongs to the key, and to what the response says.
func TestFollowVaryOfThePolicy(t *testing.T) {
	t.Parallel()
	cfg := cache.Config{Policies: []cache.Policy{{Pattern: "GET /", Class: cache.Follow, Vary: []string{"X-Requested-With"}, ExpiryOnly: "test"}}}
	play(t, cfg, []step{
		{reply: "200 page | Cache-Control: max-age=60 | Vary: Accept", want: "200 page | Vary: Accept, X-Requested-With", saw: "asked"},
		{reply: "200 part | Cache-Control: max-age=60 | Vary: Accept", send: "GET /a | X-Requested-With: x", want: "200 part | Cache-Status: fwd=miss; stored", saw: "asked"},
		{want: "200 page | Cache-Status: hit; ttl=60 | Vary: Accept, X-Requested-With"},
		{wait: 60 * second, reply: "304 | Cache-Control: max-age=60", want: "304", saw: "asked"}, // it has nothing to be asked about
	})
}

// A 304 makes the stored page good again with what it says (RFC 9111, sections
// 3.2 and 4.3.4): its fields replace those of the same name and leave the
// others, but for those that describe a body.
func TestFollowFreshensAPage(t *testing.T) {
	t.Parallel()
	const page = `200 abc | Etag: "a" | Cache-Control: max-age=10 | X-Old: 1 | X-Both: 1 | X-Both: 2 | Content-Type: text/css | Date: `
	play(t, cache.Config{}, []step{
		{reply: page + at(0), want: "200 abc | X-Both: 1, 2", saw: "asked"},
		{
			wait: 10 * second, reply: `304 | Etag: "a" | Cache-Control: max-age=20 | X-Both: 3 | X-New: 1 | Content-Type: text/html | Content-Length: 99 | Content-Encoding: gzip | Date: ` + at(10),
			want: "200 abc | Cache-Status: fwd=stale; fwd-status=304; stored | X-Both: 3 | Age: -", saw: `asked | If-None-Match: "a"`,
		},
		{wait: 5 * second, want: `200 abc | Cache-Status: hit; ttl=15 | Age: 5 | Etag: "a" | Cache-Control: max-age=20 | X-Old: 1 | X-Both: 3 | X-New: 1 | Content-Type: text/css | Content-Length: 3 | Content-Encoding: - | Date: ` + at(10)},
		// It says nothing: what the page said holds from now on.
		{wait: 15 * second, reply: "304", want: "200 abc | Cache-Status: fwd=stale; fwd-status=304; stored", saw: "asked"},
		{wait: 19 * second, want: "200 abc | Cache-Status: hit; ttl=1 | Age: 19 | X-Both: 3 | Date: " + at(30)},
		// It comes from a cache of its own, and is old already.
		{wait: 1 * second, reply: "304 | Age: 15", want: "200 abc | Age: 15", saw: "asked"},
		{want: "200 abc | Cache-Status: hit; ttl=5 | Age: 15"},
		// Another tag: what is true of it now.
		{wait: 5 * second, reply: `304 | Etag: "b"`, want: `200 abc | Etag: "b"`, saw: `asked | If-None-Match: "a"`},
		{wait: 20 * second, reply: "200 new", want: "200 new", saw: `asked | If-None-Match: "b"`},
	})
}

// The client of a 304 may have that page or another one, and may want a part
// of it only.
func TestFollowFreshensForAClientWithAPage(t *testing.T) {
	t.Parallel()
	page := step{reply: `200 abc | Etag: "a"`, want: "200 abc", saw: "asked"}
	const asked = `asked | If-None-Match: "a" | Range: - | If-Range: - | If-Modified-Since: -`
	const says = " | Cache-Status: fwd=stale; fwd-status=304; stored"
	tests := []struct{ name, send, want string }{
		{"the page", `GET /a | If-None-Match: "a"`, `304 | Etag: "a"` + says},
		{"another page", `GET /a | If-None-Match: "b"`, "200 abc" + says},
		{"a part", "GET /a | Range: bytes=1-1", "206 b | Content-Range: bytes 1-1/3" + says},
		{"a part of the page", `GET /a | Range: bytes=1-1 | If-Range: "a"`, "206 b" + says},
		{"a part of another page", `GET /a | Range: bytes=1-1 | If-Range: "b"`, "200 abc" + says},
		{"a part that is not there", "GET /a | Range: bytes=3-", "416 | Content-Range: bytes */3" + says},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			play(t, cache.Config{}, []step{page, {reply: "304", send: tt.send, want: tt.want, saw: asked}, {want: "200 abc" + says, saw: "asked"}})
		})
	}
}

// What a 304 says counts as what a 200 says: where it makes the page one
// client's, nobody else gets it.
func TestFollowA304ThatMustNotBeStored(t *testing.T) {
	t.Parallel()
	for fields, detail := range map[string]string{
		"Set-Cookie: session=hers":                                                   "set-cookie",
		"Cache-Control: no-store, max-age=60":                                        "no-store",
		"Cache-Control: private, max-age=60":                                         "private",
		"CDN-Cache-Control: private":                                                 "private",
		"Cache-Control: max-age=60 | Vary: *":                                        "vary",
		"Cache-Control: max-age=60 | Vary: Cookie":                                   "vary",
		"Cache-Control: max-age=60 | Access-Control-Allow-Origin: https://a.example": "cors",
		"Cache-Control: max-age=60 | Content-Security-Policy: script-src 'nonce-x'":  "nonce",
		`Cache-Control: max-age=60 | Cache-Groups: ("a")`:                            "cache-groups",
	} {
		t.Run(fields, func(t *testing.T) {
			t.Parallel()
			play(t, cache.Config{}, []step{
				{reply: `200 abc | Etag: "a" | Cache-Control: max-age=10`, want: "200 abc", saw: "asked"},
				{wait: 10 * second, reply: "304 | X-Hers: 1 | " + fields, want: "200 abc | X-Hers: 1 | Cache-Status: fwd=stale; fwd-status=304; detail=" + detail, saw: `asked | If-None-Match: "a"`},
				{reply: `200 new | Etag: "a" | Cache-Control: max-age=10`, want: "200 new | X-Hers: - | Set-Cookie: - | Cache-Status: fwd=miss; stored", saw: "asked | If-None-Match: -"},
			})
		})
	}
}

// What a response asks in the direction of staleness (RFC 9111, section 4.2.4,
// RFC 5861), 70 seconds after its arrival, 10 seconds too old.
func TestFollowStale(t *testing.T) {
	t.Parallel()
	const (
		served   = "200 a | Cache-Status: hit; ttl=-10; detail=stale-while-revalidate | Age: 70"
		asked    = "200 b | Cache-Status: fwd=stale; stored"
		rescued  = "200 a | Cache-Status: fwd=stale; fwd-status=503; detail=stale-if-error | Age: 70"
		failed   = "503 b | Cache-Status: fwd=stale; detail=status"
		tolerant = "200 a | Cache-Status: hit; ttl=-10; detail=max-stale | Age: 70"
	)
	tests := []struct{ name, fields, good, bad, lax string }{
		{"nothing", "Cache-Control: max-age=60", asked, failed, tolerant},
		{"stale-while-revalidate", "Cache-Control: max-age=60, stale-while-revalidate=11", served, served, tolerant},
		{"over by now", "Cache-Control: max-age=60, stale-while-revalidate=10", asked, failed, tolerant},
		{"an argument that is none", "Cache-Control: max-age=60, stale-while-revalidate", asked, failed, tolerant},
		{"stale-if-error", "Cache-Control: max-age=60, stale-if-error=11", asked, rescued, tolerant},
		{"errors are too late", "Cache-Control: max-age=60, stale-if-error=10", asked, failed, tolerant},
		{"both", "Cache-Control: max-age=60, stale-while-revalidate=5, stale-if-error=11", asked, rescued, tolerant},
		{"for the CDN", "CDN-Cache-Control: max-age=60, stale-while-revalidate=11 | Cache-Control: max-age=60", served, served, tolerant},
		{"not for the CDN", "CDN-Cache-Control: max-age=60 | Cache-Control: stale-while-revalidate=11, stale-if-error=11", asked, failed, tolerant},
		{"must-revalidate", "Cache-Control: max-age=60, must-revalidate, stale-while-revalidate=11, stale-if-error=11", asked, failed, asked},
		{"proxy-revalidate", "Cache-Control: max-age=60, proxy-revalidate, stale-while-revalidate=11, stale-if-error=11", asked, failed, asked},
		{"s-maxage", "Cache-Control: s-maxage=60, stale-while-revalidate=11, stale-if-error=11", asked, failed, asked},
		{"no-cache", "Cache-Control: max-age=60, no-cache, stale-while-revalidate=11, stale-if-error=11", asked, failed, asked},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, run := range []struct{ send, reply, want string }{
				{"GET /a", "200 b | Cache-Control: max-age=60", tt.good},
				{"GET /a", "503 b", tt.bad},
				{"GET /a | Cache-Control: max-stale", "200 b | Cache-Control: max-age=60", tt.lax},
			} {
				saw, next := "asked", ""
				switch {
				case run.want == tolerant:
					saw = ""
				case run.want == served && run.reply[0] == '2':
					next = "200 b | Cache-Status: hit; ttl=60" // made anew in the background
				case run.want == served:
					next = served // it could not be made anew, and is still good
				}
				steps := []step{
					{reply: `200 a | Etag: "a" | ` + tt.fields, want: "200 a | Cache-Status: fwd=miss; stored", saw: "asked"},
					{wait: 70 * second, reply: run.reply, send: run.send, want: run.want, saw: saw},
				}
				if next != "" {
					steps = append(steps, step{reply: "503", want: next, saw: map[bool]string{true: "asked", false: ""}[next == served]})
				}
				play(t, cache.Config{}, steps)
			}
		})
	}
}

// stale-if-error is for the four statuses of RFC 5861, section 4, and may be
// asked for by the request.
func TestFollowStaleIfError(t *testing.T) {
	t.Parallel()
	page := func(more string) step {
		return step{reply: `200 a | Etag: "a" | Cache-Control: max-age=60` + more, want: "200 a", saw: "asked"}
	}
	for status, want := range map[string]string{
		"500": "200 a", "502": "200 a", "503": "200 a", "504": "200 a", "501": "501", "505": "505", "404": "404", "429": "429",
	} {
		play(t, cache.Config{}, []step{page(", stale-if-error=60"), {wait: 70 * second, reply: status, want: want, saw: `asked | If-None-Match: "a"`}})
	}
	const ask = "GET /a | Cache-Control: stale-if-error="
	play(t, cache.Config{}, []step{
		page(""),
		{wait: 70 * second, reply: "503 b", send: ask + "10", want: "503 b", saw: "asked"},
		{send: ask + "11", want: "200 a | Cache-Status: fwd=stale; fwd-status=503; detail=stale-if-error", saw: "asked"},
	})
	play(t, cache.Config{}, []step{
		page(", must-revalidate"),
		{wait: 70 * second, reply: "503 b", send: ask + "60", want: "503 b", saw: "asked"},
	})
	// Who asks for a page anew sees the error, unless somebody has said
	// otherwise: the stored page is not what he asked for.
	play(t, cache.Config{}, []step{
		page(""),
		{reply: "503 b", send: "GET /a | Cache-Control: no-cache", want: "503 b | Cache-Status: fwd=request; detail=status", saw: "asked"},
		{want: "200 a | Cache-Status: hit; ttl=60"},
		{send: ask + "1, no-cache", want: "200 a | Cache-Status: fwd=request; fwd-status=503; detail=stale-if-error", saw: "asked"},
	})
}

// An error leaves the stored page for those who come later; an answer that
// takes its place and must not be stored ends it.
func TestFollowWhatEndsAPage(t *testing.T) {
	t.Parallel()
	for reply, ends := range map[string]bool{
		"500": false, "503 | Cache-Control: no-store": false,
		"404": true, "200 b | Cache-Control: no-store": true, "200 b | Cache-Control: private": true, "403": true,
	} {
		last := step{reply: "200 a", want: "200 a | Cache-Status: hit; ttl=60"}
		if ends {
			last = step{reply: "200 c", want: "200 c | Cache-Status: fwd=miss; detail=freshness", saw: "asked | If-None-Match: -"}
		}
		first, _, _ := strings.Cut(reply, " | ")
		play(t, cache.Config{}, []step{
			{reply: `200 a | Etag: "a" | Cache-Control: max-age=60`, want: "200 a", saw: "asked"},
			{reply: reply, send: "GET /a | Cache-Control: no-cache", want: first, saw: "asked"},
			last,
		})
	}
}

// The way to the variants does not end with the one that was stored last.
func TestFollowVariantsOutliveEachOther(t *testing.T) {
	t.Parallel()
	play(t, cache.Config{}, []step{
		{reply: "200 x | Cache-Control: max-age=60 | Vary: Accept", send: "GET /a | Accept: x", want: "200 x", saw: "asked"},
		{reply: "200 y | Cache-Control: max-age=5 | Vary: Accept", send: "GET /a | Accept: y", want: "200 y", saw: "asked"},
		{wait: 30 * second, reply: "500", send: "GET /a | Accept: x", want: "200 x | Cache-Status: hit; ttl=30"},
	})
}

// What the handler said before does not come back where what it says now is
// not kept.
func TestFollowANewerAnswerEndsAnOlderPage(t *testing.T) {
	t.Parallel()
	play(t, cache.Config{}, []step{
		{reply: "200 old | Cache-Control: max-age=60", want: "200 old", saw: "asked"},
		{reply: "200 new | Cache-Control: max-age=0", send: "GET /a | Cache-Control: no-cache", want: "200 new | Cache-Status: fwd=request", saw: "asked"},
		{want: "200 new | Cache-Status: fwd=miss", saw: "asked"},
	})
}

// A page that is stale is made anew once somebody has seen it, whatever the
// answers before it were.
func TestFollowRefreshesWhatWasNotStorable(t *testing.T) {
	t.Parallel()
	const lasting = " | Cache-Control: max-age=2, stale-while-revalidate=60"
	play(t, cache.Config{}, []step{
		{reply: "200 a | Cache-Control: no-store", want: "200 a", saw: "asked"},
		{reply: "200 b" + lasting, want: "200 b | Cache-Status: fwd=miss; stored", saw: "asked"},
		{wait: 3 * second, reply: "200 c" + lasting, want: "200 b | Cache-Status: hit; ttl=-1; detail=stale-while-revalidate", saw: "asked"},
		{want: "200 c | Cache-Status: hit; ttl=2"},
	})
}

// The client's own conditions are no part of a refresh that it has set off.
func TestFollowRefreshesTheWholePage(t *testing.T) {
	t.Parallel()
	play(t, cache.Config{}, []step{
		{reply: "200 abc | Cache-Control: max-age=2, stale-while-revalidate=60", want: "200 abc", saw: "asked"},
		{
			wait: 3 * second, send: `GET /a | If-None-Match: "mine" | Range: bytes=0-0 | If-Modified-Since: ` + at(-1),
			want: "206 a", saw: "asked | If-None-Match: - | If-Modified-Since: - | Range: - | If-Range: -",
		},
		{reply: "500", want: "200 abc | Cache-Status: hit; ttl=2"},
	})
}

// What middleware around the cache sets belongs to the request, and a 304 does
// not carry it into the page.
func TestFollowA304AndMiddlewareAround(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, cache.Config{Policies: []cache.Policy{{Pattern: "GET /", Class: cache.Follow, ExpiryOnly: "test"}}})
		o := &scripted{reply: `200 abc | Etag: "a" | Cache-Control: max-age=10 | Vary: Accept`}
		inner := c.Middleware(o)
		session := ""
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Vary", "Origin")
			if session != "" {
				w.Header().Set("Set-Cookie", session)
			}
			inner.ServeHTTP(w, r)
		})
		inner.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/a", http.NoBody))
		time.Sleep(10 * second)
		o.reply, session = "304", "session=hers"
		got := exchange(t.Context(), h, "GET /a")
		if got.body != "abc" || got.header.Get("Set-Cookie") != "session=hers" || got.says() != "fwd=stale; fwd-status=304; stored" {
			t.Errorf("got %+v", got)
		}
		session = ""
		got = exchange(t.Context(), h, "GET /a")
		for _, problem := range compare(got, "200 abc | Cache-Status: hit; ttl=10 | Set-Cookie: - | Vary: Origin, Accept") {
			t.Error(problem)
		}
		if got = exchange(t.Context(), h, "GET /a | Accept: x"); got.says() != "fwd=miss; detail=status" {
			t.Errorf("its Vary is lost: %+v", got)
		}
	})
}

// Concurrent requests are answered by one run only with what a stored page
// might be: fresh, and as fresh as each of them asks (RFC 9111, section 4).
func TestFollowSharesWhatMayBeReused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, fields, waiter, want string }{
		{"fresh", "Cache-Control: max-age=60 | Age: 20", "", "200 1 | Cache-Status: fwd=miss; collapsed | Age: 21"},
		{"not fresh", `Cache-Control: max-age=0 | Etag: "a"`, "", "200 2"},
		{"old on its arrival", "Cache-Control: max-age=60, stale-while-revalidate=60 | Age: 60", "", "200 2"},
		{"no-cache", `Cache-Control: no-cache, max-age=60 | Etag: "a"`, "", "200 2"},
		{"no-store", "Cache-Control: no-store", "", "200 2"},
		{"private", "Cache-Control: private, max-age=60", "", "200 2"},
		{"Set-Cookie", "Cache-Control: max-age=60 | Set-Cookie: a=b", "", "200 2"},
		{"who asks for less", "Cache-Control: max-age=60 | Age: 20", "Cache-Control: max-age=20", "200 2"},
		{"who asks for more time", "Cache-Control: max-age=60 | Age: 20", "Cache-Control: min-fresh=40", "200 2"},
		{"who asks for a page anew", "Cache-Control: max-age=60", "Cache-Control: no-cache", "200 2"},
		{"who says who he is", "Cache-Control: max-age=60", "Authorization: Bearer x", "200 2"},
		{"who says who he is, of a public page", "Cache-Control: public, max-age=60", "Authorization: Bearer x", "200 1"},
		{"another variant", "Cache-Control: max-age=60 | Vary: Accept", "Accept: x", "200 2"},
		{"the same variant", "Cache-Control: max-age=60 | Vary: Accept-Language", "Accept: x", "200 1"},
		{"a part", "Cache-Control: max-age=60", "Range: bytes=0-0", "206 1 | Content-Range: bytes 0-0/1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCache(t, cache.Config{Policies: []cache.Policy{{Pattern: "GET /", Class: cache.Follow, ExpiryOnly: "test"}}})
				var calls atomic.Int64
				h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					n := calls.Add(1)
					time.Sleep(second)
					say(w, fmt.Sprintf("200 %d | %s", n, tt.fields))
				}))
				var wg sync.WaitGroup
				wg.Go(func() { exchange(t.Context(), h, "GET /a") })
				synctest.Wait()
				for _, problem := range compare(exchange(t.Context(), h, "GET /a | "+tt.waiter), tt.want) {
					t.Error(problem)
				}
				wg.Wait()
			})
		})
	}
}

// Who waits for a run that fails gets his own stale page, where he may have
// one, or runs his own handler.
func TestFollowSharesAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, cache.Config{Policies: []cache.Policy{{Pattern: "GET /", Class: cache.Follow, ExpiryOnly: "test"}}})
		var calls atomic.Int64
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if calls.Add(1) == 1 {
				say(w, `200 a | Etag: "a" | Cache-Control: max-age=10`)
				return
			}
			time.Sleep(second)
			say(w, "503 sorry")
		}))
		exchange(t.Context(), h, "GET /a")
		time.Sleep(20 * second)
		const tolerant = "GET /a | Cache-Control: stale-if-error=60"
		sends := []string{tolerant, tolerant, "GET /a"}
		wants := []string{
			"200 a | Cache-Status: fwd=stale; fwd-status=503; detail=stale-if-error | Age: 21",
			"200 a | Cache-Status: fwd=stale; collapsed; detail=stale-if-error | Age: 21",
			"503 sorry",
		}
		var wg sync.WaitGroup
		for i, send := range sends {
			wg.Go(func() {
				for _, problem := range compare(exchange(t.Context(), h, send), wants[i]) {
					t.Errorf("%d: %s", i, problem)
				}
			})
			synctest.Wait()
		}
		wg.Wait()
		if calls.Load() != 3 {
			t.Errorf("%d calls", calls.Load())
		}
	})
}

// Requests for a part of the page, or whether one's own is still good, reach
// the handler on a miss as they are, and keep nobody else from sharing a run.
func TestFollowPartsDoNotStopSharing(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"206 a | Content-Range: bytes 0-0/4", "416 | Content-Range: bytes */4", "304"} {
		synctest.Test(t, func(t *testing.T) {
			c := newCache(t, cache.Config{Policies: []cache.Policy{{Pattern: "GET /", Class: cache.Follow, ExpiryOnly: "test"}}})
			var calls atomic.Int64
			h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Range") != "" {
					say(w, first)
					return
				}
				calls.Add(1)
				time.Sleep(second)
				say(w, "200 abcd | Cache-Control: max-age=60")
			}))
			exchange(t.Context(), h, `GET /a | Range: bytes=0-0 | If-None-Match: "a"`)
			together(10, func(int) *httptest.ResponseRecorder { return request(t.Context(), h, "/a") })
			if calls.Load() != 1 {
				t.Errorf("after %s: %d calls", first, calls.Load())
			}
		})
	}
}

// A softly purged page is served once more while it is made anew: for as long
// as it would have been served without, and not where it must not be stale.
func TestFollowSoftPurge(t *testing.T) {
	t.Parallel()
	const served, asked = "200 a | Cache-Status: hit; ttl=", "200 b | Cache-Status: fwd=stale; stored"
	tests := []struct {
		name, fields, send string
		wait               time.Duration
		want               string
	}{
		{"fresh", "max-age=60", "GET /a", 20 * second, served + "40; detail=soft-purge | Age: 20"},
		{"stale", "max-age=60", "GET /a", 70 * second, asked},
		{"stale by a little", "max-age=60, stale-while-revalidate=20", "GET /a", 70 * second, served + "-10; detail=soft-purge | Age: 70"},
		{"must-revalidate", "max-age=60, must-revalidate", "GET /a", 20 * second, asked},
		{"no-cache of the request", "max-age=60", "GET /a | Cache-Control: no-cache", 20 * second, asked},
		{"max-stale of the request is no wish for what was purged", "max-age=60", "GET /a | Cache-Control: max-stale", 70 * second, asked},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCache(t, cache.Config{Policies: []cache.Policy{{Pattern: "GET /", Class: cache.Follow, Tags: []string{"all"}}}})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go func() { _ = c.Run(ctx) }()
				o := &scripted{reply: `200 a | Etag: "a" | Cache-Control: ` + tt.fields}
				h := c.Middleware(o)
				exchange(t.Context(), h, "GET /a")
				if err := c.SoftPurge(t.Context(), "all"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(tt.wait)
				o.reply = `200 b | Etag: "b" | Cache-Control: max-age=60`
				for _, problem := range compare(exchange(t.Context(), h, tt.send), tt.want) {
					t.Error(problem)
				}
				synctest.Wait()
				if tag := o.saw.Get("If-None-Match"); tag != "" {
					t.Errorf("the handler was asked whether the purged page is still good: %s", tag)
				}
				for _, problem := range compare(exchange(t.Context(), h, "GET /a"), "200 b | Cache-Status: hit; ttl=60") {
					t.Errorf("then: %s", problem)
				}
			})
		})
	}
}

// Without Run one of the requests that find a stale page makes it anew, but
// none that asks for a stored page alone.
func TestFollowStaleWithoutRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &scripted{reply: `200 a | Cache-Control: max-age=10, stale-while-revalidate=60`}
		h := newCache(t, cache.Config{Policies: []cache.Policy{{Pattern: "GET /", Class: cache.Follow, ExpiryOnly: "test"}}}).Middleware(o)
		exchange(t.Context(), h, "GET /a")
		time.Sleep(20 * second)
		o.reply = `200 b | Cache-Control: max-age=10`
		const stale = " | Cache-Status: hit; ttl=-10; detail=stale-while-revalidate"
		for _, s := range []struct{ send, want string }{
			{"GET /a | Cache-Control: only-if-cached", "200 a" + stale},
			{"HEAD /a", "200" + stale},
			{"GET /a", "200 b | Cache-Status: fwd=stale; stored"},
			{"GET /a", "200 b | Cache-Status: hit; ttl=10"},
		} {
			for _, problem := range compare(exchange(t.Context(), h, s.send), s.want) {
				t.Errorf("%s: %s", s.send, problem)
			}
		}
	})
}

// What a handler flushes reaches the client as what is stored does later, but
// for what only the whole can tell.
func TestFollowFlush(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := cache.Policy{Pattern: "GET /", Class: cache.Follow, Vary: []string{"X-Device"}, ExpiryOnly: "test"}
		h := newCache(t, only(p)).Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			say(w, `200 ab | Cache-Control: max-age=60 | Vary: Accept | Age: 5 | Etag: "a"`)
			_ = http.NewResponseController(w).Flush()
			_, _ = io.WriteString(w, "cd")
		}))
		const same = `200 abcd | Cache-Control: max-age=60 | Vary: Accept, X-Device | Age: 5 | Etag: "a" | Cache-Status: `
		for i, want := range []string{same + "fwd=miss", same + "hit; ttl=55"} {
			for _, problem := range compare(exchange(t.Context(), h, "GET /a"), want) {
				t.Errorf("%d: %s", i, problem)
			}
		}
	})
}
