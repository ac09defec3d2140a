package webprobe_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/launchready/readiness/internal/webprobe"
	"github.com/launchready/readiness/internal/webtest"
)

// site is a handler with every fault that a redirect can have.
func site(calls *atomic.Int64) http.Handler {
	mux := http.NewServeMux()
	redirect := func(from, to string, status int) {
		mux.HandleFunc(from, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Location", to); w.WriteHeader(status) })
	}
	redirect("/loop", "/loop2", 302)
	redirect("/loop2", "/loop", 302)
	redirect("/self", "/self", 301)
	redirect("/mail", "mailto:ana@acme.example", 302)
	redirect("/bad", "http://a b/%zz", 302)
	redirect("/none", "https:///", 302)
	redirect("/inside", "http://10.1.2.3/", 302)
	redirect("/metadata", "http://169.254.169.254/latest/meta-data/", 302)
	redirect("/user", "http://ana:secret@app.test/end#part", 308)
	redirect("/relative/x", "../end?q=1", 303)
	redirect("/notfollowed", "/end", 304)
	mux.HandleFunc("/hop/{n}", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.PathValue("n"))
		if n == 0 {
			_, _ = w.Write([]byte("there"))
			return
		}
		http.Redirect(w, r, fmt.Sprintf("/hop/%d", n-1), http.StatusFound)
	})
	mux.HandleFunc("/cookie", func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("seen"); err == nil {
			_, _ = w.Write([]byte("welcome back"))
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
		http.Redirect(w, r, "/cookie", http.StatusFound)
	})
	mux.HandleFunc("/end", func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		w.Header().Set("Server", "cloudflare")
		w.Header().Set("Cf-Ray", "8f2")
		w.Header().Set("Strict-Transport-Security", "max-age=1")
		w.Header().Set("X-Secret", "no")
		_, _ = fmt.Fprintf(w, "%s %s %q %q", r.Method, r.UserAgent(), r.Header.Get("Authorization"), r.Header.Get("Accept-Encoding"))
	})
	mux.HandleFunc("/huge", func(w http.ResponseWriter, _ *http.Request) {
		block := make([]byte, 1<<20)
		for range 1 << 10 {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/headers", func(w http.ResponseWriter, _ *http.Request) {
		for i := range 100 {
			w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 1000))
		}
	})
	mux.HandleFunc("/slowbody", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("begin"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/hang", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	return mux
}

func TestFetch(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	host, port := plain(t, site(&calls))
	p := webprobe.New(webprobe.Config{
		Timeout: time.Minute, UserAgent: "probe/1", ConnectTo: []webprobe.ConnectTo{to("app.test", "80", host, port)},
		LookupHost: func(context.Context, string) ([]netip.Addr, error) { return nil, nil },
	})
	tests := []struct {
		url    string
		want   webprobe.Kind
		hops   int
		status int
		final  string
	}{
		{"http://app.test/end", webprobe.OK, 1, 200, "http://app.test/end"},
		{"http://app.test/relative/x", webprobe.OK, 2, 200, "http://app.test/end?q=1"},
		{"http://app.test/user", webprobe.OK, 2, 200, "http://app.test/end"},
		{"http://app.test/hop/10", webprobe.OK, 11, 200, "http://app.test/hop/0"},
		{"http://app.test/hop/11", webprobe.TooMany, 11, 0, "http://app.test/hop/0"},
		{"http://app.test/loop", webprobe.Loop, 2, 0, "http://app.test/loop"},
		{"http://app.test/self", webprobe.Loop, 1, 0, "http://app.test/self"},
		{"http://app.test/cookie", webprobe.OK, 2, 200, "http://app.test/cookie"},
		{"http://app.test/mail", webprobe.BadRedirect, 1, 0, "http://app.test/mail"},
		{"http://app.test/bad", webprobe.BadRedirect, 1, 0, "http://app.test/bad"},
		{"http://app.test/none", webprobe.BadRedirect, 1, 0, "http://app.test/none"},
		{"http://app.test/inside", webprobe.Private, 1, 0, "http://10.1.2.3/"},
		{"http://app.test/metadata", webprobe.Private, 1, 0, "http://169.254.169.254/latest/meta-data/"},
		{"http://app.test/notfollowed", webprobe.OK, 1, 304, "http://app.test/notfollowed"},
		{"http://app.test/missing", webprobe.OK, 1, 404, "http://app.test/missing"},
		{"http://app.test/huge", webprobe.OK, 1, 200, "http://app.test/huge"},
		{"http://app.test/headers", webprobe.Broken, 0, 0, "http://app.test/headers"},
		{"http://nowhere.test/", webprobe.NoAddress, 0, 0, "http://nowhere.test/"},
		{"ftp://app.test/", webprobe.BadRedirect, 0, 0, "ftp://app.test/"},
		{"http://%zz/", webprobe.BadRedirect, 0, 0, "http://%zz/"},
		{"", webprobe.BadRedirect, 0, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.url, func(t *testing.T) {
			t.Parallel()
			v := p.Fetch(t.Context(), tt.url)
			if v.Kind != tt.want || len(v.Hops) != tt.hops || v.Status() != tt.status || v.Final != tt.final {
				t.Errorf("%v (%s), %d hops, status %d, final %q; want %v, %d, %d, %q", v.Kind, v.Err, len(v.Hops), v.Status(), v.Final, tt.want, tt.hops, tt.status, tt.final)
			}
			if len(v.Body) > 64<<10 || v.Truncated != strings.HasSuffix(tt.url, "/huge") {
				t.Errorf("%d bytes, truncated %v", len(v.Body), v.Truncated)
			}
			if strings.Contains(fmt.Sprint(v.Hops, v.Err), "secret") {
				t.Errorf("shows the password: %v %s", v.Hops, v.Err)
			}
		})
	}
}

func TestFetchSendsNoSecretAndKeepsFewHeaders(t *testing.T) {
	t.Parallel()
	host, port := plain(t, site(new(atomic.Int64)))
	p := webprobe.New(webprobe.Config{UserAgent: "probe/1", ConnectTo: []webprobe.ConnectTo{to("", "", host, port)}})
	v := p.Fetch(t.Context(), "http://ana:secret@app.test/end")
	if got, want := string(v.Body), `GET probe/1 "" ""`; got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
	if h := v.Last(); !h.Cloudflare() || h.Header.Get("Strict-Transport-Security") == "" || h.Header.Get("X-Secret") != "" || h.Addr.Addr().String() != "127.0.0.1" {
		t.Errorf("%+v", h)
	}
}

// TestFetchedOnce has many ask for one page at the same time.
func TestFetchedOnce(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	host, port := plain(t, site(&calls))
	p := webprobe.New(webprobe.Config{ConnectTo: []webprobe.ConnectTo{to("", "", host, port)}})
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if v := p.Fetch(t.Context(), "http://app.test/end"); v.Status() != 200 {
				t.Errorf("%v", v.Kind)
			}
		})
	}
	all.Wait()
	if calls.Load() != 1 || p.Sent() != 1 {
		t.Errorf("the server was asked %d times, %d sent", calls.Load(), p.Sent())
	}
}

