package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/internal/redistest"
)

// site is a proxy in front of an origin, and a client of the proxy.
type site struct {
	t      *testing.T
	origin *httptest.Server
	proxy  *proxy
	client *http.Client
	calls  atomic.Int64 // of the origin's handler
}

func newSite(t *testing.T, handler http.HandlerFunc, args ...string) *site {
	t.Helper()
	s := &site{t: t, client: newClient(t)}
	s.origin = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.calls.Add(1)
		handler(w, r)
	}))
	s.origin.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.origin.Start()
	t.Cleanup(s.origin.Close)
	s.proxy = start(t, s.origin.URL, args...)
	return s
}

func newClient(t *testing.T) *http.Client {
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// answer is what the client got.
type answer struct {
	status int
	header http.Header
	body   string
}

// says returns what the proxy says that it did.
func (a answer) says() string {
	return strings.TrimPrefix(a.header.Get("Cache-Status"), "readiness; ")
}

// do sends a request to the proxy; headers come as "Name: value".
func (s *site) do(method, target string, headers ...string) answer {
	s.t.Helper()
	return s.ask(s.proxy, method, target, headers...)
}

func (s *site) get(target string, headers ...string) answer {
	s.t.Helper()
	return s.do(http.MethodGet, target, headers...)
}

func (s *site) ask(p *proxy, method, target string, headers ...string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, p.url+target, http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
		} else {
			r.Header.Add(name, value)
		}
	}
	resp, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

// expect fails unless the answer is as it should be, and the origin was asked
// that often in all.
func (s *site) expect(a answer, status int, body, says string, calls int64) {
	s.t.Helper()
	if a.status != status || a.body != body || !strings.HasPrefix(a.says(), says) {
		s.t.Errorf("got %d, %q, %s; want %d, %q, %s", a.status, a.body, a.says(), status, body, says)
	}
	if got := s.calls.Load(); got != calls {
		s.t.Errorf("the origin was asked %d times, want %d", got, calls)
	}
}

func TestWhatTheOriginSays(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/kept":
			w.Header().Set("Cache-Control", "max-age=60")
		case "/private":
			w.Header().Set("Cache-Control", "private, max-age=60")
		case "/asked":
			w.Header().Set("Etag", `"one"`)
			w.Header().Set("Cache-Control", "no-cache")
			if r.Header.Get("If-None-Match") == `"one"` {
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		_, _ = io.WriteString(w, r.Method+" "+r.URL.RequestURI())
	})
	s.expect(s.get("/kept?a=1"), 200, "GET /kept?a=1", "fwd=miss; stored", 1)
	s.expect(s.get("/kept?a=1"), 200, "GET /kept?a=1", "hit; ttl=", 1)
	s.expect(s.get("/kept?a=2"), 200, "GET /kept?a=2", "fwd=miss; stored", 2)
	s.expect(s.do(http.MethodHead, "/kept?a=1"), 200, "", "hit", 2)
	part := s.get("/kept?a=1", "Range: bytes=4-8")
	s.expect(part, 206, "/kept", "hit", 2)
	if got := part.header.Get("Content-Range"); got != "bytes 4-8/13" {
		t.Errorf("Content-Range: %s", got)
	}
	s.expect(s.get("/kept?a=1", "Cookie: session=1"), 200, "GET /kept?a=1", "fwd=bypass; detail=cookie", 3)
	s.expect(s.get("/silent"), 200, "GET /silent", "fwd=miss; detail=freshness", 4) // no time of our own
	s.expect(s.get("/silent"), 200, "GET /silent", "fwd=miss; detail=freshness", 5)
	s.expect(s.get("/private"), 200, "GET /private", "fwd=miss; detail=private", 6)
	s.expect(s.get("/asked"), 200, "GET /asked", "fwd=miss; stored", 7)
	again := s.get("/asked") // the origin answers 304, the client gets the page
	s.expect(again, 200, "GET /asked", "fwd=stale; fwd-status=304", 8)
	if again.header.Get("Cache-Control") != "no-cache" || again.header.Get("Etag") != `"one"` {
		t.Errorf("the origin's own words are lost: %v", again.header)
	}
}

func TestPass(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=60")
		w.Header().Set("Cdn-Cache-Control", "max-age=60")
		_, _ = io.WriteString(w, "page")
	}, "-pass", "/account/", "-pass", "/admin")
	calls := int64(0)
	for _, path := range []string{"/account", "/account/", "/account/orders", "/account/x.css", "/admin", "/admin/x", "//admin/x", "/%61dmin", "/admin/../account"} {
		for range 2 {
			calls++
			got := s.get(path)
			s.expect(got, 200, "page", "", calls)
			if got.header.Get("Cache-Control") != "no-store" || got.header.Get("Cdn-Cache-Control") != "" {
				t.Errorf("%s: %v", path, got.header)
			}
		}
	}
	for _, path := range []string{"/accounts", "/x/admin"} { // whole segments, from the root
		s.expect(s.get(path), 200, "page", "fwd=miss; stored", calls+1)
		s.expect(s.get(path), 200, "page", "hit", calls+1)
		calls++
	}
}

