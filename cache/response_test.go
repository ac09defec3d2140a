package cache_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/internal/conditional"
)

// Every answer here must reach the client as the handler gave it, twice, and
// never be replayed.
func TestAnswersThatAreNotStored(t *testing.T) {
	t.Parallel()
	set := func(pairs ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i < len(pairs); i += 2 {
				w.Header().Add(pairs[i], pairs[i+1])
			}
			path(w, r)
		}
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	tests := []struct {
		name, detail string
		handler      http.HandlerFunc
	}{
		{"Set-Cookie", "set-cookie", set("Set-Cookie", "a=b")},
		{"Set-Cookie in a name of its own", "header-name", func(w http.ResponseWriter, _ *http.Request) { w.Header()["set-cookie"] = []string{"a=b"} }},
		{"no-store", "no-store", set("Cache-Control", "max-age=60, No-Store")},
		{"no-store in another line", "no-store", set("Cache-Control", "max-age=60", "Cache-Control", "no-store")},
		{"private", "private", set("Cache-Control", "private")},
		{"private with fields", "private", set("Cache-Control", `max-age=60, private="x-a, x-b"`)},
		{"no-cache", "no-cache", set("Cache-Control", "no-cache")},
		{"careless", "no-store", set("Cache-Control", "max-age=0; no-store")},
		{"for the CDN", "no-store", set("CDN-Cache-Control", "no-store")},
		{"Vary: *", "vary", set("Vary", "*")},
		{"Vary: * in a list", "vary", set("Vary", "Accept-Encoding, *")},
		{"Vary: * in another line", "vary", set("Vary", "Accept-Encoding", "Vary", " *")},
		{"Vary by what is not in the key", "vary", set("Vary", "Accept-Language")},
		{"encoded", "encoding", set("Content-Encoding", "gzip")},
		{"CORS for one origin", "cors", set("Access-Control-Allow-Origin", "https://a.example")},
		{"nonce", "nonce", set("Content-Security-Policy", "script-src 'nonce-abc'")},
		{"Content-Range", "content-range", set("Content-Range", "bytes 0-1/5")},
		{"event stream", "event-stream", set("Content-Type", "Text/Event-Stream; charset=utf-8")},
		{"204", "status", status(204)},
		{"301", "status", status(301)},
		{"404", "status", status(404)},
		{"500", "status", status(500)},
		{"206", "status", status(206)},
		{"declared too large", "too-large", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "101")
			_, _ = io.WriteString(w, strings.Repeat("x", 101))
		}},
		{"too large", "too-large", func(w http.ResponseWriter, _ *http.Request) {
			for range 101 {
				_, _ = io.WriteString(w, "x")
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, cache.Config{MaxBody: 100}, tt.handler)
			direct := newSite(t, cache.Config{Policies: []cache.Policy{{Pattern: "/elsewhere", Class: cache.NoCache}}}, tt.handler)
			want := direct.get("/list")
			for range 2 {
				got := s.get("/list")
				if got.says() != "fwd=miss; detail="+tt.detail {
					t.Errorf("says %q", got.says())
				}
				if got.status != want.status || got.body != want.body || got.err != nil {
					t.Errorf("got %d %q %v, want %d %q", got.status, got.body, got.err, want.status, want.body)
				}
				for name := range want.header {
					if name != "Date" && name != "Cache-Control" && strings.Join(got.header[name], "|") != strings.Join(want.header[name], "|") {
						t.Errorf("%s: got %q, want %q", name, got.header[name], want.header[name])
					}
				}
				if cc := want.header.Get("Cache-Control"); cc != "" && got.header.Get("Cache-Control") != cc || got.header.Get("Cache-Control") == "" {
					t.Errorf("Cache-Control %q, the handler said %q", got.header.Get("Cache-Control"), cc)
				}
			}
			s.expectCalls(2)
		})
	}
}

