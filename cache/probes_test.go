package cache_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/launchready/readiness/cache"
)

// probes are the ways in which cache middleware goes wrong, each tried with a
// real client and a real server under every class that stores.
var probes = []struct {
	name string
	try  func(t *testing.T, p cache.Policy)
}{
	{"a cookie for the next client", probeSetCookie},
	{"a page for who is logged in", probeAuthorization},
	{"a page for who has a cookie", probeCookie},
	{"an empty page from HEAD", probeHead},
	{"a part for the whole", probePart},
	{"Vary is ignored", probeVary},
	{"Vary: * in a list", probeVaryAll},
	{"half a page, of a handler that panics", probePanic},
	{"half a page, shorter than it says", probeShort},
	{"half a page, of a client that hung up", probeHangUp},
	{"Flush is swallowed", probeFlush},
	{"another host's page", probeForwardedHost},
	{"many misses, many runs", probeMisses},
	{"one client's page for those who waited", probePrivateMisses},
	{"a waiter whose time is over", probeWaiter},
	{"a connection that is taken over", probeHijack},
	{"a page over the limit", probeLarge},
	{"an account that looks like an asset", probeDeception},
	{"keys that run into each other", probeKeys},
	{"two caches in one process", probeTwoCaches},
	{"a header that is changed afterwards", probeLateHeader},
	{"a trailer", probeTrailer},
	{"an informational answer", probeInformational},
}

func TestProbes(t *testing.T) {
	t.Parallel()
	eachClass(t, func(t *testing.T, p cache.Policy) {
		for _, probe := range probes {
			t.Run(probe.name, func(t *testing.T) {
				t.Parallel()
				probe.try(t, p)
			})
		}
	})
}

// lasting is a handler whose answers may be kept for a minute, by whoever
// goes by what they say.
func lasting(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		h(w, r)
	}
}

// counted is a handler each of whose bodies is another one.
func counted() http.HandlerFunc {
	var n atomic.Int64
	return lasting(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintf(w, "page %d", n.Add(1)) })
}

// stored fails unless the answer came from the store.
func (s *site) stored(got answer, body string) {
	s.t.Helper()
	if !strings.HasPrefix(got.says(), "hit") || got.body != body || got.err != nil {
		s.t.Errorf("got %q %q %v, want a hit of %q", got.says(), got.body, got.err, body)
	}
}

// passed fails unless the answer came from the handler and was not stored.
func (s *site) passed(got answer, body, says string) {
	s.t.Helper()
	if got.says() != says || got.body != body || got.err != nil {
		s.t.Errorf("got %q %q %v, want %q %q", got.says(), got.body, got.err, says, body)
	}
}

func probeSetCookie(t *testing.T, p cache.Policy) {
	s := newSite(t, only(p), lasting(func(w http.ResponseWriter, r *http.Request) {
		if who := r.Header.Get("X-Who"); who != "" {
			http.SetCookie(w, &http.Cookie{Name: "session", Value: who})
		}
		path(w, r)
	}))
	got := s.get("/a", "X-Who: her")
	s.passed(got, "/a", "fwd=miss; detail=set-cookie")
	if got.header.Get("Set-Cookie") != "session=her" {
		t.Errorf("her own cookie is lost: %v", got.header)
	}
	if got = s.get("/a"); got.header.Get("Set-Cookie") != "" || got.says() != "fwd=miss; stored" {
		t.Errorf("got %+v", got)
	}
	s.expectCalls(2)
}

func probeAuthorization(t *testing.T, p cache.Policy) {
	s := newSite(t, only(p), counted())
	detail := "fwd=bypass; detail=authorization"
	if p.Class == cache.Follow {
		detail = "fwd=miss; detail=authorization"
	}
	s.passed(s.get("/a", "Authorization: Bearer her"), "page 1", detail)
	s.passed(s.get("/a"), "page 2", "fwd=miss; stored")
	s.passed(s.get("/a", "Authorization: Bearer his"), "page 3", detail)
	s.stored(s.get("/a"), "page 2")
}

