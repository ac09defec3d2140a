package respond_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/launchready/readiness/internal/respond"
)

// serve runs handler behind a recorder on a real server, gives the client's
// response to check, and returns the recorder after the handler is done.
func serve(t *testing.T, method string, http2 bool, handler http.HandlerFunc, hooks respond.Hooks, check func(*http.Response, string)) *respond.Recorder {
	t.Helper()
	done := make(chan *respond.Recorder, 1)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wrapped, rec := respond.Wrap(w, r, hooks)
		defer func() { done <- rec }()
		handler(wrapped, r)
	}))
	srv.EnableHTTP2 = http2
	if http2 {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	if check != nil {
		check(res, string(body))
	}
	return <-done
}

func TestStatusAndBytes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		method  string
		handler http.HandlerFunc
		sent    int // Status
		settled int // Settle(nil)
		bytes   int64
	}{
		{"nothing written", "GET", func(http.ResponseWriter, *http.Request) {}, 0, 200, 0},
		{"implicit 200", "GET", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }, 200, 200, 5},
		{"explicit", "GET", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); _, _ = io.WriteString(w, "no") }, 404, 404, 2},
		{"the first header counts", "GET", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("x")); w.WriteHeader(500) }, 200, 200, 1},
		{"an informational header does not fix it", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(103)
			w.WriteHeader(418)
		}, 418, 418, 0},
		{"flush is an implicit 200", "GET", func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() }, 200, 200, 0},
		{"HEAD sends no body", "HEAD", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }, 200, 200, 0},
		{"ReadFrom", "GET", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, struct{ io.Reader }{strings.NewReader("0123456789")})
		}, 200, 200, 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, http2 := range []bool{false, true} {
				rec := serve(t, tt.method, http2, tt.handler, respond.Hooks{}, func(res *http.Response, _ string) {
					if res.StatusCode != tt.settled {
						t.Errorf("http2=%v: the client saw %d, the table says %d", http2, res.StatusCode, tt.settled)
					}
				})
				if rec.Status() != tt.sent || rec.Settle(nil) != tt.settled || rec.Bytes() != tt.bytes {
					t.Errorf("http2=%v: status %d, settled %d, %d bytes; want %d, %d, %d", http2, rec.Status(), rec.Settle(nil), rec.Bytes(), tt.sent, tt.settled, tt.bytes)
				}
			}
		})
	}
}

func TestSettleAfterPanic(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("GET", "/", http.NoBody)
	_, before := respond.Wrap(httptest.NewRecorder(), r, respond.Hooks{})
	if got := before.Settle("boom"); got != 500 {
		t.Errorf("a panic before the header settles at %d, want 500", got)
	}
	w, after := respond.Wrap(httptest.NewRecorder(), r, respond.Hooks{})
	w.WriteHeader(201)
	if got := after.Settle("boom"); got != 201 {
		t.Errorf("a panic after the header settles at %d, want the 201 that the client saw", got)
	}
}

func TestEarlyHintsReachTheClient(t *testing.T) {
	t.Parallel()
	hints := make(chan string, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w, _ = respond.Wrap(w, r, respond.Hooks{Header: func(status int) { w.Header().Set("X-Status", http.StatusText(status)) }})
		w.Header().Set("Link", "</a.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		_, _ = io.WriteString(w, "body")
	}))
	defer srv.Close()
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		hints <- http.StatusText(code) + " " + h.Get("Link") + h.Get("X-Status")
		return nil
	}})
	req, _ := http.NewRequestWithContext(ctx, "GET", srv.URL, http.NoBody)
	res, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if got := <-hints; got != "Early Hints </a.css>; rel=preload" {
		t.Errorf("hints: %q", got)
	}
	if got := res.Header.Get("X-Status"); got != "OK" {
		t.Errorf("the hook ran with %q, want the final status only", got)
	}
}

func TestFlushReachesTheClientAtOnce(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w, _ = respond.Wrap(w, r, respond.Hooks{})
		_, _ = io.WriteString(w, "first\n")
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-release // the client lets go only once it has read the first line
	}))
	defer srv.Close()
	res, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(res.Body).ReadString('\n')
	close(release)
	_ = res.Body.Close()
	if err != nil || line != "first\n" {
		t.Fatalf("got %q, %v", line, err)
	}
}

func TestHijackIsSeen(t *testing.T) {
	t.Parallel()
	done := make(chan *respond.Recorder, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w, rec := respond.Wrap(w, r, respond.Hooks{Header: func(int) { t.Error("the hook ran for a hijack") }})
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nhi")
		_ = conn.Close()
		done <- rec
	}))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
	answer, _ := io.ReadAll(conn)
	if !strings.HasSuffix(string(answer), "\r\n\r\nhi") {
		t.Errorf("the client read %q", answer)
	}
	if rec := <-done; !rec.Hijacked() || rec.Settle(nil) != 101 || rec.Status() != 0 {
		t.Errorf("hijacked %v, settled %d, status %d", rec.Hijacked(), rec.Settle(nil), rec.Status())
	}
}

