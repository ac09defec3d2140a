package clientip_test

import (
	"net/netip"
	"testing"

	"github.com/launchready/readiness/internal/clientip"
)

func TestBucketOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, addr, want string }{
		{name: "IPv4", addr: "192.0.2.7", want: "192.0.2.7"},
		{name: "v4-mapped", addr: "::ffff:192.0.2.7", want: "192.0.2.7"},
		{name: "IPv6 is cut to its /64", addr: "2001:db8:1:2:3:4:5:6", want: "2001:db8:1:2::/64"},
		{name: "another host of the /64", addr: "2001:db8:1:2::1", want: "2001:db8:1:2::/64"},
		{name: "another /64", addr: "2001:db8:1:3::1", want: "2001:db8:1:3::/64"},
		{name: "zone", addr: "fe80::1%eth0", want: "fe80::/64"},
		{name: "NAT64", addr: "64:ff9b::c000:207", want: "192.0.2.7"},
		{name: "not quite NAT64", addr: "64:ff9b:1::c000:207", want: "64:ff9b:1::/64"},
		{name: "6to4", addr: "2002:c000:207:1::9", want: "192.0.2.7"},
		{name: "loopback", addr: "::1", want: "::/64"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := clientip.BucketOf(netip.MustParseAddr(tt.addr))
			if got := b.String(); got != tt.want || !b.Known() {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if again, ok := clientip.ParseBucket(b.String()); !ok || again != b {
				t.Errorf("ParseBucket(%q) = %v, %t", b, again, ok)
			}
		})
	}
	if b := clientip.BucketOf(netip.Addr{}); b.String() != clientip.Unknown || b.Known() {
		t.Errorf("no address: %s", b)
	}
}

func TestParseBucket(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, want string
		ok         bool
	}{
		{text: "192.0.2.7", want: "192.0.2.7", ok: true},
		{text: "192.0.2.7:1234", want: "192.0.2.7", ok: true},
		{text: "192.0.2.7/32", want: "192.0.2.7", ok: true},
		{text: "[2001:db8::1]:443", want: "2001:db8::/64", ok: true},
		{text: "2001:db8::/64", want: "2001:db8::/64", ok: true},
		{text: "unknown", want: "unknown", ok: true},
		{text: "2001:db8::/48"},
		{text: "10.0.0.0/8"},
		{text: ""},
		{text: "localhost"},
	} {
		b, ok := clientip.ParseBucket(tt.text)
		if ok != tt.ok || ok && b.String() != tt.want {
			t.Errorf("ParseBucket(%q) = %s, %t; want %s, %t", tt.text, b, ok, tt.want, tt.ok)
		}
	}
}

func TestKeysDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]clientip.Bucket{}
	for _, text := range []string{
		"unknown", "0.0.0.0", "192.0.2.7", "192.0.2.8", "::/64", "2001:db8::/64", "2001:db8:0:1::/64", "c000:207::/64",
	} {
		b, ok := clientip.ParseBucket(text)
		if !ok {
			t.Fatal(text)
		}
		key := string(b.AppendKey(nil))
		if other, found := seen[key]; found {
			t.Errorf("%s and %s have the same key", b, other)
		}
		seen[key] = b
	}
}