func TestAWriteEndsThePage(t *testing.T) {
	t.Parallel()
	var version atomic.Int64
	s := newSite(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			version.Add(1)
			w.Header().Set("Location", "/list")
			w.WriteHeader(http.StatusSeeOther)
			return
		}
		w.Header().Set("Cache-Control", "max-age=60")
		_, _ = fmt.Fprint(w, version.Load())
	})
	for _, path := range []string{"/item", "/list", "/other"} {
		s.get(path)
	}
	s.expect(s.get("/item"), 200, "0", "hit", 3)
	if got := s.do(http.MethodPost, "/item"); got.status != http.StatusSeeOther {
		t.Errorf("POST: %+v", got)
	}
	s.expect(s.get("/item"), 200, "1", "fwd=miss", 5)
	s.expect(s.get("/list"), 200, "1", "fwd=miss", 6) // its Location
	s.expect(s.get("/other"), 200, "0", "hit", 6)
}

func TestForwardedIsWhatTheProxySaw(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		h := r.Header
		_, _ = fmt.Fprintln(w, r.Host, h["X-Forwarded-For"], h["X-Forwarded-Host"], h["X-Forwarded-Proto"], h["X-Forwarded-Port"], h["X-Forwarded-User"], h["Forwarded"], h["X-Real-Ip"])
	})
	forged := []string{
		"X-Forwarded-For: 192.0.2.1", "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https", "X-Forwarded-Port: 1",
		"X-Forwarded-User: admin", "Forwarded: for=192.0.2.1;host=evil.example", "X-Real-Ip: 192.0.2.1",
	}
	const want = "market.example [127.0.0.1] [market.example] [http] [] [] [] []\n"
	s.expect(s.get("/", append(forged, "Host: market.example")...), 200, want, "fwd=miss; stored", 1)
	s.expect(s.get("/", "Host: market.example"), 200, want, "hit", 1) // no page of its own for who forges
	s.expect(s.get("/", "Host: other.example"), 200, strings.ReplaceAll(want, "market", "other"), "fwd=miss; stored", 2)
	s.expect(s.get("/", "Host: market.example", "Connection: X-Forwarded-Host"), 200, want, "fwd=bypass; detail=connection", 3)
}

// A response that varies by who asks is kept for each: the cache sees the
// address that the origin sees.
func TestVaryByForwarded(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		w.Header().Set("Vary", "X-Forwarded-For")
		_, _ = io.WriteString(w, r.Header.Get("X-Forwarded-For"))
	})
	s.expect(s.get("/"), 200, "127.0.0.1", "fwd=miss; stored", 1)
	s.expect(s.get("/"), 200, "127.0.0.1", "hit", 1)
	elsewhere := &http.Transport{DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).DialContext}
	t.Cleanup(elsewhere.CloseIdleConnections)
	s.client.Transport = elsewhere
	s.expect(s.get("/"), 200, "127.0.0.2", "fwd=miss; stored", 2)
}

func TestOriginDown(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/kept" {
			w.Header().Set("Cache-Control", "max-age=0, stale-if-error=600")
		}
		_, _ = io.WriteString(w, "page")
	})
	s.expect(s.get("/kept"), 200, "page", "fwd=miss; stored", 1)
	s.origin.Close()
	s.expect(s.get("/kept"), 200, "page", "fwd=stale; fwd-status=502; detail=stale-if-error", 1)
	s.expect(s.get("/else"), 502, "Bad Gateway\n", "fwd=miss", 1)
	s.expect(s.do(http.MethodPost, "/kept"), 502, "Bad Gateway\n", "", 1)
	status, stderr := s.proxy.stop()
	if status != 0 || !strings.Contains(stderr, "the origin does not answer") || strings.Contains(stderr, s.origin.Listener.Addr().String()) {
		t.Errorf("exit status %d, log:\n%s", status, stderr)
	}
}

// A body that the origin breaks off reaches the client broken, and nobody
// after it.
func TestBrokenOffBodyIsNotKept(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	broken.Store(true)
	s := newSite(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		_, _ = io.WriteString(w, "half ")
		_ = http.NewResponseController(w).Flush()
		if broken.Load() {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, "page")
	})
	resp, err := s.client.Get(s.proxy.url + "/")
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
	}
	if err == nil {
		t.Error("the client took half a page for a whole one")
	}
	broken.Store(false)
	s.expect(s.get("/"), 200, "half page", "fwd=miss", 2)
	s.expect(s.get("/"), 200, "half page", "hit", 2)
}

// The end of a client ends the request at the origin, and nothing is kept.
func TestClientHangsUp(t *testing.T) {
	t.Parallel()
	asked, gone := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s := newSite(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		once.Do(func() {
			close(asked)
			<-r.Context().Done()
			close(gone)
		})
		_, _ = io.WriteString(w, "page")
	})
	ctx, hangUp := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.proxy.url+"/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if resp, err := s.client.Do(r); err == nil {
			_ = resp.Body.Close()
		}
	}()
	<-asked
	hangUp()
	<-gone
	<-ended
	s.expect(s.get("/"), 200, "page", "fwd=miss", 2)
	s.expect(s.get("/"), 200, "page", "hit", 2)
}

