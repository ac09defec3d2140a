package clientip_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/launchready/readiness/internal/clientip"
)

// resolver trusts 10.0.0.0/8 and 2001:db8:a::/48 with the given header.
func resolver(tb testing.TB, header string) *clientip.Resolver {
	tb.Helper()
	opt := clientip.Options{Header: header}
	if header != "" {
		opt.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:a::/48")}
	}
	problems := cfgerr.For("ratelimit")
	res := clientip.New(problems, "ClientIP", opt)
	if err := problems.Err(); err != nil {
		tb.Fatal(err)
	}
	return res
}

func request(remote, header string, lines ...string) *http.Request {
	r := &http.Request{RemoteAddr: remote, Header: http.Header{}}
	for _, line := range lines {
		r.Header.Add(header, line)
	}
	return r
}

func TestBucket(t *testing.T) {
	t.Parallel()
	const xff, fwd, cf = "X-Forwarded-For", "Forwarded", "CF-Connecting-IP"
	long := strings.Repeat("10.0.0.9, ", 40)
	for _, tt := range []struct {
		name   string
		header string // the configured one
		remote string
		lines  []string // of the configured header
		want   string
	}{
		{name: "direct IPv4", remote: "192.0.2.7:999", want: "192.0.2.7"},
		{name: "direct IPv6", remote: "[2001:db8::7]:999", want: "2001:db8::/64"},
		{name: "direct v4-mapped", remote: "[::ffff:192.0.2.7]:999", want: "192.0.2.7"},
		{name: "direct with a zone", remote: "[fe80::7%eth0]:999", want: "fe80::/64"},
		{name: "without a port", remote: "192.0.2.7", want: "192.0.2.7"},
		{name: "unix socket", remote: "@", want: "unknown"},
		{name: "unix socket without a name", remote: "", want: "unknown"},
		{name: "unix socket is no trusted peer", header: xff, remote: "@", lines: []string{"192.0.2.7"}, want: "unknown"},

		{name: "untrusted peer", header: xff, remote: "192.0.2.7:1", lines: []string{"198.51.100.1"}, want: "192.0.2.7"},
		{name: "one proxy", header: xff, remote: "10.0.0.1:1", lines: []string{"192.0.2.7"}, want: "192.0.2.7"},
		{name: "mapped proxy", header: xff, remote: "[::ffff:10.0.0.1]:1", lines: []string{"192.0.2.7"}, want: "192.0.2.7"},
		{name: "IPv6 proxy", header: xff, remote: "[2001:db8:a::1]:1", lines: []string{"192.0.2.7"}, want: "192.0.2.7"},
		{name: "6to4 peer of a private address is not trusted", header: xff, remote: "[2002:a00:1::1]:1", lines: []string{"192.0.2.7"}, want: "10.0.0.1"},
		{name: "what the client sent stands left", header: xff, remote: "10.0.0.1:1", lines: []string{"198.51.100.1, 192.0.2.7"}, want: "192.0.2.7"},
		{name: "two proxies", header: xff, remote: "10.0.0.1:1", lines: []string{"198.51.100.1, 192.0.2.7, 10.0.0.2"}, want: "192.0.2.7"},
		{name: "the last line counts", header: xff, remote: "10.0.0.1:1", lines: []string{"198.51.100.1", "192.0.2.7"}, want: "192.0.2.7"},
		{name: "over all lines", header: xff, remote: "10.0.0.1:1", lines: []string{"198.51.100.1,192.0.2.7", "10.0.0.3", "10.0.0.2"}, want: "192.0.2.7"},
		{name: "no header", header: xff, remote: "10.0.0.1:1", want: "10.0.0.1"},
		{name: "empty header", header: xff, remote: "10.0.0.1:1", lines: []string{""}, want: "10.0.0.1"},
		{name: "proxy added to an empty header", header: xff, remote: "10.0.0.1:1", lines: []string{", 192.0.2.7"}, want: "192.0.2.7"},
		{name: "garbage left of the client", header: xff, remote: "10.0.0.1:1", lines: []string{"drop table, 192.0.2.7"}, want: "192.0.2.7"},
		{name: "garbage alone", header: xff, remote: "10.0.0.1:1", lines: []string{"unknown"}, want: "10.0.0.1"},
		{name: "garbage left of a proxy", header: xff, remote: "10.0.0.1:1", lines: []string{"192.0.2.7, what, 10.0.0.2"}, want: "10.0.0.2"},
		{name: "all trusted", header: xff, remote: "10.0.0.1:1", lines: []string{"10.9.9.9, 10.0.0.3, 10.0.0.2"}, want: "10.0.0.2"},
		{name: "too many hops", header: xff, remote: "10.0.0.1:1", lines: []string{"192.0.2.7, " + long + "10.0.0.2"}, want: "10.0.0.2"},
		{name: "port", header: xff, remote: "10.0.0.1:1", lines: []string{"192.0.2.7:55001"}, want: "192.0.2.7"},
		{name: "bad port", header: xff, remote: "10.0.0.1:1", lines: []string{"192.0.2.7:http"}, want: "10.0.0.1"},
		{name: "IPv6", header: xff, remote: "10.0.0.1:1", lines: []string{"2001:db8::7"}, want: "2001:db8::/64"},
		{name: "IPv6 in brackets", header: xff, remote: "10.0.0.1:1", lines: []string{"[2001:db8::7]"}, want: "2001:db8::/64"},
		{name: "IPv6 with a port", header: xff, remote: "10.0.0.1:1", lines: []string{"[2001:db8::7]:443"}, want: "2001:db8::/64"},
		{name: "IPv4 in brackets", header: xff, remote: "10.0.0.1:1", lines: []string{"[192.0.2.7]"}, want: "10.0.0.1"},
		{name: "zone", header: xff, remote: "10.0.0.1:1", lines: []string{"fe80::7%eth0"}, want: "fe80::/64"},
		{name: "zone on IPv4", header: xff, remote: "10.0.0.1:1", lines: []string{"192.0.2.7%eth0"}, want: "10.0.0.1"},
		{name: "mapped entry", header: xff, remote: "10.0.0.1:1", lines: []string{"::ffff:192.0.2.7"}, want: "192.0.2.7"},
		{name: "mapped proxy in the list", header: xff, remote: "10.0.0.1:1", lines: []string{"192.0.2.7, ::ffff:10.0.0.2"}, want: "192.0.2.7"},
		{name: "NAT64 entry", header: xff, remote: "10.0.0.1:1", lines: []string{"64:ff9b::c000:207"}, want: "192.0.2.7"},
		{name: "tabs and spaces", header: xff, remote: "10.0.0.1:1", lines: []string{"198.51.100.1 ,\t192.0.2.7 "}, want: "192.0.2.7"},

		{name: "Forwarded", header: fwd, remote: "10.0.0.1:1", lines: []string{"for=192.0.2.7"}, want: "192.0.2.7"},
		{name: "Forwarded with all parameters", header: fwd, remote: "10.0.0.1:1", lines: []string{`proto=https;For="192.0.2.7:4711";by=10.0.0.1;host="a,b;for=198.51.100.1"`}, want: "192.0.2.7"},
		{name: "Forwarded quoted IPv6", header: fwd, remote: "10.0.0.1:1", lines: []string{`for="[2001:db8::7]:4711"`}, want: "2001:db8::/64"},
		{name: "Forwarded obfuscated port", header: fwd, remote: "10.0.0.1:1", lines: []string{`for="192.0.2.7:_x"`}, want: "192.0.2.7"},
		{name: "Forwarded unknown", header: fwd, remote: "10.0.0.1:1", lines: []string{"for=unknown"}, want: "10.0.0.1"},
		{name: "Forwarded obfuscated", header: fwd, remote: "10.0.0.1:1", lines: []string{"for=_hidden"}, want: "10.0.0.1"},
		{name: "Forwarded two elements", header: fwd, remote: "10.0.0.1:1", lines: []string{"for=198.51.100.1, for=192.0.2.7"}, want: "192.0.2.7"},
		{name: "Forwarded over lines", header: fwd, remote: "10.0.0.1:1", lines: []string{"for=198.51.100.1", `for=192.0.2.7;proto=http, for=10.0.0.3`, `for="10.0.0.2"`}, want: "192.0.2.7"},
		{name: "Forwarded open quote of the client", header: fwd, remote: "10.0.0.1:1", lines: []string{`for="198.51.100.1, for=192.0.2.7`}, want: "192.0.2.7"},
		{name: "Forwarded escaped quotes", header: fwd, remote: "10.0.0.1:1", lines: []string{`for=192.0.2.7;host="a\", for=198.51.100.1;x=\"b"`}, want: "192.0.2.7"},
		{name: "Forwarded backslash of the client", header: fwd, remote: "10.0.0.1:1", lines: []string{`for="\, for="192.0.2.7"`}, want: "192.0.2.7"},
		{name: "Forwarded open quote alone", header: fwd, remote: "10.0.0.1:1", lines: []string{`for="192.0.2.7`}, want: "10.0.0.1"},
		{name: "Forwarded twice in one element", header: fwd, remote: "10.0.0.1:1", lines: []string{"for=192.0.2.7;for=192.0.2.8"}, want: "10.0.0.1"},
		{name: "Forwarded without for", header: fwd, remote: "10.0.0.1:1", lines: []string{"proto=https"}, want: "10.0.0.1"},
		{name: "Forwarded untrusted peer", header: fwd, remote: "192.0.2.7:1", lines: []string{"for=198.51.100.1"}, want: "192.0.2.7"},

		{name: "Cloudflare", header: cf, remote: "10.0.0.1:1", lines: []string{"192.0.2.7"}, want: "192.0.2.7"},
		{name: "Cloudflare IPv6", header: cf, remote: "10.0.0.1:1", lines: []string{"2001:db8::7"}, want: "2001:db8::/64"},
		{name: "Cloudflare untrusted peer", header: cf, remote: "192.0.2.7:1", lines: []string{"198.51.100.1"}, want: "192.0.2.7"},
		{name: "Cloudflare twice", header: cf, remote: "10.0.0.1:1", lines: []string{"198.51.100.1", "192.0.2.7"}, want: "10.0.0.1"},
		{name: "Cloudflare list", header: cf, remote: "10.0.0.1:1", lines: []string{"198.51.100.1, 192.0.2.7"}, want: "10.0.0.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := request(tt.remote, tt.header, tt.lines...)
			if got := resolver(t, tt.header).Bucket(r).String(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestOnlyTheNamedHeaderIsRead(t *testing.T) {
	t.Parallel()
	r := request("10.0.0.1:1", "X-Forwarded-For", "192.0.2.7")
	for _, name := range []string{"Forwarded", "CF-Connecting-IP", "X-Real-IP", "True-Client-IP"} {
		r.Header.Set(name, "for=198.51.100.1")
	}
	if got := resolver(t, "x-forwarded-for").Bucket(r).String(); got != "192.0.2.7" {
		t.Error(got)
	}
}

func TestConfigProblems(t *testing.T) {
	t.Parallel()
	ten := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	wide := func(s string) []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix(s)} }
	for _, tt := range []struct {
		name string
		opt  clientip.Options
		want []string // paths
	}{
		{name: "zero"},
		{name: "good", opt: clientip.Options{TrustedProxies: ten, Header: "cf-connecting-ip"}},
		{name: "mapped prefix is good", opt: clientip.Options{TrustedProxies: wide("::ffff:10.0.0.0/104"), Header: "Forwarded"}},
		{name: "presets are good", opt: clientip.Options{TrustedProxies: append(clientip.Private(), clientip.Cloudflare()...), Header: "Forwarded"}},
		{name: "header alone", opt: clientip.Options{Header: "X-Forwarded-For"}, want: []string{"ClientIP.TrustedProxies"}},
		{name: "proxies alone", opt: clientip.Options{TrustedProxies: ten}, want: []string{"ClientIP.Header"}},
		{name: "unknown header", opt: clientip.Options{TrustedProxies: ten, Header: "X-Real-IP"}, want: []string{"ClientIP.Header"}},
		{name: "everybody", opt: clientip.Options{TrustedProxies: wide("0.0.0.0/0"), Header: "Forwarded"}, want: []string{"ClientIP.TrustedProxies[0]"}},
		{name: "everybody in IPv6", opt: clientip.Options{TrustedProxies: wide("::/0"), Header: "Forwarded"}, want: []string{"ClientIP.TrustedProxies[0]"}},
		{name: "everybody, mapped", opt: clientip.Options{TrustedProxies: wide("::ffff:0.0.0.0/96"), Header: "Forwarded"}, want: []string{"ClientIP.TrustedProxies[0]"}},
		{
			name: "all at once", opt: clientip.Options{TrustedProxies: []netip.Prefix{ten[0], {}, {}}, Header: "X-Real-IP"},
			want: []string{"ClientIP.TrustedProxies[1]", "ClientIP.TrustedProxies[2]", "ClientIP.Header"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			problems := cfgerr.For("ratelimit")
			clientip.New(problems, "ClientIP", tt.opt)
			err := problems.Err()
			if len(tt.want) == 0 {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil {
				t.Fatal("no error")
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(tt.want) {
				t.Fatalf("got %d problems, want %d:\n%v", len(lines), len(tt.want), err)
			}
			for i, path := range tt.want {
				if !strings.HasPrefix(lines[i], "ratelimit: "+path+": ") {
					t.Errorf("problem %d: %q, want the path %s", i, lines[i], path)
				}
			}
		})
	}
}

func TestMappedPrefixTrustsIPv4(t *testing.T) {
	t.Parallel()
	res := clientip.New(cfgerr.For("x"), "ClientIP", clientip.Options{
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("::ffff:10.0.0.0/104")}, Header: "X-Forwarded-For",
	})
	if got := res.Bucket(request("10.1.2.3:1", "X-Forwarded-For", "192.0.2.7")).String(); got != "192.0.2.7" {
		t.Error(got)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, remote, header string
		trusting             bool
		want                 map[string]any // nil: none
	}{
		{name: "private peer", remote: "172.16.0.9:1", header: "X-Forwarded-For", want: map[string]any{"peer": "private", "header": "X-Forwarded-For"}},
		{name: "Cloudflare peer", remote: "[2606:4700::9]:1", header: "CF-Connecting-IP", want: map[string]any{"peer": "Cloudflare", "header": "Cf-Connecting-Ip"}},
		{name: "private peer without a header", remote: "172.16.0.9:1"},
		{name: "public peer", remote: "192.0.2.7:1", header: "X-Forwarded-For"},
		{name: "trusting", remote: "172.16.0.9:1", header: "X-Forwarded-For", trusting: true},
		{name: "no address", remote: "@", want: map[string]any{"bucket": "unknown"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			core, logs := observer.New(zap.DebugLevel)
			opt := clientip.Options{Logger: zap.New(core)}
			if tt.trusting {
				opt.TrustedProxies, opt.Header = clientip.Private(), "X-Forwarded-For"
			}
			res := clientip.New(cfgerr.For("x"), "ClientIP", opt)
			for range 3 {
				res.Bucket(request(tt.remote, "X-Nothing"))
				if tt.header != "" {
					res.Bucket(request(tt.remote, tt.header, "203.0.113.9"))
				}
			}
			got := logs.All()
			if tt.want == nil {
				if len(got) != 0 {
					t.Fatalf("warned: %v", got)
				}
				return
			}
			if len(got) != 1 {
				t.Fatalf("%d warnings, want one", len(got))
			}
			fields := got[0].ContextMap()
			if len(fields) != len(tt.want) {
				t.Errorf("fields %v, want %v", fields, tt.want)
			}
			for name, value := range tt.want {
				if fields[name] != value {
					t.Errorf("field %s: %v, want %v", name, fields[name], value)
				}
			}
		})
	}
}

func TestPresetsBelongToTheCaller(t *testing.T) {
	t.Parallel()
	first := clientip.Private()[0]
	clientip.Private()[0] = netip.Prefix{}
	if clientip.Private()[0] != first {
		t.Error("a caller changed the preset")
	}
	for _, p := range append(clientip.Private(), clientip.Cloudflare()...) {
		if p != p.Masked() {
			t.Errorf("%s has host bits", p)
		}
	}
}
