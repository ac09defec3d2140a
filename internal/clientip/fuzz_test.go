package clientip_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/clientip"
)

var headers = []string{"X-Forwarded-For", "Forwarded", "CF-Connecting-IP"}

// FuzzDirectPeer: whatever a directly connected client sends, in whatever
// header, its bucket is that of its connection.
func FuzzDirectPeer(f *testing.F) {
	f.Add("X-Forwarded-For", "198.51.100.1, 10.0.0.1")
	f.Add("Forwarded", `for="[2001:db8::1]:4711";by=10.0.0.1`)
	f.Add("CF-Connecting-IP", "198.51.100.1")
	f.Add("X-Real-IP", "198.51.100.1")
	resolvers := []*clientip.Resolver{resolver(f, "")}
	for _, h := range headers {
		resolvers = append(resolvers, resolver(f, h))
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		for i, res := range resolvers {
			for remote, want := range map[string]string{"192.0.2.7:999": "192.0.2.7", "[2001:db8::7]:999": "2001:db8::/64", "@": "unknown"} {
				r := request(remote, name, value, value)
				if got := res.Bucket(r).String(); got != want {
					t.Errorf("resolver %d: %s became %s through %s: %q", i, want, got, name, value)
				}
			}
		}
	})
}

// FuzzBehindProxy: behind a trusted proxy that adds the address of its peer,
// a client that is no proxy itself never has another bucket than its own.
func FuzzBehindProxy(f *testing.F) {
	f.Add("198.51.100.1", uint32(0xc0000207), true, uint8(1))
	f.Add(`for="198.51.100.1`, uint32(0xc0000207), true, uint8(2))
	f.Add(`for=x, for="\`, uint32(0xc6336401), false, uint8(0))
	f.Add("", uint32(0x01010101), true, uint8(1))
	f.Add("10.0.0.2,", uint32(0x01010101), false, uint8(3))
	xff, fwd := resolver(f, "X-Forwarded-For"), resolver(f, "Forwarded")
	f.Fuzz(func(t *testing.T, sent string, client4 uint32, sameLine bool, proxies uint8) {
		client := netip.AddrFrom4([4]byte{byte(client4 >> 24), byte(client4 >> 16), byte(client4 >> 8), byte(client4)})
		if netip.MustParsePrefix("10.0.0.0/8").Contains(client) {
			return // the client is a trusted proxy: it may name others
		}
		want := clientip.BucketOf(client).String()
		for name, res := range map[string]*clientip.Resolver{"X-Forwarded-For": xff, "Forwarded": fwd} {
			h := http.Header{name: {sent}}
			peer := client
			for i := range proxies%4 + 1 { // each proxy adds its peer and passes on
				entry := peer.String()
				if name == "Forwarded" {
					entry = `for="` + peer.String() + `";proto=https`
				}
				last := len(h[name]) - 1
				if sameLine {
					h[name][last] += ", " + entry
				} else {
					h[name] = append(h[name], entry)
				}
				peer = netip.AddrFrom4([4]byte{10, 0, 0, i + 1})
			}
			r := &http.Request{RemoteAddr: peer.String() + ":1", Header: h}
			if got := res.Bucket(r).String(); got != want {
				t.Errorf("%s: the client %s became %s by sending %q", name, want, got, sent)
			}
		}
	})
}

// FuzzParseBucket: what is read is written in a form that reads the same.
func FuzzParseBucket(f *testing.F) {
	for _, seed := range []string{"192.0.2.7", "[2001:db8::1%eth0]:1", "2001:db8::/64", "unknown", "1.2.3.4:_x", strings.Repeat("1", 300)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, ok := clientip.ParseBucket(text)
		if !ok {
			return
		}
		again, ok := clientip.ParseBucket(b.String())
		if !ok || again != b {
			t.Errorf("%q is %s, which is %s, %t", text, b, again, ok)
		}
	})
}