func probeCookie(t *testing.T, p cache.Policy) {
	s := newSite(t, only(p), counted())
	s.passed(s.get("/a", "Cookie: session=her"), "page 1", "fwd=bypass; detail=cookie")
	s.passed(s.get("/a"), "page 2", "fwd=miss; stored")
	s.passed(s.get("/a", "Cookie: session=his"), "page 3", "fwd=bypass; detail=cookie")
	s.stored(s.get("/a"), "page 2")
}

func probeHead(t *testing.T, p cache.Policy) {
	s := newSite(t, only(p), counted())
	s.passed(s.do(http.MethodHead, "/a"), "", "fwd=bypass; detail=head")
	s.passed(s.get("/a"), "page 2", "fwd=miss; stored")
	s.stored(s.do(http.MethodHead, "/a"), "")
	s.stored(s.get("/a"), "page 2")
}

func probePart(t *testing.T, p cache.Policy) {
	s := newSite(t, only(p), lasting(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "a.txt", time.Unix(1e9, 0), strings.NewReader("abcdef"))
	}))
	if got := s.get("/a", "Range: bytes=1-2"); got.status != http.StatusPartialContent || got.body != "bc" {
		t.Errorf("a part: %+v", got)
	}
	if got := s.get("/a"); got.status != http.StatusOK || got.body != "abcdef" {
		t.Errorf("the whole: %+v", got)
	}
	got := s.get("/a", "Range: bytes=-1")
	s.stored(got, "f")
	if got.status != http.StatusPartialContent || got.header.Get("Content-Range") != "bytes 5-5/6" {
		t.Errorf("a part of what is stored: %+v", got)
	}
}

func probeVary(t *testing.T, p cache.Policy) {
	var n atomic.Int64
	handler := lasting(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		w.Header().Add("Vary", "Accept-Language")
		_, _ = fmt.Fprintf(w, "%s %d", r.Header.Get("Accept-Language"), n.Add(1))
	})
	s := newSite(t, only(p), handler)
	says := "fwd=miss; detail=vary" // its values are not in the key
	if p.Class == cache.Follow {
		says = "fwd=miss; stored"
	}
	s.passed(s.get("/a", "Accept-Language: de"), "de 1", says)
	s.passed(s.get("/a", "Accept-Language: en"), "en 2", says)
	if p.Class == cache.Follow {
		s.stored(s.get("/a", "Accept-Language: de"), "de 1")
		s.stored(s.get("/a", "Accept-Language: en"), "en 2")
		return
	}
	p.Vary = []string{"accept-language"} // now they are
	s = newSite(t, only(p), handler)
	s.passed(s.get("/a", "Accept-Language: de"), "de 3", "fwd=miss; stored")
	s.passed(s.get("/a", "Accept-Language: en"), "en 4", "fwd=miss; stored")
	s.stored(s.get("/a", "Accept-Language: de"), "de 3")
}

func probeVaryAll(t *testing.T, p cache.Policy) {
	n := counted()
	s := newSite(t, only(p), func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept-Encoding, *")
		n(w, r)
	})
	s.passed(s.get("/a"), "page 1", "fwd=miss; detail=vary")
	s.passed(s.get("/a"), "page 2", "fwd=miss; detail=vary")
}

func probePanic(t *testing.T, p cache.Policy) {
	var n atomic.Int64
	s := newSite(t, only(p), lasting(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "half")
		if r.Header.Get("X-Flush") != "" {
			_ = http.NewResponseController(w).Flush()
		}
		if n.Add(1) < 3 {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, " and half")
	}))
	for _, header := range []string{"X-Plain: 1", "X-Flush: 1"} {
		if got := s.get("/a", header); got.err == nil {
			t.Errorf("%s: the client took it for whole: %+v", header, got)
		}
	}
	if got := s.get("/a"); got.body != "half and half" || got.err != nil {
		t.Errorf("got %+v", got)
	}
	s.stored(s.get("/a"), "half and half")
}

