package cache_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/internal/conditional"
)

// revalidated is a Config with one policy of the class Revalidate, fresh for a
// minute.
func revalidated(change func(*cache.Policy)) cache.Config {
	p := cache.Policy{Pattern: "GET /page/{id}", Class: cache.Revalidate, TTL: time.Minute, Tags: []string{"page:{id}"}}
	change(&p)
	return cache.Config{Policies: []cache.Policy{p}}
}

// told is the Cache-Status of an answer without our name.
func told(w *httptest.ResponseRecorder) string {
	return strings.TrimPrefix(strings.Join(w.Header().Values("Cache-Status"), ", "), "readiness; ")
}

// expect fails unless the answer has that body and begins its Cache-Status so.
func expect(t *testing.T, w *httptest.ResponseRecorder, body, says string) {
	t.Helper()
	if w.Body.String() != body || !strings.HasPrefix(told(w), says) {
		t.Errorf("got %d %q, which says %q; want %q and %q", w.Code, w.Body, told(w), body, says)
	}
}

func TestRevalidateHasAStrongTagOfTheBody(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, given, body string }{
		{"none", "", "one"},
		{"a weak one", `W/"mine"`, "one"},
		{"a malformed one", `mine`, "one"},
		{"another body", "", "two"},
		{"its own", `"mine"`, "one"},
	}
	tags := map[string]string{}
	for _, tt := range tests { // in turn: they compare their tags
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, revalidated(func(p *cache.Policy) { p.StaleIfError = time.Minute }), func(w http.ResponseWriter, _ *http.Request) {
				if tt.given != "" {
					w.Header().Set("Etag", tt.given)
				}
				w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
				_, _ = io.WriteString(w, tt.body)
			})
			tag := s.get("/page/1").header.Get("Etag")
			tags[tt.name] = tag
			if !conditional.StrongTag(tag) {
				t.Errorf("got the tag %s", tag)
			}
			for condition, status := range map[string]int{
				"If-None-Match: " + tag:                               304,
				"If-None-Match: W/" + tag:                             304,
				`If-None-Match: "other"`:                              200,
				"If-Modified-Since: Mon, 02 Jan 2006 15:04:05 GMT":    304,
				"If-Modified-Since: Mon, 02 Jan 2006 15:04:04 GMT":    200,
				"If-Modified-Since: Monday, 02-Jan-06 15:04:05 GMT":   304,
				"If-Modified-Since: yesterday":                        200,
				"If-Range: " + tag + "\nRange: bytes=1-1":             206,
				"If-Range: W/" + tag + "\nRange: bytes=1-1":           200,
				"If-None-Match: \"other\"\nRange: bytes=1-1":          206,
				"Range: bytes=99-":                                    416,
				"If-None-Match: " + tag + "\nRange: bytes=99-":        304,
				"If-None-Match: \"x\"\nIf-Modified-Since: " + httpNow: 200,
			} {
				got := s.get("/page/1", strings.Split(condition, "\n")...)
				if got.status != status || !strings.HasPrefix(got.says(), "hit") || status == 206 && got.body != tt.body[1:2] {
					t.Errorf("%q: got %d %q, which says %q; want %d", condition, got.status, got.body, got.says(), status)
				}
			}
			s.expectCalls(1)
		})
	}
	if tags["its own"] != `"mine"` || tags["none"] != tags["a weak one"] || tags["none"] != tags["a malformed one"] || tags["none"] == tags["another body"] {
		t.Errorf("got %q", tags)
	}
}

// httpNow is later than any Last-Modified of these tests.
const httpNow = "Fri, 01 Jan 2100 00:00:00 GMT"