// What the origin sends goes out while it is sent.
func TestStream(t *testing.T) {
	t.Parallel()
	next := make(chan struct{})
	s := newSite(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for range 3 {
			_, _ = io.WriteString(w, "data: x\n")
			_ = http.NewResponseController(w).Flush()
			<-next
		}
	})
	resp, err := s.client.Get(s.proxy.url + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewReader(resp.Body)
	for range 3 {
		if line, err := lines.ReadString('\n'); err != nil || line != "data: x\n" {
			t.Fatalf("%q, %v", line, err)
		}
		next <- struct{}{}
	}
	if _, err := lines.ReadByte(); err != io.EOF {
		t.Error(err)
	}
}

// An upgrade, as a WebSocket begins with, makes a tunnel of the connection.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "websocket" {
			http.Error(w, "no upgrade", http.StatusBadRequest)
			return
		}
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		_ = rw.Flush()
		_, _ = io.Copy(conn, rw) // an echo
	})
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.proxy.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	from := bufio.NewReader(conn)
	resp, err := http.ReadResponse(from, nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%v, %v", resp, err)
	}
	for _, text := range []string{"one\n", "two\n"} {
		_, _ = io.WriteString(conn, text)
		if got, err := from.ReadString('\n'); got != text {
			t.Fatalf("%q, %v", got, err)
		}
	}
}

// An encoding is the matter of the client and the origin.
func TestEncodingIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		w.Header().Set("Vary", "Accept-Encoding")
		_, _ = io.WriteString(w, "for "+r.Header.Get("Accept-Encoding"))
	})
	s.expect(s.get("/", "Accept-Encoding: br"), 200, "for br", "fwd=miss; stored", 1)
	s.expect(s.get("/"), 200, "for ", "fwd=miss; stored", 2)
	s.expect(s.get("/", "Accept-Encoding: br"), 200, "for br", "hit", 2)
	s.expect(s.get("/"), 200, "for ", "hit", 2)
}

// The request under way is finished before the proxy ends.
func TestStopFinishesRequests(t *testing.T) {
	t.Parallel()
	asked, release := make(chan struct{}), make(chan struct{})
	s := newSite(t, func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-release
		_, _ = io.WriteString(w, "page")
	})
	got := make(chan answer, 1)
	go func() { got <- s.get("/") }()
	<-asked
	stopped := make(chan int, 1)
	go func() {
		status, _ := s.proxy.stop()
		stopped <- status
	}()
	for { // until it accepts nothing more
		conn, err := net.DialTimeout("tcp", strings.TrimPrefix(s.proxy.url, "http://"), time.Second)
		if err != nil {
			break
		}
		_ = conn.Close()
	}
	close(release)
	if a := <-got; a.status != 200 || a.body != "page" {
		t.Errorf("got %+v", a)
	}
	if status := <-stopped; status != 0 {
		t.Errorf("exit status %d", status)
	}
}

// Two proxies with one Redis share pages and purges.
func TestRedisIsShared(t *testing.T) {
	t.Parallel()
	store := "redis://" + redistest.Start(t)
	s := newSite(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=3600")
		_, _ = io.WriteString(w, "page")
	}, "-redis", store)
	other := start(t, s.origin.URL, "-redis", store)
	host := "Host: market.example" // pages are kept apart by it
	s.expect(s.get("/", host), 200, "page", "fwd=miss; stored", 1)
	s.expect(s.ask(other, http.MethodGet, "/", host), 200, "page", "hit", 1)
	s.ask(other, http.MethodPost, "/", host)
	for { // until the first has heard of it
		if got := s.get("/", host); !strings.HasPrefix(got.says(), "hit") {
			s.expect(got, 200, "page", "fwd=miss", 3)
			return
		}
	}
}

// An origin with TLS is known by its own name, whatever host the client asks
// for, and one whose certificate nobody vouches for gets no request.
func TestOriginWithTLS(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	origin := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		_, _ = io.WriteString(w, r.Host)
	}))
	origin.Config.ErrorLog = log.New(io.Discard, "", 0)
	origin.StartTLS()
	defer origin.Close()
	s := &site{t: t, client: newClient(t)}
	if got := s.ask(start(t, origin.URL), http.MethodGet, "/"); got.status != http.StatusBadGateway || calls.Load() != 0 {
		t.Errorf("without trust: %+v, %d calls", got, calls.Load())
	}
	o := options{origin: origin.URL}
	settings, err := o.settings()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := cache.New(cache.Config{Policies: settings.policies})
	if err != nil {
		t.Fatal(err)
	}
	transport := newTransport()
	transport.TLSClientConfig = origin.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	defer transport.CloseIdleConnections()
	w := httptest.NewRecorder()
	newHandler(settings.origin, transport, pages, zap.NewNop()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://market.example/", http.NoBody))
	if w.Code != http.StatusOK || w.Body.String() != "market.example" {
		t.Errorf("with trust: %d, %q", w.Code, w.Body.String())
	}
}
