package cache_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// This file is RFC 9111 in its simplest words, for requests that come one
// after the other: what a shared cache that stores all it may answers. It reads
// no header: what a line of Cache-Control means stands beside the line.

// words is what a response says about its use.
type words struct {
	noStore, private, noCache, must, public bool
	life                                    int // seconds; negative where it says nothing
	swr, sie                                int // stale-while-revalidate and stale-if-error, in seconds
}

// controls are the Cache-Control lines of the origin.
var controls = []struct {
	line string
	is   words
}{
	{"max-age=10", words{life: 10}},
	{"x-nothing", words{life: -1}},
	{"max-age=30, s-maxage=5", words{life: 5, must: true}},
	{"max-age=10, no-store", words{life: 10, noStore: true}},
	{"private, max-age=30", words{life: 30, private: true}},
	{"no-cache, max-age=30", words{life: 30, noCache: true}},
	{"max-age=0", words{}},
	{"must-revalidate, max-age=10", words{life: 10, must: true}},
	{"public, max-age=10", words{life: 10, public: true}},
	{"max-age=5, stale-while-revalidate=10", words{life: 5, swr: 10}},
	{"max-age=5, stale-if-error=20", words{life: 5, sie: 20}},
	{"max-age=20, public, stale-while-revalidate=5, stale-if-error=30", words{life: 20, public: true, swr: 5, sie: 30}},
}

// targets are the CDN-Cache-Control lines of the origin. Of the first it has
// none, the next two count for nothing.
var targets = []struct {
	line  string
	valid bool
	is    words
}{
	{},
	{line: ""},
	{line: "no-store, ("},
	{"max-age=20", true, words{life: 20}},
	{"no-store", true, words{life: -1, noStore: true}},
	{"max-age=5, public", true, words{life: 5, public: true}},
	{"stale-while-revalidate=9", true, words{life: -1, swr: 9}},
}

// query is one request.
type query struct {
	method, target, accept string
	tag                    string // of If-None-Match
	part, auth, cookie     bool   // Range: bytes=0-3, Authorization, Cookie
	directive              directive
}

// directive is what a request asks of a cache, in seconds; negative is nothing.
type directive struct {
	line                                   string
	noCache, noStore, only                 bool
	maxAge, minFresh, maxStale, staleError int
}

var requests = []directive{
	{"", false, false, false, -1, -1, -1, 0},
	{"no-cache", true, false, false, -1, -1, -1, 0},
	{"max-age=0", false, false, false, 0, -1, -1, 0},
	{"max-age=7", false, false, false, 7, -1, -1, 0},
	{"min-fresh=6", false, false, false, -1, 6, -1, 0},
	{"max-stale", false, false, false, -1, -1, 1 << 30, 0},
	{"max-stale=8", false, false, false, -1, -1, 8, 0},
	{"only-if-cached", false, false, true, -1, -1, -1, 0},
	{"no-store", false, true, false, -1, -1, -1, 0},
	{"stale-if-error=15", false, false, false, -1, -1, -1, 15},
	{"no-cache, stale-if-error=15", true, false, false, -1, -1, -1, 15},
	{"only-if-cached, max-stale=8", false, false, true, -1, -1, 8, 0},
}

// origin is the handler behind the cache: what it says now, and how often it
// was asked. It answers a query as HTTP has it, without Range.
type origin struct {
	control, target          int // of controls and targets
	age                      int // seconds; 0 is no Age
	expires, varies, cookie  bool
	star, grouped, weak, tag bool
	status                   int
	version                  map[string]int // of each path
	calls                    int
}

// said is one answer of the origin.
type said struct {
	status          int
	body, tag       string
	control, target int
	age             int
	expires         time.Time // zero where it has none
	varies, cookie  bool
	star, grouped   bool
}

// answer returns what the origin says to a query.
func (o *origin) answer(q query, now time.Time) said {
	o.calls++
	path, _, _ := strings.Cut(q.target, "?")
	a := said{
		status: o.status, control: o.control, target: o.target, age: o.age,
		varies: o.varies, cookie: o.cookie, star: o.star, grouped: o.grouped,
	}
	of := ""
	if o.varies {
		of = q.accept
	}
	if o.expires {
		a.expires = now.Add(15 * time.Second)
	}
	if o.tag {
		a.tag = fmt.Sprintf("%q", q.target+of+"."+strconv.Itoa(o.version[path]))
		if o.weak {
			a.tag = "W/" + a.tag
		}
	}
	a.body = fmt.Sprintf("%s %s v%d #%d", q.target, of, o.version[path], o.calls)
	if o.status == http.StatusOK && sameTag(q.tag, a.tag) {
		a.status, a.body = http.StatusNotModified, ""
	}
	return a
}