func TestAnswersThatAreStored(t *testing.T) {
	t.Parallel()
	set := func(pairs ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i < len(pairs); i += 2 {
				w.Header().Add(pairs[i], pairs[i+1])
			}
			path(w, r)
		}
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		check   func(t *testing.T, h http.Header)
	}{
		{"max-age is the browser's no more", set("Cache-Control", "public, max-age=60", "Expires", "Fri, 01 Jan 2100 00:00:00 GMT"), func(t *testing.T, h http.Header) {
			t.Helper()
			if h.Get("Cache-Control") != "no-cache" || h.Get("Expires") != "" {
				t.Errorf("got %v", h)
			}
		}},
		{"Vary: Accept-Encoding of a plain answer", set("Vary", "Accept-Encoding"), nil},
		{"Vary: Cookie, as no cookie comes here", set("Vary", "Cookie"), nil},
		{"its own strong tag", set("Etag", `"mine"`), func(t *testing.T, h http.Header) {
			t.Helper()
			if h.Get("Etag") != `"mine"` {
				t.Errorf("got %v", h)
			}
		}},
		{"a weak tag is replaced", set("Etag", `W/"mine"`), func(t *testing.T, h http.Header) {
			t.Helper()
			if !conditional.StrongTag(h.Get("Etag")) {
				t.Errorf("got %v", h)
			}
		}},
		{"an empty body", func(http.ResponseWriter, *http.Request) {}, func(t *testing.T, h http.Header) {
			t.Helper()
			if h.Get("Content-Type") != "" || h.Get("Content-Length") != "0" {
				t.Errorf("got %v", h)
			}
		}},
		{"the header as it was at WriteHeader", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-A", "before")
			w.WriteHeader(200)
			w.Header().Set("X-A", "after")
			w.Header().Set("Set-Cookie", "late=1")
			path(w, r)
		}, func(t *testing.T, h http.Header) {
			t.Helper()
			if h.Get("X-A") != "before" || h.Get("Set-Cookie") != "" {
				t.Errorf("got %v", h)
			}
		}},
		{"ReadFrom and WriteString", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "a")
			_, _ = io.Copy(w, strings.NewReader("b"))
			_, _ = io.Copy(w, strings.NewReader("c"))
		}, nil},
		{"informational headers", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			path(w, r)
		}, nil},
		{"a declared length", set("Content-Length", "5"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, cache.Config{}, tt.handler)
			miss, hit := s.get("/list"), s.get("/list")
			if miss.says() != "fwd=miss; stored" || !strings.HasPrefix(hit.says(), "hit") || miss.body != hit.body {
				t.Errorf("got %s %q, then %s %q", miss.says(), miss.body, hit.says(), hit.body)
			}
			if tt.check != nil {
				tt.check(t, miss.header)
				tt.check(t, hit.header)
			}
		})
	}
}

func TestAShortBodyIsNotStored(t *testing.T) {
	t.Parallel()
	s := newSite(t, cache.Config{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "short")
	})
	for range 2 {
		if got := s.get("/list"); got.err == nil {
			t.Errorf("the client took it for whole: %+v", got)
		}
	}
	s.expectCalls(2)
}

func TestALongBodyIsNotStored(t *testing.T) {
	t.Parallel()
	failed := make(chan error, 2)
	s := newSite(t, cache.Config{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "2")
		_, _ = io.WriteString(w, "ok")
		_, err := io.WriteString(w, "!")
		failed <- err
	})
	for range 2 {
		if got := s.get("/list"); got.body != "ok" || got.says() != "fwd=miss; detail=content-length" {
			t.Errorf("got %+v", got)
		}
		if err := <-failed; !errors.Is(err, http.ErrContentLength) {
			t.Errorf("the handler got %v", err)
		}
	}
}

func TestAPanicIsNotStored(t *testing.T) {
	t.Parallel()
	for _, flush := range []bool{false, true} {
		s := newSite(t, cache.Config{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Half", "1")
			_, _ = io.WriteString(w, "half of ")
			if flush {
				w.(http.Flusher).Flush()
			}
			panic(http.ErrAbortHandler)
		})
		for range 2 {
			if got := s.get("/list"); got.err == nil {
				t.Errorf("flush %t: the client took it for whole: %+v", flush, got)
			}
		}
		s.expectCalls(2)
	}
}

// What a panicking handler has set does not stand in the answer of a
// Recoverer around the cache.
func TestARecovererBeginsAnew(t *testing.T) {
	t.Parallel()
	c := newCache(t, cache.Config{})
	inner := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, "half")
		panic("x")
	}))
	s := newSite(t, cache.Config{Policies: []cache.Policy{{Pattern: "/elsewhere", Class: cache.NoCache}}}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Outer", "1")
		defer func() {
			if recover() != nil {
				w.WriteHeader(500)
				_, _ = io.WriteString(w, "sorry")
			}
		}()
		inner.ServeHTTP(w, r)
	})
	got := s.get("/list")
	if got.status != 500 || got.body != "sorry" || got.header.Get("Content-Type") == "text/css" || got.header.Get("X-Outer") != "1" {
		t.Errorf("got %+v", got)
	}
}