func TestFetchTLS(t *testing.T) {
	t.Parallel()
	root := webtest.NewAuthority(t, "Root")
	host, port := serve(t, site(new(atomic.Int64)), nil, root.Leaf("app.test", nil))
	oldHost, oldPort := serve(t, site(new(atomic.Int64)), &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, root.Leaf("old.test", nil))
	table := []webprobe.ConnectTo{to("old.test", "443", oldHost, oldPort), to("", "443", host, port)}
	p := webprobe.New(webprobe.Config{RootCAs: root.Pool(), ConnectTo: table})
	if v := p.Fetch(t.Context(), "https://app.test/end"); v.Status() != 200 {
		t.Errorf("good: %v %s", v.Kind, v.Err)
	}
	for _, url := range []string{"https://www.test/end", "https://old.test/end"} {
		if v := p.Fetch(t.Context(), url); v.Kind != webprobe.BadTLS || v.Err == "" || strings.Contains(v.Err, "127.0.0.1") {
			t.Errorf("%s: %v %q", url, v.Kind, v.Err)
		}
		if v := p.FetchUnverified(t.Context(), url); v.Status() != 200 {
			t.Errorf("%s unverified: %v %s", url, v.Kind, v.Err)
		}
	}
	stranger := webprobe.New(webprobe.Config{RootCAs: webtest.NewAuthority(t, "Other").Pool(), ConnectTo: table})
	if v := stranger.Fetch(t.Context(), "https://app.test/end"); v.Kind != webprobe.BadTLS {
		t.Errorf("unknown issuer: %v", v.Kind)
	}
	// The name leads elsewhere; the address is asked, and nothing followed.
	at := webprobe.New(webprobe.Config{AllowPrivate: true, LookupHost: func(context.Context, string) ([]netip.Addr, error) { return nil, nil }})
	if v := at.FetchAt(t.Context(), "https://app.test/end", net.JoinHostPort(host, port)); v.Status() != 200 {
		t.Errorf("FetchAt: %v %s", v.Kind, v.Err)
	}
	if v := at.FetchAt(t.Context(), "https://app.test/loop", net.JoinHostPort(host, port)); v.Status() != 302 || len(v.Hops) != 1 || v.Hops[0].Location != "https://app.test/loop2" {
		t.Errorf("FetchAt: %+v", v)
	}
}