// header is what the answer says of itself as HTTP writes it.
func (a said) header() http.Header {
	h := http.Header{"Cache-Control": {controls[a.control].line}}
	if a.target > 0 {
		h.Set("CDN-Cache-Control", targets[a.target].line)
	}
	if a.age > 0 {
		h.Set("Age", strconv.Itoa(a.age))
	}
	if !a.expires.IsZero() {
		h.Set("Expires", a.expires.UTC().Format(http.TimeFormat))
	}
	if a.tag != "" {
		h.Set("ETag", a.tag)
	}
	if a.varies {
		h.Add("Vary", "Accept")
	}
	if a.star {
		h.Add("Vary", "Origin , *")
	}
	if a.cookie {
		h.Set("Set-Cookie", "session=hers")
	}
	if a.grouped {
		h.Set("Cache-Groups", `"g"`)
	}
	return h
}

func sameTag(a, b string) bool {
	return a != "" && strings.TrimPrefix(a, "W/") == strings.TrimPrefix(b, "W/")
}

// record is a stored response.
type record struct {
	said
	born, received time.Time
	soft           bool // it was softly purged
}

// is returns what the response says to a shared cache.
func (r *record) is() words {
	if t := targets[r.target]; t.valid {
		return t.is
	}
	is := controls[r.control].is
	if is.life < 0 && !r.expires.IsZero() {
		is.life = max(0, int(r.expires.Sub(r.received)/time.Second))
	}
	return is
}

func (r *record) age(now time.Time) int { return int(now.Sub(r.born) / time.Second) }

// left is for how long the response stays fresh.
func (r *record) left(now time.Time) int { return max(0, r.is().life) - r.age(now) }

// kept reports whether the response is there still: what cannot be asked about
// goes as soon as it cannot be served.
func (r *record) kept(now time.Time) bool {
	is := r.is()
	return r.tag != "" || r.left(now)+max(is.swr, is.sie) > 0
}

// storable reports whether the response to q may be stored.
func (r *record) storable(q query) bool {
	is := r.is()
	return (r.status == http.StatusOK || r.status == http.StatusNotFound) &&
		!is.noStore && !is.private && !r.cookie && !r.star &&
		(!q.auth || is.public) && (is.life >= 0 || r.tag != "")
}

// shelf is what is stored for one target: one response for all, or one for
// each Accept, whichever came last.
type shelf struct {
	varies  bool
	all     *record
	variant map[string]*record
}

// model is the cache.
type model struct {
	origin *origin
	shelf  map[string]*shelf
}

// outcome is what a client must get.
type outcome struct {
	status int
	body   string
	age    int    // 0 is none, or "0"
	how    string // "hit", "miss" or "pass"
	stored bool
}

func (m *model) at(target string) *shelf {
	if m.shelf[target] == nil {
		m.shelf[target] = &shelf{variant: map[string]*record{}}
	}
	return m.shelf[target]
}

// find returns the stored response for q, nil where there is none.
func (m *model) find(q query, now time.Time) *record {
	s := m.at(q.target)
	r := s.all
	if s.varies {
		r = s.variant[q.accept]
	}
	if r == nil || !r.kept(now) || q.auth && !r.is().public {
		return nil
	}
	return r
}

func (m *model) forget(old *record) {
	for _, s := range m.shelf {
		if s.all == old {
			s.all = nil
		}
		for accept, r := range s.variant {
			if r == old {
				delete(s.variant, accept)
			}
		}
	}
}

// get answers a GET or a HEAD.
func (m *model) get(q query, now time.Time) outcome {
	if q.cookie {
		return m.pass(q, now)
	}
	r := m.find(q, now)
	use := "ask"
	if r != nil {
		use = r.use(q.directive, now)
	}
	switch {
	case use == "serve":
		return r.serve(q, now, "hit", false)
	case use == "serve and refresh" && !q.directive.noStore:
		out := r.serve(q, now, "hit", false)
		again := q
		again.tag, again.directive = "", directive{}
		m.ask(again, r, now, true)
		return out
	case q.directive.only, q.directive.noStore, q.method == http.MethodHead:
		return m.pass(q, now)
	default:
		return m.ask(q, r, now, false)
	}
}