// The handler of a miss makes the whole page, whatever the client asks for, and
// the client gets what it asked for.
func TestAMissIsAskedForTheWholePage(t *testing.T) {
	t.Parallel()
	const body = "0123456789"
	tests := []struct {
		name, headers string
		status        int
		body          string
	}{
		{"plain", "Accept: */*", 200, body},
		{"If-None-Match", `If-None-Match: "mine"`, 304, ""},
		{"If-None-Match of another", `If-None-Match: "other"`, 200, body},
		{"If-Modified-Since", "If-Modified-Since: " + httpNow, 304, ""},
		{"Range", "Range: bytes=2-4", 206, "234"},
		{"the end", "Range: bytes=-3", 206, "789"},
		{"Range and If-Range", "Range: bytes=2-4\nIf-Range: \"mine\"", 206, "234"},
		{"If-Range of another", "Range: bytes=2-4\nIf-Range: \"other\"", 200, body},
		{"beyond", "Range: bytes=10-", 416, ""},
		{"several", "Range: bytes=0-0,2-2", 200, body},
	}
	for _, class := range []cache.Class{cache.ShortCache, cache.Revalidate} {
		for _, tt := range tests {
			t.Run(class.String()+", "+tt.name, func(t *testing.T) {
				t.Parallel()
				seen := make(chan http.Header, 1)
				cfg := revalidated(func(p *cache.Policy) {
					if p.Class = class; class == cache.Revalidate {
						p.StaleWhileRevalidate = time.Minute
					}
				})
				c := newCache(t, cfg)
				inner := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					seen <- r.Header.Clone()
					w.Header().Set("Etag", `"mine"`)
					w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
					http.ServeContent(w, r, "page.txt", time.Time{}, strings.NewReader(body))
				}))
				headers := strings.Split(tt.headers, "\n")
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					inner.ServeHTTP(w, r)
					if r.Header.Get("X-First") == "" {
						return
					}
					for _, line := range headers {
						if name, value, _ := strings.Cut(line, ": "); r.Header.Get(name) != value {
							t.Errorf("the request outside has lost its %s", name)
						}
					}
				}))
				t.Cleanup(server.Close)
				s := &site{t: t, cache: c, server: server}
				got := s.get("/page/1", append(headers, "X-First: 1")...)
				if got.status != tt.status || got.body != tt.body || got.says() != "fwd=miss; stored" {
					t.Errorf("got %d %q, which says %q", got.status, got.body, got.says())
				}
				h := <-seen
				for _, name := range []string{"If-None-Match", "If-Modified-Since", "Range", "If-Range"} {
					if h[name] != nil {
						t.Errorf("the handler saw %s: %q", name, h[name])
					}
				}
				if got := s.get("/page/1"); got.body != body || !strings.HasPrefix(got.says(), "hit") {
					t.Errorf("then: %q, which says %q", got.body, got.says())
				}
			})
		}
	}
}

// What a ServeMux behind the cache notes in its request is seen by who stands
// before the cache, such as a tracer, on whichever way the handler ran.
func TestThePatternOfTheRouterIsSeenOutside(t *testing.T) {
	t.Parallel()
	for _, class := range []cache.Class{cache.NoCache, cache.ShortCache, cache.Revalidate, cache.Follow, cache.Immutable} {
		for _, header := range []string{"Accept: */*", `If-None-Match: "x"`, "Range: bytes=0-0", "Cookie: a=1"} {
			t.Run(class.String()+", "+header, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := cache.Policy{Pattern: "GET /page/{id}", Class: class}
					switch class {
					case cache.ShortCache:
						p.TTL, p.ExpiryOnly = time.Second, "a test"
					case cache.Revalidate:
						p.TTL, p.StaleIfError, p.ExpiryOnly = time.Second, time.Minute, "a test"
					case cache.Follow:
						p.ExpiryOnly = "a test"
					}
					router := http.NewServeMux()
					router.HandleFunc("GET /page/{number}", func(w http.ResponseWriter, r *http.Request) {
						w.Header().Set("Cache-Control", "max-age=1")
						w.Header().Set("Etag", `"mine"`)
						_, _ = io.WriteString(w, r.PathValue("number"))
					})
					inner := newCache(t, cache.Config{Policies: []cache.Policy{p}}).Middleware(router)
					outer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						inner.ServeHTTP(w, r)
						if r.Pattern != "GET /page/{number}" {
							t.Errorf("the pattern is %q; %v", r.Pattern, w.Header())
						}
					})
					request(t.Context(), outer, "/page/1", header)
					time.Sleep(2 * time.Second) // what is stored is stale now
					request(t.Context(), outer, "/page/1", header)
				})
			})
		}
	}
}