func TestResponseControllerReachesTheConnection(t *testing.T) {
	t.Parallel()
	serve(t, "GET", false, func(w http.ResponseWriter, _ *http.Request) {
		rc := http.NewResponseController(w)
		if err := rc.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Error("SetWriteDeadline:", err)
		}
		if err := rc.EnableFullDuplex(); err != nil {
			t.Error("EnableFullDuplex:", err)
		}
	}, respond.Hooks{}, nil)
}

func TestHooksSeeWhatIsSent(t *testing.T) {
	t.Parallel()
	var seen strings.Builder
	var statuses []int
	var header http.Header
	hooks := respond.Hooks{
		Header: func(status int) { statuses = append(statuses, status); header.Set("X-Late", "yes") },
		Body:   func(p []byte) { seen.Write(p) },
	}
	serve(t, "GET", false, func(w http.ResponseWriter, _ *http.Request) {
		header = w.Header()
		_, _ = w.Write([]byte("a"))
		_, _ = io.WriteString(w, "b")
		_, _ = io.Copy(w, strings.NewReader("c"))
		_, _ = w.(io.ReaderFrom).ReadFrom(strings.NewReader("d"))
	}, hooks, func(res *http.Response, body string) {
		if body != "abcd" || seen.String() != body {
			t.Errorf("sent %q, the hook saw %q", body, seen.String())
		}
		if len(statuses) != 1 || statuses[0] != 200 || res.Header.Get("X-Late") != "yes" {
			t.Errorf("the header hook ran with %v; X-Late %q", statuses, res.Header.Get("X-Late"))
		}
	})
}

func TestFinishCallsTheHookOfAnImplicitHeader(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		handler func(http.ResponseWriter)
		want    int
	}{
		"nothing written":     {func(http.ResponseWriter) {}, 200},
		"a header was sent":   {func(w http.ResponseWriter) { w.WriteHeader(404) }, 404},
		"informational alone": {func(w http.ResponseWriter) { w.WriteHeader(103) }, 200},
	} {
		var statuses []int
		w, rec := respond.Wrap(httptest.NewRecorder(), request("GET"), respond.Hooks{Header: func(status int) { statuses = append(statuses, status) }})
		tt.handler(w)
		rec.Finish()
		rec.Finish()
		if len(statuses) != 1 || statuses[0] != tt.want || rec.Status() != tt.want {
			t.Errorf("%s: the hook ran with %v, status %d, want %d once", name, statuses, rec.Status(), tt.want)
		}
	}
}

// TestAFailingSourceSendsNoHeader is a proxy or a file handler whose source
// fails at once: net/http lets it answer an error, and so it is recorded.
func TestAFailingSourceSendsNoHeader(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]io.Reader{
		"fails at once": iotest.ErrReader(io.ErrUnexpectedEOF), "empty": strings.NewReader(""), "fails later": io.MultiReader(strings.NewReader("0123456789"), iotest.ErrReader(io.ErrUnexpectedEOF)),
	} {
		want, bytes := 502, int64(4)
		if name == "fails later" {
			want, bytes = 200, 14
		}
		var hooked []int
		rec := serve(t, "GET", false, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, struct{ io.Reader }{source})
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, "sad\n")
		}, respond.Hooks{Header: func(status int) { hooked = append(hooked, status) }}, func(res *http.Response, _ string) {
			if res.StatusCode != want {
				t.Errorf("%s: the client saw %d, want %d", name, res.StatusCode, want)
			}
		})
		if rec.Status() != want || len(hooked) != 1 || hooked[0] != want || rec.Bytes() != bytes {
			t.Errorf("%s: recorded %d, hooked %v, %d bytes; want %d and %d bytes", name, rec.Status(), hooked, rec.Bytes(), want, bytes)
		}
	}
}

// The interfaces that net/http's writers may have, one by one.
type (
	bare   struct{ h http.Header }
	fl     struct{ flushed *bool }
	hi     struct{}
	pu     struct{ pushed *string }
	hidden struct{ w http.ResponseWriter }
)

func (b bare) Header() http.Header                         { return b.h }
func (bare) Write(p []byte) (int, error)                   { return len(p), nil }
func (bare) WriteHeader(int)                               {}
func (f fl) Flush()                                        { *f.flushed = true }
func (hi) Hijack() (net.Conn, *bufio.ReadWriter, error)    { return nil, nil, nil }
func (p pu) Push(target string, _ *http.PushOptions) error { *p.pushed = target; return nil }
func (h hidden) Header() http.Header                       { return h.w.Header() }
func (h hidden) Write(p []byte) (int, error)               { return h.w.Write(p) }
func (h hidden) WriteHeader(status int)                    { h.w.WriteHeader(status) }
func (h hidden) Unwrap() http.ResponseWriter               { return h.w }
func request(method string) *http.Request                  { return httptest.NewRequest(method, "/", http.NoBody) }