// use says what may be done with a stored response.
func (r *record) use(d directive, now time.Time) string {
	is, age, left := r.is(), r.age(now), r.left(now)
	switch {
	case is.noCache, d.noCache, d.maxAge >= 0 && age > d.maxAge, d.minFresh > 0 && left < d.minFresh:
		return "ask"
	case left > 0 && !r.soft:
		return "serve"
	case is.must:
		return "ask"
	case r.soft && left+is.swr > 0:
		return "serve and refresh"
	case r.soft:
		return "ask"
	case left+d.maxStale >= 0 && d.maxStale >= 0:
		return "serve"
	case left+is.swr > 0 && d.maxAge < 0:
		return "serve and refresh"
	default:
		return "ask"
	}
}

// pass sends a query past the cache.
func (m *model) pass(q query, now time.Time) outcome {
	if q.directive.only {
		return outcome{status: http.StatusGatewayTimeout, how: "pass"}
	}
	a := m.origin.answer(q, now)
	return outcome{status: a.status, body: a.body, age: a.age, how: "pass"}
}

// ask sends a query to the origin, with the tag of what is stored if there is
// one, and stores what it may of the answer.
func (m *model) ask(q query, old *record, now time.Time, background bool) outcome {
	asked := q
	validates := old != nil && old.tag != "" && !old.soft
	if validates {
		asked.tag = old.tag
	}
	a := m.origin.answer(asked, now)
	r := &record{said: a, received: now, born: now.Add(-time.Duration(a.age) * time.Second)}
	switch {
	case a.status == http.StatusNotModified && validates:
		r.status, r.body = old.status, old.body
		r.grouped = r.grouped || old.grouped
		r.varies = r.varies || old.varies
		if r.target == 0 {
			r.target = old.target
		}
		if r.expires.IsZero() {
			r.expires = old.expires
		}
		if !r.storable(q) {
			m.forget(old)
			return r.serve(q, now, "miss", false)
		}
	case a.status == http.StatusInternalServerError && old != nil && (background || old.standsIn(q.directive, now)):
		return old.serve(q, now, "miss", false)
	case a.status == http.StatusNotModified, !r.storable(q):
		if old != nil && a.status < 500 && a.status != http.StatusNotModified {
			m.forget(old)
		}
		return outcome{status: a.status, body: a.body, age: a.age, how: "miss"}
	}
	stored := r.kept(now)
	switch s := m.at(q.target); {
	case !stored && old != nil:
		m.forget(old)
	case !stored:
	case r.varies:
		s.varies, s.all = true, nil
		s.variant[q.accept] = r
	default:
		s.varies, s.all = false, r
	}
	return r.serve(q, now, "miss", stored)
}

// standsIn reports whether the stored response may be served for an error.
func (r *record) standsIn(d directive, now time.Time) bool {
	is := r.is()
	most := max(is.sie, d.staleError)
	return !is.must && !is.noCache && (most > 0 || r.soft) && r.left(now)+most > 0
}

// serve answers a query from a response: the client may have it already, and
// may want a part of it.
func (r *record) serve(q query, now time.Time, how string, stored bool) outcome {
	out := outcome{status: r.status, body: r.body, age: r.age(now), how: how, stored: stored}
	switch {
	case r.status != http.StatusOK:
	case sameTag(q.tag, r.tag):
		out.status, out.body = http.StatusNotModified, ""
	case q.part && q.method == http.MethodGet:
		out.status, out.body = http.StatusPartialContent, r.body[:4]
	}
	return out
}

// written ends everything that is stored for a path.
func (m *model) written(path string) {
	for target := range m.shelf {
		if of, _, _ := strings.Cut(target, "?"); of == path {
			delete(m.shelf, target)
		}
	}
}

// each calls f with every stored response.
func (m *model) each(f func(*record)) {
	for _, s := range m.shelf {
		if s.all != nil {
			f(s.all)
		}
		for _, r := range s.variant {
			f(r)
		}
	}
}
