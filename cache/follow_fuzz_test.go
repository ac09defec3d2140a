package cache_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/cache"
)

// FuzzFollow runs random programs of requests, writes and changes of the
// origin, on a clock of their own, and holds every answer against the model:
// its status, its body, its age, and whether the origin was asked for it. A
// body names the target, the variant, the version and the very call of the
// origin that made it.
func FuzzFollow(f *testing.F) {
	for _, program := range followPrograms {
		f.Add([]byte(program))
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) > 200 {
			t.Skip()
		}
		holdAgainstModel(t, program)
	})
}

// Some of what the fuzz target looks for, in every run of the tests: the same
// programs each time.
func TestFollowPrograms(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(9111, 5861))
	programs := 300
	if testing.Short() {
		programs = 60
	}
	for range programs {
		program := make([]byte, 150)
		for i := range program {
			program[i] = byte(random.Uint32())
		}
		holdAgainstModel(t, program)
	}
}

// holdAgainstModel runs a program. In this process names share counters: once
// in many programs a page ends that need not, and not three times in a row.
func holdAgainstModel(t *testing.T, program []byte) {
	t.Helper()
	var problem, trace string
	for range 3 {
		synctest.Test(t, func(t *testing.T) { problem, trace = runProgram(t, program) })
		if problem == "" {
			return
		}
	}
	t.Fatalf("%s\nafter\n%s", problem, trace)
}

// followPrograms are the seeds: the letters are read as numbers.
var followPrograms = []string{
	"",
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00", // twice the same
	"\x00\x00\x00\x0a\x0b\x00\x00\x00",     // beyond its freshness
	"\x0c\x01\x00\x00\x00\x0a\x0b\x00\x00\x00\x00\x20\x00",
	"\x0d\x02\x00\x00\x00\x00\x00\x40\x00\x01\x00\x00\x80",                             // variants
	"\x0c\x09\x00\x00\x00\x0a\x06\x00\x00\x00\x00\x00\x00",                             // stale while it is made anew
	"\x0c\x0a\x00\x00\x00\x0a\x06\x0e\x01\x00\x00\x00\x0e\x00\x00\x00\x00",             // stale for an error
	"\x00\x00\x00\x0b\x00\x00\x00\x00",                                                 // a write
	"\x0d\x01\x00\x00\x00\x0e\x03\x0a\x0b\x00\x00\x00\x0e\x00\x00\x00\x00",             // a 304 with a cookie
	"\x0d\x09\x00\x00\x00\x0b\x08\x00\x00\x00\x0f\x01\x00\x00\x00\x0f\x02\x00\x00\x00", // groups and purges
}

// tape reads a program.
type tape struct {
	left  []byte
	trace strings.Builder
}

// next returns a number below n, 0 at the end of the tape.
func (t *tape) next(n int) int {
	if len(t.left) == 0 {
		return 0
	}
	b := int(t.left[0])
	t.left = t.left[1:]
	return b % n
}

func (t *tape) note(format string, args ...any) {
	_, _ = fmt.Fprintf(&t.trace, "  %s "+format+"\n", append([]any{time.Now().UTC().Format(time.TimeOnly)}, args...)...)
}

var paths = [...]string{"/a", "/a?q", "/b"}