func wrapped(w http.ResponseWriter) (w2 http.ResponseWriter) {
	w2, _ = respond.Wrap(w, request("GET"), respond.Hooks{})
	return
}

func TestClaimsExactlyWhatTheWriterCanDo(t *testing.T) {
	t.Parallel()
	var flushed bool
	var pushed string
	b, f, h, p := bare{http.Header{}}, fl{&flushed}, hi{}, pu{&pushed}
	tests := []struct {
		name                string
		w                   http.ResponseWriter
		flush, hijack, push bool
	}{
		{"nothing", b, false, false, false},
		{"flush", struct {
			bare
			fl
		}{b, f}, true, false, false},
		{"hijack", struct {
			bare
			hi
		}{b, h}, false, true, false},
		{"push", struct {
			bare
			pu
		}{b, p}, false, false, true},
		{"flush, hijack", struct {
			bare
			fl
			hi
		}{b, f, h}, true, true, false},
		{"flush, push", struct {
			bare
			fl
			pu
		}{b, f, p}, true, false, true},
		{"hijack, push", struct {
			bare
			hi
			pu
		}{b, h, p}, false, true, true},
		{"all", struct {
			bare
			fl
			hi
			pu
		}{b, f, h, p}, true, true, true},
	}
	for _, tt := range tests {
		for _, w := range []http.ResponseWriter{tt.w, hidden{tt.w}, hidden{hidden{tt.w}}} {
			flushed, pushed = false, ""
			got := wrapped(w)
			flusher, canFlush := got.(http.Flusher)
			hijacker, canHijack := got.(http.Hijacker)
			pusher, canPush := got.(http.Pusher)
			if canFlush != tt.flush || canHijack != tt.hijack || canPush != tt.push {
				t.Errorf("%s (%T): claims %v %v %v", tt.name, w, canFlush, canHijack, canPush)
				continue
			}
			if canFlush {
				if flusher.Flush(); !flushed {
					t.Errorf("%s (%T): Flush did not arrive", tt.name, w)
				}
			}
			if canHijack {
				if _, _, err := hijacker.Hijack(); err != nil || !respond.Find(got).Hijacked() {
					t.Errorf("%s (%T): Hijack: %v", tt.name, w, err)
				}
			}
			if canPush {
				if err := pusher.Push("/a.css", nil); err != nil || pushed != "/a.css" {
					t.Errorf("%s (%T): Push: %v, %q arrived", tt.name, w, err, pushed)
				}
			}
		}
	}
}

func TestRecordersShareTheirNotes(t *testing.T) {
	t.Parallel()
	if respond.Find(bare{}) != nil {
		t.Error("found a recorder where there is none")
	}
	outerW, outer := respond.Wrap(bare{http.Header{}}, request("GET"), respond.Hooks{})
	innerW, inner := respond.Wrap(hidden{outerW}, request("GET"), respond.Hooks{})
	if respond.Find(hidden{innerW}) != inner {
		t.Error("Find did not go through Unwrap")
	}
	if w, rec := respond.Ensure(hidden{innerW}, request("GET")); rec != inner || w != (hidden{innerW}) {
		t.Error("Ensure wrapped again")
	}
	inner.SetRoute("/listings/{id}")
	inner.SetOutcome(respond.Succeeded)
	if outer.Route() != "/listings/{id}" || outer.Outcome() != respond.Succeeded {
		t.Errorf("the outer recorder has %q, %v", outer.Route(), outer.Outcome())
	}
	if w, rec := respond.Ensure(bare{http.Header{}}, request("GET")); rec == nil || respond.Find(w) != rec {
		t.Error("Ensure did not wrap")
	}
}

func TestWrapAllocatesOnce(t *testing.T) {
	w := struct {
		bare
		fl
		hi
	}{}
	var rw http.ResponseWriter = w
	r := request("GET")
	if n := testing.AllocsPerRun(100, func() { respond.Wrap(rw, r, respond.Hooks{}) }); n != 1 {
		t.Errorf("%v allocations, want 1", n)
	}
}

func BenchmarkWrap(b *testing.B) {
	var w http.ResponseWriter = struct {
		bare
		fl
		hi
	}{}
	r := request("GET")
	b.ReportAllocs()
	for b.Loop() {
		respond.Wrap(w, r, respond.Hooks{})
	}
}

func BenchmarkFind(b *testing.B) {
	w := http.ResponseWriter(hidden{wrapped(bare{http.Header{}})})
	b.ReportAllocs()
	for b.Loop() {
		if respond.Find(w) == nil {
			b.Fatal("not found")
		}
	}
}