func TestServersThatHang(t *testing.T) {
	t.Parallel()
	host, port := plain(t, site(new(atomic.Int64)))
	p := webprobe.New(webprobe.Config{Timeout: 200 * time.Millisecond, ConnectTo: []webprobe.ConnectTo{to("", "", host, port)}})
	if v := p.Fetch(t.Context(), "http://app.test/hang"); v.Kind != webprobe.Timeout || v.Kind.Known() {
		t.Errorf("%v", v.Kind)
	}
	if v := p.Fetch(t.Context(), "http://app.test/slowbody"); v.Status() != 200 || string(v.Body) != "begin" {
		t.Errorf("%v %q", v.Kind, v.Body)
	}
}

func TestTheEndOfTheRunLeavesTheRestUnknown(t *testing.T) {
	t.Parallel()
	host, port := plain(t, site(new(atomic.Int64)))
	ctx, cancel := context.WithCancel(t.Context())
	p := webprobe.New(webprobe.Config{Timeout: time.Hour, ConnectTo: []webprobe.ConnectTo{to("", "", host, port)}})
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			if v := p.Fetch(ctx, fmt.Sprintf("http://app.test/hang?%d", i)); v.Kind != webprobe.Unknown {
				t.Errorf("%v", v.Kind)
			}
		})
		all.Go(func() {
			if v := p.Fetch(ctx, "http://app.test/hang"); v.Kind != webprobe.Unknown {
				t.Errorf("%v", v.Kind)
			}
		})
	}
	cancel()
	all.Wait()
	if c := p.TLS(ctx, "app.test", "443"); c.Kind != webprobe.Unknown {
		t.Errorf("%v", c.Kind)
	}
	if r := p.Reach(ctx, "192.0.2.1:443"); r.Kind != webprobe.Unknown {
		t.Errorf("%v", r.Kind)
	}
}