// runProgram returns what the cache did against the model, and the program up
// to there.
func runProgram(t *testing.T, program []byte) (problem, trace string) {
	c := newCache(t, cache.Config{Policies: []cache.Policy{{Pattern: "GET /", Class: cache.Follow, Tags: []string{"t"}}}})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { _ = c.Run(ctx) }()
	synctest.Wait()
	here := &origin{status: http.StatusOK, version: map[string]int{}} // the cache's
	twin := &origin{status: http.StatusOK, version: map[string]int{}} // the model's
	both := func(change func(o *origin)) { change(here); change(twin) }
	m := &model{origin: twin, shelf: map[string]*shelf{}}
	write := ""
	h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			switch write {
			case "error":
				w.WriteHeader(http.StatusInternalServerError)
			case "location":
				w.Header().Set("Location", "http://example.com:80/b?x#y")
				w.WriteHeader(http.StatusSeeOther)
			case "foreign":
				w.Header().Set("Content-Location", "https://elsewhere.example/b")
			case "group":
				w.Header().Set("Cache-Group-Invalidation", `"x", "g";y`)
			}
			return
		}
		tag := r.Header.Get("If-None-Match")
		a := here.answer(query{method: r.Method, target: r.URL.RequestURI(), accept: r.Header.Get("Accept"), tag: tag}, time.Now())
		maps.Copy(w.Header(), a.header())
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body)
	}))
	p := &tape{left: program}
	for range 60 {
		if len(p.left) == 0 {
			break
		}
		switch op := p.next(17); op {
		default: // most often a request
			q := p.query(twin)
			p.note("%+v", q)
			want := m.get(q, time.Now())
			got := ask(t.Context(), h, q)
			synctest.Wait()
			if problem = differs(got, q, want); problem == "" && here.calls != twin.calls {
				problem = fmt.Sprintf("the origin was asked %d times, want %d", here.calls, twin.calls)
			}
			if problem != "" {
				return fmt.Sprintf("%s\nwant %+v\ngot  %d %q %v", problem, want, got.status, got.body, got.header), p.trace.String()
			}
		case 10:
			d := time.Duration(p.next(16)) * time.Second
			p.note("%s pass", d)
			time.Sleep(d)
		case 11:
			target := paths[p.next(len(paths))]
			write = [...]string{"", "error", "location", "foreign", "group", ""}[p.next(6)]
			p.note("POST %s %s", target, write)
			path, _, _ := strings.Cut(target, "?")
			both(func(o *origin) { o.version[path]++ })
			exchange(t.Context(), h, "POST "+target)
			if write != "error" {
				m.written(path)
			}
			switch write {
			case "location":
				m.written("/b")
			case "group":
				m.each(func(r *record) {
					if r.grouped {
						m.forget(r)
					}
				})
			}
		case 12:
			n := p.next(len(controls))
			p.note("Cache-Control: %s", controls[n].line)
			both(func(o *origin) { o.control = n })
		case 13:
			n := p.next(64)
			both(func(o *origin) {
				o.tag, o.varies, o.weak, o.grouped, o.star = n&1 > 0, n&2 > 0, n&4 > 0, n&8 > 0, n&48 == 48
			})
			p.note("%+v", *twin)
		case 14:
			n := p.next(64)
			both(func(o *origin) {
				o.status = [...]int{200, 500, 404, 200}[n&3]
				o.cookie, o.expires, o.age = n&3 == 3, n&4 > 0, [...]int{0, 0, 3, 7}[n>>3&3]
			})
			p.note("%+v", *twin)
		case 15:
			switch p.next(6) {
			case 0:
				p.note("Purge")
				_ = c.Purge(t.Context(), "t")
				clear(m.shelf)
			case 1, 2:
				p.note("SoftPurge")
				_ = c.SoftPurge(t.Context(), "t")
				m.each(func(r *record) { r.soft = true })
			default:
				n := p.next(2)
				path := [...]string{"/a", "/b"}[n]
				p.note("%s changes", path)
				both(func(o *origin) { o.version[path]++ })
			}
		case 16:
			n := p.next(len(targets))
			p.note("CDN-Cache-Control: %s", targets[n].line)
			both(func(o *origin) { o.target = n })
		}
	}
	return "", ""
}

// query reads a request. Most of them are plain.
func (t *tape) query(o *origin) query {
	a, b := t.next(256), t.next(256)
	q := query{
		method: http.MethodGet, target: paths[a&3%len(paths)], accept: [...]string{"", "", "x", "y"}[a>>6],
		part: b&3 == 1, auth: b&12 == 4, cookie: b&48 == 48 && b&12 == 12,
		directive: requests[0],
	}
	if a&12 == 12 {
		q.method = http.MethodHead
	}
	if a&48 == 48 {
		q.directive = requests[b%len(requests)]
	}
	if b&192 == 192 { // it has the page, or an older one
		path, _, _ := strings.Cut(q.target, "?")
		of := ""
		if o.varies {
			of = q.accept
		}
		q.tag = fmt.Sprintf(`"%s%s.%d"`, q.target, of, o.version[path]-a>>4&1)
	}
	return q
}

// ask sends a query through h.
func ask(ctx context.Context, h http.Handler, q query) answer {
	r := httptest.NewRequestWithContext(ctx, q.method, q.target, http.NoBody)
	for name, value := range map[string]string{"Accept": q.accept, "If-None-Match": q.tag, "Cache-Control": q.directive.line} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	for name, on := range map[string]bool{"Range": q.part, "Authorization": q.auth, "Cookie": q.cookie} {
		if on {
			r.Header.Set(name, map[string]string{"Range": "bytes=0-3", "Authorization": "Bearer x", "Cookie": "a=b"}[name])
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return answer{status: w.Code, header: w.Header(), body: w.Body.String()}
}

// differs returns in what an answer is not the model's.
func differs(got answer, q query, want outcome) string {
	says := got.says()
	how := "miss"
	switch {
	case strings.HasPrefix(says, "hit"):
		how = "hit"
	case strings.HasPrefix(says, "fwd=bypass"):
		how = "pass"
	}
	age := 0
	if text := got.header.Get("Age"); text != "" {
		if _, err := fmt.Sscanf(text, "%d", &age); err != nil {
			return "an age that is none"
		}
	}
	switch {
	case how != want.how:
		return "it is no " + want.how
	case got.status != want.status:
		return "another status"
	case q.method != http.MethodHead && want.status != http.StatusGatewayTimeout && got.body != want.body:
		return "another body"
	case age != want.age:
		return fmt.Sprintf("its age is %d", age)
	case strings.HasSuffix(says, "; stored") != want.stored:
		return "stored, or not"
	case want.how == "hit" && len(got.header["Set-Cookie"]) > 0:
		return "somebody's own"
	default:
		return ""
	}
}