func TestAClientThatHangsUp(t *testing.T) {
	t.Parallel()
	for _, flush := range []bool{false, true} {
		gone := make(chan struct{}, 1)
		ctx, cancel := context.WithCancel(t.Context())
		s := newSite(t, cache.Config{}, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "half")
			if flush {
				_ = http.NewResponseController(w).Flush()
			}
			if r.Header.Get("X-First") != "" {
				cancel()
				<-r.Context().Done()
				gone <- struct{}{}
				return // as a handler does whose query was cancelled
			}
			_, _ = io.WriteString(w, " and half")
		})
		_ = s.with(ctx, http.MethodGet, "/list", nil, "X-First: 1")
		<-gone
		if got := s.get("/list"); got.body != "half and half" || strings.HasPrefix(got.says(), "hit") {
			t.Errorf("flush %t: got %+v", flush, got)
		}
		cancel()
	}
}

func TestFlushReachesTheClientAtOnce(t *testing.T) {
	t.Parallel()
	read := make(chan struct{})
	s := newSite(t, cache.Config{}, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "first\n")
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-read // the client has the first line before there is a second
		_, _ = io.WriteString(w, "second\n")
	})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.server.URL+"/list", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body := bufio.NewReader(resp.Body)
	if line, err := body.ReadString('\n'); line != "first\n" || err != nil {
		t.Fatalf("got %q, %v", line, err)
	}
	close(read)
	if line, err := body.ReadString('\n'); line != "second\n" || err != nil {
		t.Fatalf("got %q, %v", line, err)
	}
	if _, err := body.ReadByte(); err != io.EOF {
		t.Fatal(err)
	}
	if h := resp.Header; h.Get("Etag") != "" || h.Get("Cache-Control") != "no-cache" || h.Get("Cache-Status") != "readiness; fwd=miss" {
		t.Errorf("got %v", h)
	}
	if got := s.get("/list"); got.body != "first\nsecond\n" || !strings.HasPrefix(got.says(), "hit") || got.header.Get("Etag") == "" {
		t.Errorf("the page: %+v", got)
	}
}

func TestTrailersAreNotStored(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		handler http.HandlerFunc
	}{
		{"announced", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Trailer", "X-Sum")
			_, _ = io.WriteString(w, "body")
			w.Header().Set("X-Sum", "1")
		}},
		{"by prefix", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "body")
			w.(http.Flusher).Flush()
			w.Header().Set(http.TrailerPrefix+"X-Sum", "1")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, cache.Config{}, tt.handler)
			for range 2 {
				if got := s.get("/list"); got.body != "body" || got.trailer.Get("X-Sum") != "1" {
					t.Errorf("got %+v", got)
				}
			}
			s.expectCalls(2)
		})
	}
}

func TestHijack(t *testing.T) {
	t.Parallel()
	s := newSite(t, cache.Config{}, func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = rw.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nraw")
		_ = rw.Flush()
		_ = conn.Close()
	})
	for _, header := range []string{"X-Plain: 1", "Upgrade: websocket"} {
		for range 2 {
			if got := s.get("/list", header); got.body != "raw" {
				t.Errorf("%s: got %+v", header, got)
			}
		}
	}
	s.expectCalls(4)
}

// What middleware around the cache sets belongs to the request, not to the
// page: a hit gets its own.
func TestOuterHeadersAreNotReplayed(t *testing.T) {
	t.Parallel()
	c := newCache(t, cache.Config{})
	inner := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		w.Header().Del("X-Frame-Options")
		path(w, r)
	}))
	s := newSite(t, cache.Config{Policies: []cache.Policy{{Pattern: "/elsewhere", Class: cache.NoCache}}}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Trace", r.Header.Get("X-Trace"))
		w.Header().Set("X-Frame-Options", "DENY")
		inner.ServeHTTP(w, r)
	})
	for i, trace := range []string{"1", "2", "3"} {
		got := s.get("/list", "X-Trace: "+trace)
		if got.header.Get("X-Trace") != trace || got.header.Get("Vary") != "Accept-Encoding" || len(got.header["X-Frame-Options"]) > 0 {
			t.Errorf("got %v", got.header)
		}
		if hit := strings.HasPrefix(got.says(), "hit"); hit != (i > 0) {
			t.Errorf("request %s: %s", trace, got.says())
		}
	}
}