func TestStaleIfError(t *testing.T) {
	t.Parallel()
	const window = time.Hour
	tests := []struct {
		name    string
		status  int
		age     time.Duration
		rescued bool
		kept    bool // the stale page is still there for the next failure
	}{
		{"500", 500, 2 * time.Minute, true, true},
		{"502", 502, 2 * time.Minute, true, true},
		{"503", 503, 2 * time.Minute, true, true},
		{"504", 504, 2 * time.Minute, true, true},
		{"as soon as it is stale", 500, time.Minute, true, true},
		{"to the end of the window", 500, time.Minute + window - 2, true, true},
		{"at the end of the window", 500, time.Minute + window, false, false},
		{"501", 501, 2 * time.Minute, false, true},
		{"505", 505, 2 * time.Minute, false, true},
		{"404 ends the page", 404, 2 * time.Minute, false, false},
		{"410 ends the page", 410, 2 * time.Minute, false, false},
		{"401 ends the page", 401, 2 * time.Minute, false, false},
		{"302 ends the page", 302, 2 * time.Minute, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				status := 200
				h := newCache(t, revalidated(func(p *cache.Policy) { p.StaleIfError = window })).Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if status == 200 {
						w.Header().Set("X-Page", "1")
						_, _ = io.WriteString(w, "page")
						return
					}
					w.Header().Set("Set-Cookie", "secret=1")
					w.Header().Set("X-Error", "secret")
					w.Header().Set(http.TrailerPrefix+"X-Error", "secret")
					w.WriteHeader(status)
					_ = http.NewResponseController(w).Flush()
					_, _ = io.WriteString(w, "secret ")
					_, _ = io.Copy(w, strings.NewReader("secret"))
				}))
				request(t.Context(), h, "/page/1")
				time.Sleep(tt.age)
				status = tt.status
				w := request(t.Context(), h, "/page/1")
				if !tt.rescued {
					if w.Code != tt.status || w.Body.String() != "secret secret" || w.Header().Get("X-Error") == "" {
						t.Errorf("the handler's own answer became %d %q %v", w.Code, w.Body, w.Header())
					}
				} else {
					expect(t, w, "page", fmt.Sprintf("fwd=stale; fwd-status=%d; detail=stale-if-error", tt.status))
					if w.Code != 200 || w.Header().Get("Age") != fmt.Sprint(int(tt.age.Seconds())) || w.Header().Get("X-Page") != "1" {
						t.Errorf("got %d %v", w.Code, w.Header())
					}
					if text := fmt.Sprint(w.Header(), w.Result().Trailer); strings.Contains(text, "secret") {
						t.Errorf("the failing answer leaks: %s", text)
					}
				}
				if tt.age > window {
					return
				}
				status = 500
				time.Sleep(cache.AloneFor)
				if w := request(t.Context(), h, "/page/1"); (w.Body.String() == "page") != tt.kept {
					t.Errorf("then: %d %q", w.Code, w.Body)
				}
				status = 200
				time.Sleep(cache.AloneFor)
				expect(t, request(t.Context(), h, "/page/1"), "page", "fwd=")
				expect(t, request(t.Context(), h, "/page/1"), "page", "hit; ttl=")
			})
		})
	}
}