// TestPrivateAddresses resolves a name to what must not be connected to.
func TestPrivateAddresses(t *testing.T) {
	t.Parallel()
	host, port := plain(t, site(new(atomic.Int64)))
	lookup := func(addrs ...string) func(context.Context, string) ([]netip.Addr, error) {
		return func(context.Context, string) ([]netip.Addr, error) {
			var out []netip.Addr
			for _, a := range addrs {
				out = append(out, netip.MustParseAddr(a))
			}
			return out, nil
		}
	}
	url := "http://app.test:" + port + "/end"
	tests := []struct {
		name string
		cfg  webprobe.Config
		url  string
		want webprobe.Kind
	}{
		{"loopback", webprobe.Config{LookupHost: lookup(host)}, url, webprobe.Private},
		{"mapped", webprobe.Config{LookupHost: lookup("::ffff:" + host)}, url, webprobe.Private},
		{"nat64", webprobe.Config{LookupHost: lookup("64:ff9b::7f00:1", "2002:7f00:1::")}, url, webprobe.Private},
		{"all of them", webprobe.Config{LookupHost: lookup("10.0.0.1", "172.16.3.4", "192.168.1.1", "100.64.0.1", "169.254.1.1", "0.0.0.0", "::1", "fe80::1", "fd00::1", "224.0.0.1", "255.255.255.255")}, url, webprobe.Private},
		{"literal", webprobe.Config{}, "http://" + net.JoinHostPort(host, port) + "/end", webprobe.Private},
		{"allowed", webprobe.Config{LookupHost: lookup(host), AllowPrivate: true}, url, webprobe.OK},
		{"named by ConnectTo", webprobe.Config{ConnectTo: []webprobe.ConnectTo{to("app.test", "", host, "")}}, url, webprobe.OK},
		{"ConnectTo names the port only", webprobe.Config{LookupHost: lookup(host), ConnectTo: []webprobe.ConnectTo{to("app.test", "", "", port)}}, url, webprobe.Private},
		{"lookup fails", webprobe.Config{LookupHost: func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("SERVFAIL from 192.0.2.1") }}, url, webprobe.LookupFail},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if v := webprobe.New(tt.cfg).Fetch(t.Context(), tt.url); v.Kind != tt.want || strings.Contains(v.Err, "192.0.2.1") {
				t.Errorf("%v %q, want %v", v.Kind, v.Err, tt.want)
			}
		})
	}
	for _, public := range []string{"1.1.1.1", "104.16.0.1", "2606:4700::1111", "64:ff9b::101:101", "2002:101:101::1", "192.0.2.1", "2001:db8::1", "::ffff:0:1.1.1.1", "2606:4700::5efe:1.1.1.1", "2001:3::1", "192.88.98.1"} {
		if webprobe.IsPrivate(netip.MustParseAddr(public)) {
			t.Errorf("%s is not private", public)
		}
	}
	for _, private := range []string{
		"::ffff:0:10.0.0.1", "::ffff:0:127.0.0.1", "100::1", "2001:2::1", "3fff::1", "3fff:fff::1", "5f00::1", "192.88.99.1", "::ffff:192.88.99.1",
		"2606:4700::5efe:10.0.0.1", "2606:4700::200:5efe:169.254.169.254", "2002:101:101::5efe:10.0.0.1", "2002:a00:1::5efe:1.1.1.1",
	} {
		if !webprobe.IsPrivate(netip.MustParseAddr(private)) {
			t.Errorf("%s is private", private)
		}
	}
}

func TestReach(t *testing.T) {
	t.Parallel()
	host, port := plain(t, http.NotFoundHandler())
	p := webprobe.New(webprobe.Config{ConnectTo: []webprobe.ConnectTo{to("2001:db8::1", "443", host, port), to("2001:db8::2", "443", "127.0.0.1", closedPort)}})
	for address, want := range map[string]webprobe.Kind{"[2001:db8::1]:443": webprobe.OK, "[2001:db8::2]:443": webprobe.Refused, "[::1]:443": webprobe.Private, "nonsense": webprobe.Broken} {
		if r := p.Reach(t.Context(), address); r.Kind != want {
			t.Errorf("%s: %v, want %v", address, r.Kind, want)
		}
	}
}

// BenchmarkFetch visits a page behind one redirect.
func BenchmarkFetch(b *testing.B) {
	host, port := plain(b, site(new(atomic.Int64)))
	b.ReportAllocs()
	for b.Loop() {
		p := webprobe.New(webprobe.Config{ConnectTo: []webprobe.ConnectTo{to("", "", host, port)}})
		if v := p.Fetch(b.Context(), "http://app.test/hop/1"); v.Status() != 200 {
			b.Fatal(v.Kind)
		}
	}
}