func probeShort(t *testing.T, p cache.Policy) {
	s := newSite(t, only(p), lasting(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "short")
	}))
	for range 2 {
		if got := s.get("/a"); got.err == nil {
			t.Errorf("the client took it for whole: %+v", got)
		}
	}
	s.expectCalls(2)
}

func probeHangUp(t *testing.T, p cache.Policy) {
	ctx, hangUp := context.WithCancel(t.Context())
	gone := make(chan struct{})
	s := newSite(t, only(p), lasting(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "half")
		if r.Header.Get("X-First") != "" {
			_ = http.NewResponseController(w).Flush()
			hangUp()
			<-r.Context().Done()
			close(gone)
			return // as a handler does whose query was cancelled
		}
		_, _ = io.WriteString(w, " and half")
	}))
	_ = s.with(ctx, http.MethodGet, "/a", nil, "X-First: 1")
	<-gone
	if got := s.get("/a"); got.body != "half and half" || strings.HasPrefix(got.says(), "hit") {
		t.Errorf("got %+v", got)
	}
	s.stored(s.get("/a"), "half and half")
}

func probeFlush(t *testing.T, p cache.Policy) {
	read := make(chan struct{})
	s := newSite(t, only(p), lasting(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "first\n")
		w.(http.Flusher).Flush()
		<-read // the client has the first line before there is a second
		_, _ = io.WriteString(w, "second\n")
	}))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.server.URL+"/a", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body := bufio.NewReader(resp.Body)
	line, err := body.ReadString('\n')
	close(read)
	if line != "first\n" || err != nil {
		t.Errorf("got %q, %v", line, err)
	}
	if rest, err := io.ReadAll(body); string(rest) != "second\n" || err != nil {
		t.Errorf("got %q, %v", rest, err)
	}
	s.stored(s.get("/a"), "first\nsecond\n")
}

func probeForwardedHost(t *testing.T, p cache.Policy) {
	for _, name := range proxyHeaders {
		s := newSite(t, only(p), lasting(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "https://"+r.Header.Get(name)+"/script.js")
		}))
		s.get("/a", name+": evil.example")
		s.passed(s.get("/a"), "https:///script.js", "fwd=miss; stored")
		s.get("/a", name+": evil.example")
		s.stored(s.get("/a"), "https:///script.js")
	}
}

// proxyHeaders are what a page may take its own address from.
var proxyHeaders = []string{
	"X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Forwarded-Ssl", "X-Forwarded-Prefix", "X-Forwarded-Server",
	"Forwarded", "X-Original-Host", "X-Host", "X-Original-Url", "X-Rewrite-Url",
}

// gather runs n requests whose handlers do not answer before all have come, and
// returns the answers.
func gather(s *site, n int, open chan struct{}) []answer {
	answers := make([]answer, n)
	var sent, wg sync.WaitGroup
	sent.Add(n)
	for i := range n {
		ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { sent.Done() }})
		wg.Go(func() { answers[i] = s.with(ctx, http.MethodGet, "/a", nil) })
	}
	sent.Wait()
	close(open)
	wg.Wait()
	return answers
}

func probeMisses(t *testing.T, p cache.Policy) {
	open, n := make(chan struct{}), counted()
	s := newSite(t, only(p), func(w http.ResponseWriter, r *http.Request) {
		<-open
		n(w, r)
	})
	for _, got := range gather(s, 50, open) {
		if got.body != "page 1" || got.err != nil {
			t.Errorf("got %+v", got)
		}
	}
	s.expectCalls(1)
}

func probePrivateMisses(t *testing.T, p cache.Policy) {
	for _, own := range []string{"Cache-Control: private", "Cache-Control: no-store", "Set-Cookie: session=1", "Vary: *"} {
		open := make(chan struct{})
		var n atomic.Int64
		s := newSite(t, only(p), lasting(func(w http.ResponseWriter, _ *http.Request) {
			<-open
			say(w, fmt.Sprintf("200 %d | %s", n.Add(1), own))
		}))
		seen := map[string]bool{}
		for _, got := range gather(s, 50, open) {
			if seen[got.body] || got.err != nil {
				t.Errorf("%s: %q went to two clients, %v", own, got.body, got.err)
			}
			seen[got.body] = true
		}
		s.expectCalls(50)
	}
}