// Who waits for a run that fails gets the stale page, too, with its age: a
// browser that was told max-age would keep it from now on otherwise.
func TestStaleIfErrorOfThoseWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		c := newCache(t, revalidated(func(p *cache.Policy) { p.StaleIfError, p.ClientTTL = time.Hour, time.Hour }))
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if calls.Add(1) > 1 {
				time.Sleep(time.Second)
				http.Error(w, "secret", http.StatusServiceUnavailable)
				return
			}
			_, _ = io.WriteString(w, "page")
		}))
		request(t.Context(), h, "/page/1")
		time.Sleep(2 * time.Minute)
		collapsed := 0
		for _, w := range together(20, func(int) *httptest.ResponseRecorder { return request(t.Context(), h, "/page/1") }) {
			if w.Body.String() != "page" || w.Header().Get("Age") != "121" && w.Header().Get("Age") != "120" || !strings.HasSuffix(told(w), "detail=stale-if-error") {
				t.Errorf("got %d %q %v", w.Code, w.Body, w.Header())
			}
			if strings.Contains(told(w), "collapsed") {
				collapsed++
			}
		}
		if calls.Load() != 2 || collapsed != 19 {
			t.Errorf("%d calls, %d collapsed", calls.Load(), collapsed)
		}
		if got := c.Snapshot().Policies[0]; got.Stale != 20 || got.Misses != 1 {
			t.Errorf("counted %+v", got)
		}
	})
}

// The window is that of each request: a run that began before its end, in the
// background or not, saves nobody who has come after it.
func TestStaleIfErrorIsNotStretchedByARun(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		while, window time.Duration
		run           bool
		first, second time.Duration // ages of the page
		rescued       bool          // the second request
	}{
		{"a refresh in the background, no window", 10 * time.Second, 0, true, 69 * time.Second, 71 * time.Second, false},
		{"a refresh in the background, a window", 10 * time.Second, time.Minute, true, 69 * time.Second, 71 * time.Second, true},
		{"a run before the end of the window", 0, 10 * time.Second, false, 69 * time.Second, 71 * time.Second, false},
		{"within the window", 0, 20 * time.Second, false, 69 * time.Second, 71 * time.Second, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var calls atomic.Int64
				// Kept for an hour by its Version, which never says that it is good.
				c := newCache(t, revalidated(func(p *cache.Policy) {
					p.StaleWhileRevalidate, p.StaleIfError = tt.while, tt.window
					p.Version = func(*http.Request) (string, error) { return fmt.Sprint(time.Now().UnixNano()), nil }
				}))
				if tt.run {
					running(t, c)
				}
				h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if calls.Add(1) > 1 {
						time.Sleep(4 * time.Second)
						w.WriteHeader(http.StatusInternalServerError)
						return
					}
					_, _ = io.WriteString(w, "page")
				}))
				begin := time.Now()
				request(t.Context(), h, "/page/1")
				answers := together(2, func(i int) *httptest.ResponseRecorder {
					time.Sleep(time.Until(begin.Add([]time.Duration{tt.first, tt.second}[i])))
					return request(t.Context(), h, "/page/1")
				})
				expect(t, answers[0], "page", "")
				if rescued := answers[1].Body.String() == "page"; rescued != tt.rescued {
					t.Errorf("the second: %d, %s", answers[1].Code, told(answers[1]))
				}
			})
		})
	}
}

