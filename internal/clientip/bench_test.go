package clientip_test

import (
	"fmt"
	"testing"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/launchready/readiness/internal/clientip"
)

func BenchmarkBucket(b *testing.B) {
	for _, bm := range []struct{ name, header, remote, value string }{
		{name: "direct", remote: "192.0.2.7:999"},
		{name: "direct-IPv6", remote: "[2001:db8::7]:999"},
		{name: "X-Forwarded-For", header: "X-Forwarded-For", remote: "10.0.0.1:1", value: "198.51.100.1, 192.0.2.7, 10.0.0.2"},
		{name: "Forwarded", header: "Forwarded", remote: "10.0.0.1:1", value: `for=192.0.2.7;proto=https, for="10.0.0.2"`},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			res := resolver(b, bm.header)
			r := request(bm.remote, "X-Nothing")
			if bm.header != "" {
				r = request(bm.remote, bm.header, bm.value)
			}
			var key [16]byte
			for b.Loop() {
				res.Bucket(r).AppendKey(key[:0])
			}
		})
	}
}

func ExampleResolver_Bucket() {
	problems := cfgerr.For("ratelimit")
	clients := clientip.New(problems, "ClientIP", clientip.Options{
		TrustedProxies: clientip.Private(), Header: clientip.XForwardedFor,
	})
	if err := problems.Err(); err != nil {
		fmt.Println(err)
		return
	}
	// The client claimed to be 198.51.100.1; the proxy 10.0.0.1 saw 192.0.2.7.
	fmt.Println(clients.Bucket(request("10.0.0.1:40000", "X-Forwarded-For", "198.51.100.1, 192.0.2.7")))
	// Nobody trusts this peer's header.
	fmt.Println(clients.Bucket(request("192.0.2.7:40000", "X-Forwarded-For", "198.51.100.1")))
	// Output:
	// 192.0.2.7
	// 192.0.2.7
}