func probeWaiter(t *testing.T, p cache.Policy) {
	begun, open, n := make(chan struct{}, 1), make(chan struct{}), counted()
	s := newSite(t, only(p), func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		<-open
		n(w, r)
	})
	leader := make(chan answer)
	go func() { leader <- s.get("/a") }()
	<-begun
	ctx, end := context.WithCancel(t.Context())
	waiter := make(chan answer)
	sent := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { end() }})
	go func() { waiter <- s.with(sent, http.MethodGet, "/a", nil) }()
	if got := <-waiter; got.err == nil { // while the leader still runs
		t.Errorf("the waiter got %+v", got)
	}
	close(open)
	if got := <-leader; got.body != "page 1" || got.says() != "fwd=miss; stored" {
		t.Errorf("the leader got %+v", got)
	}
	s.stored(s.get("/a"), "page 1")
	s.expectCalls(1)
}

func probeHijack(t *testing.T, p cache.Policy) {
	s := newSite(t, only(p), lasting(func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		_ = rw.Flush()
		line, _ := rw.ReadString('\n')
		_, _ = rw.WriteString(r.Header.Get("X-Who") + line)
		_ = rw.Flush()
	}))
	for _, upgrade := range []string{"Connection: Upgrade\r\nUpgrade: echo\r\n", ""} {
		for _, who := range []string{"her", "his"} {
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			_, _ = fmt.Fprintf(conn, "GET /a HTTP/1.1\r\nHost: x\r\nX-Who: %s\r\n%s\r\n", who, upgrade)
			in := textproto.NewReader(bufio.NewReader(conn))
			if line, err := in.ReadLine(); line != "HTTP/1.1 101 Switching Protocols" {
				t.Errorf("got %q, %v", line, err)
			}
			_, _ = in.ReadMIMEHeader()
			_, _ = io.WriteString(conn, " word\n")
			if line, err := in.ReadLine(); line != who+" word" {
				t.Errorf("got %q, %v", line, err)
			}
			_ = conn.Close()
		}
	}
	s.expectCalls(4)
}

func probeLarge(t *testing.T, p cache.Policy) {
	cfg := only(p)
	cfg.MaxBody = 1000
	for _, declared := range []bool{false, true} {
		s := newSite(t, cfg, lasting(func(w http.ResponseWriter, _ *http.Request) {
			if declared {
				w.Header().Set("Content-Length", "1001")
			}
			for range 1001 {
				_, _ = io.WriteString(w, "x")
			}
		}))
		for range 2 {
			s.passed(s.get("/a"), strings.Repeat("x", 1001), "fwd=miss; detail=too-large")
		}
		s.expectCalls(2)
	}
	s := newSite(t, cfg, lasting(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", 1000)) }))
	s.get("/a")
	s.stored(s.get("/a"), strings.Repeat("x", 1000))
}

func probeDeception(t *testing.T, p cache.Policy) {
	cfg := only(p)
	cfg.Policies = append(cfg.Policies, cache.Policy{Pattern: "GET /account/", Class: cache.NoCache})
	s := newSite(t, cfg, counted())
	targets := []string{
		"/account/", "/account/x.css", "/account/x.css?v=1", "/account/%2e%2e/x.css", "/account/..%2fx.css", "//account/x.css", "/./account/x.css",
		"/x/../account/x.css", "/%61ccount/x.css", "/account/x.css%00", "/account/;x.css", "/account%2fx.css",
	}
	for _, target := range targets {
		first, second := s.get(target), s.get(target)
		if strings.HasPrefix(second.says(), "hit") || first.body == second.body && first.status == 200 {
			t.Errorf("%s: %q, then %q, which says %q", target, first.body, second.body, second.says())
		}
	}
}

func probeKeys(t *testing.T, p cache.Policy) {
	s := newSite(t, only(p), lasting(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "%s %s %q", r.Host, r.URL.RequestURI(), r.Header.Values("X-Forwarded-Host"))
	}))
	// Each is sent twice, so that what is stored is there for all that follow.
	requests := []string{
		"/a", "/a/", "/a?q", "/a?q=", "/a?q=1", "/a?q=1&q=2", "/a?q=2&q=1", "/a?q=1&q=1", "/a?q=1%26q=2", "/a?q=1%26q%3D2", "/a?q=1+q=2", "/a?q=1%20q=2",
		"/a%3Fq=1", "/a?q=%3D1", "/a?q==1", "/a?q=A", "/a?q=%41", "/A", "/b|Host: a", "/b|Host: a.b", "/b|X-Forwarded-Host: x", "/b|X-Forwarded-Host: x|X-Forwarded-Host: x",
		"/b|X-Forwarded-Host: x, x", "/b|X-Forwarded-Host: ",
	}
	want := map[string]string{}
	for range 2 {
		for _, line := range requests {
			target, headers, _ := strings.Cut(line, "|")
			var list []string
			if headers != "" {
				list = strings.Split(headers, "|")
			}
			got := s.get(target, list...)
			if want[line] == "" {
				want[line] = got.body
				for other, body := range want {
					if other != line && body == got.body {
						t.Errorf("%s got the page of %s: %q", line, other, body)
					}
				}
			} else if got.body != want[line] {
				t.Errorf("%s: %q, then %q", line, want[line], got.body)
			}
		}
	}
}