// What a handler makes of a stale page counts: where it may not be stored, the
// stale page has ended, and nobody gets it any more.
func TestAnAnswerThatIsNotStorableEndsTheStalePage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer http.HandlerFunc
		ends   bool
	}{
		{"no-store", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Cache-Control", "no-store") }, true},
		{"private", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Cache-Control", "private") }, true},
		{"a cookie", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Set-Cookie", "a=b") }, true},
		{"Vary: *", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Vary", "*") }, true},
		{"404", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, true},
		{"a redirect", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(303) }, true},
		{"too large", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", 101)) }, true},
		{"501", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(501) }, false},
		{"500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, false},
		{"a panic", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, false},
	}
	for _, tt := range tests {
		for _, run := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, Run %t", tt.name, run), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					cfg := revalidated(func(p *cache.Policy) { p.StaleWhileRevalidate = time.Hour })
					cfg.MaxBody = 100
					c := newCache(t, cfg)
					if run {
						running(t, c)
					}
					var calls int
					h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if calls++; calls == 2 {
							tt.answer(w, r)
							return
						}
						_, _ = fmt.Fprint(w, calls)
					}))
					request(t.Context(), h, "/page/1")
					time.Sleep(2 * time.Minute)
					func() {
						defer func() { _ = recover() }()
						request(t.Context(), h, "/page/1")
					}()
					synctest.Wait()
					want, says := "1", "hit; ttl=-60; detail=stale-while-revalidate"
					switch {
					case tt.ends:
						want, says = "3", "fwd=miss"
					case !run: // this request makes it anew itself
						want, says = "3", "fwd=stale; stored"
					}
					expect(t, request(t.Context(), h, "/page/1"), want, says)
				})
			})
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	type step struct {
		wait       time.Duration
		version    string
		fails      bool
		body, says string
	}
	const minute = time.Minute
	tests := []struct {
		name  string
		steps []step
	}{
		{"the same is good for another TTL", []step{
			{0, "a", false, "1", "fwd=miss; stored"},
			{minute - 1, "b", false, "1", "hit; ttl=0"}, // nobody asks for a fresh page
			{1, "a", false, "1", "hit; detail=version"},
			{minute - 1, "b", false, "1", "hit; ttl=0"},
			{2 * minute, "a", false, "1", "hit; detail=version"},
		}},
		{"another one makes the handler run", []step{
			{0, "a", false, "1", "fwd=miss; stored"},
			{minute, "b", false, "2", "fwd=stale; stored"},
			{minute, "b", false, "2", "hit; detail=version"},
			{minute, "a", false, "3", "fwd=stale; stored"},
		}},
		{"an error makes the handler run", []step{
			{0, "a", false, "1", "fwd=miss; stored"},
			{minute, "a", true, "2", "fwd=stale; stored"},
			{minute, "a", false, "3", "fwd=stale; stored"}, // the second page has no version
			{minute, "a", false, "3", "hit; detail=version"},
		}},
		{"an empty one makes the handler run", []step{
			{0, "", false, "1", "fwd=miss; stored"},
			{minute, "", false, "2", "fwd=stale; stored"},
			{minute, "a", false, "3", "fwd=stale; stored"},
			{minute, "", false, "4", "fwd=stale; stored"},
		}},
		{"a day at most in all", []step{
			{0, "a", false, "1", "fwd=miss; stored"},
			{12 * time.Hour, "a", false, "1", "hit; detail=version"},
			{12*time.Hour - 1, "a", false, "1", "hit; detail=version"},
			{1, "a", false, "2", "fwd=miss; stored"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var now step
				var calls int
				core, logs := observer.New(zap.InfoLevel)
				cfg := revalidated(func(p *cache.Policy) {
					p.Version = func(r *http.Request) (string, error) {
						if r.PathValue("id") != "1" {
							t.Errorf("the wildcard is %q", r.PathValue("id"))
						}
						r.Header.Set("X-Mine", "1") // it has a copy
						if now.fails {
							return now.version, errors.New("secret: database")
						}
						return now.version, nil
					}
				})
				cfg.Logger = zap.New(core)
				h := newCache(t, cfg).Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Header.Get("X-Mine") != "" {
						t.Error("Version has changed the handler's request")
					}
					calls++
					_, _ = fmt.Fprint(w, calls)
				}))
				for i, s := range tt.steps {
					now = s
					time.Sleep(s.wait)
					w := request(t.Context(), h, "/page/1")
					if w.Body.String() != s.body || told(w) != s.says {
						t.Errorf("step %d: got %q, which says %q; want %q, %q", i, w.Body, told(w), s.body, s.says)
					}
				}
				if text := fmt.Sprint(logs.All()); strings.Contains(text, "secret") {
					t.Errorf("the log holds the error: %s", text)
				}
			})
		})
	}
}