func probeTwoCaches(t *testing.T, p cache.Policy) {
	handler := counted()
	one, two := newSite(t, only(p), handler), newSite(t, only(p), handler)
	one.passed(one.get("/a", "Host: h"), "page 1", "fwd=miss; stored")
	two.passed(two.get("/a", "Host: h"), "page 2", "fwd=miss; stored")
	if err := one.cache.PurgeAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	two.stored(two.get("/a", "Host: h"), "page 2")
	one.passed(one.get("/a", "Host: h"), "page 3", "fwd=miss; stored")
}

func probeLateHeader(t *testing.T, p cache.Policy) {
	var kept []string
	s := newSite(t, only(p), lasting(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		kept = []string{"before"}
		h["X-A"] = kept
		w.WriteHeader(http.StatusOK)
		kept[0] = "in place"
		h.Set("X-A", "after")
		h.Set("Set-Cookie", "late=1")
		_, _ = io.WriteString(w, "page")
	}))
	for range 2 {
		got := s.get("/a")
		if got.header.Get("X-A") != "before" || len(got.header["Set-Cookie"]) > 0 {
			t.Errorf("got %v", got.header)
		}
	}
	s.stored(s.get("/a"), "page")
}

func probeTrailer(t *testing.T, p cache.Policy) {
	for _, announced := range []bool{true, false} {
		s := newSite(t, only(p), lasting(func(w http.ResponseWriter, _ *http.Request) {
			name := http.TrailerPrefix + "X-Sum"
			if announced {
				w.Header().Set("Trailer", "X-Sum")
				name = "X-Sum"
			}
			_, _ = io.WriteString(w, "page")
			_ = http.NewResponseController(w).Flush()
			w.Header().Set(name, "1")
		}))
		for range 2 {
			if got := s.get("/a"); got.trailer.Get("X-Sum") != "1" || got.body != "page" {
				t.Errorf("announced %t: got %+v", announced, got)
			}
		}
		s.expectCalls(2)
	}
}

func probeInformational(t *testing.T, p cache.Policy) {
	s := newSite(t, only(p), lasting(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusProcessing)
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, "page")
	}))
	var early []int
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
		early = append(early, code)
		return nil
	}})
	got := s.with(ctx, http.MethodGet, "/a", nil)
	if fmt.Sprint(early) != "[103 102]" || got.status != 200 || got.body != "page" {
		t.Errorf("after %v: %+v", early, got)
	}
	s.stored(s.get("/a"), "page")
}