// A version that is read after the handler would name a page that was made
// before the write.
func TestVersionIsReadBeforeTheHandler(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var row atomic.Int64
		h := newCache(t, revalidated(func(p *cache.Policy) {
			p.Version = func(*http.Request) (string, error) { return fmt.Sprint("v", row.Load()), nil }
		})).Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			read := row.Load()
			if read == 0 {
				row.Store(1) // somebody writes while the page is made
			}
			_, _ = fmt.Fprint(w, read)
		}))
		expect(t, request(t.Context(), h, "/page/1"), "0", "fwd=miss")
		time.Sleep(time.Minute)
		expect(t, request(t.Context(), h, "/page/1"), "1", "fwd=stale")
		time.Sleep(time.Minute)
		expect(t, request(t.Context(), h, "/page/1"), "1", "hit; detail=version")
	})
}

func TestVersionIsAskedOnceForConcurrentRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var versions, calls atomic.Int64
		h := newCache(t, revalidated(func(p *cache.Policy) {
			p.Version = func(*http.Request) (string, error) {
				versions.Add(1)
				time.Sleep(time.Second)
				return "a", nil
			}
		})).Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			calls.Add(1)
			_, _ = io.WriteString(w, "page")
		}))
		for range 3 {
			for _, w := range together(50, func(int) *httptest.ResponseRecorder { return request(t.Context(), h, "/page/1") }) {
				expect(t, w, "page", "")
			}
			time.Sleep(time.Minute)
		}
		if versions.Load() != 3 || calls.Load() != 1 {
			t.Errorf("%d versions, %d calls", versions.Load(), calls.Load())
		}
	})
}

// A purge says more than a version that has not changed: a template has, say.
func TestAPurgeBeatsTheVersion(t *testing.T) {
	t.Parallel()
	for _, soft := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var calls int
			c := newCache(t, revalidated(func(p *cache.Policy) {
				p.Version = func(*http.Request) (string, error) { return "a", nil }
			}))
			h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				calls++
				_, _ = fmt.Fprint(w, calls)
			}))
			request(t.Context(), h, "/page/1")
			time.Sleep(2 * time.Minute)
			purge := c.Purge
			if soft {
				purge = c.SoftPurge
			}
			if err := purge(t.Context(), "page:1"); err != nil {
				t.Fatal(err)
			}
			expect(t, request(t.Context(), h, "/page/1"), "2", "fwd=")
			time.Sleep(2 * time.Minute)
			expect(t, request(t.Context(), h, "/page/1"), "2", "hit; detail=version")
		})
	}
}

// A stale page is served while its version is looked up in the background, with
// a request that has nothing of the client's but its fields.
func TestVersionInTheBackground(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		var calls int
		c := newCache(t, revalidated(func(p *cache.Policy) {
			p.StaleWhileRevalidate = time.Minute
			p.Version = func(r *http.Request) (string, error) {
				time.Sleep(5 * time.Second)
				if calls > 0 && r.Context().Value(key{}) != nil {
					t.Error("the context has the request's value")
				}
				return "a", r.Context().Err()
			}
		}))
		running(t, c)
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			calls++
			_, _ = fmt.Fprint(w, calls)
		}))
		request(t.Context(), h, "/page/1")
		time.Sleep(time.Minute)
		expect(t, request(withValue(t.Context(), key{}), h, "/page/1"), "1", "hit; ttl=-5; detail=stale-while-revalidate")
		time.Sleep(6 * time.Second)
		synctest.Wait()
		expect(t, request(t.Context(), h, "/page/1"), "1", "hit; ttl=54")
	})
}
