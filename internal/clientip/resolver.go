package clientip

import (
	"net/http"
	"net/netip"
	"sync/atomic"

	"go.uber.org/zap"
)

// maxHops bounds the walk through a header. No honest chain of proxies is as
// long.
const maxHops = 32

// Resolver finds the client of a request. It is immutable but for what it has
// warned of, and safe for concurrent use. Make one with [New].
type Resolver struct {
	trusted []netip.Prefix
	header  string
	next    func(list string) (rest string, addr netip.Addr, ok bool)
	single  bool // the header holds one address, not a list
	log     *zap.Logger

	warnedUntrusted, warnedUnknown atomic.Bool
}

// Bucket returns the bucket of the request's client. It allocates nothing.
func (res *Resolver) Bucket(r *http.Request) Bucket {
	peer, ok := parsePeer(r.RemoteAddr)
	switch {
	case !ok:
		if res.warnedUnknown.CompareAndSwap(false, true) {
			res.log.Warn("the connection has no client address; all such requests share one bucket",
				zap.String("bucket", Unknown))
		}
		return Bucket{}
	case len(res.trusted) == 0:
		if !res.warnedUntrusted.Load() {
			res.warn(r, peer)
		}
		return BucketOf(peer)
	case !contains(res.trusted, peer):
		return BucketOf(peer)
	case res.single:
		return BucketOf(res.only(r, peer))
	default:
		return BucketOf(res.walk(r, peer))
	}
}

// walk goes through the lists of all header lines from the right, over the
// trusted proxies, to the first address that is not one.
func (res *Resolver) walk(r *http.Request, peer netip.Addr) netip.Addr {
	lines := r.Header[res.header]
	seen := peer // what the peer itself saw, once that is known
	hops := 0
	for i := len(lines) - 1; i >= 0; i-- {
		for list := lines[i]; ; {
			rest, addr, ok := res.next(list)
			if !ok || hops == maxHops {
				return seen
			}
			if !contains(res.trusted, addr) {
				return addr
			}
			if hops == 0 {
				seen = addr
			}
			hops++
			if rest == "" {
				break
			}
			list = rest
		}
	}
	return seen
}

// only reads a header that holds exactly one address. Two of them were not
// set by the proxy that is trusted to replace it.
func (res *Resolver) only(r *http.Request, peer netip.Addr) netip.Addr {
	lines := r.Header[res.header]
	if len(lines) != 1 {
		return peer
	}
	addr, ok := parseNode(trim(lines[0]))
	if !ok {
		return peer
	}
	return addr
}

// warn tells, once, of a peer that is most likely a proxy while none is
// trusted: everybody behind it shares one bucket, and one busy client locks
// out all others.
func (res *Resolver) warn(r *http.Request, peer netip.Addr) {
	name := ""
	for _, h := range [...]string{XForwardedFor, Forwarded, CFConnectingIP, "X-Real-Ip", "True-Client-Ip"} {
		if len(r.Header[h]) > 0 {
			name = h
			break
		}
	}
	if name == "" {
		return
	}
	kind := ""
	switch {
	case contains(private, peer):
		kind = "private"
	case contains(cloudflare, peer):
		kind = "Cloudflare"
	default:
		return
	}
	if res.warnedUntrusted.CompareAndSwap(false, true) {
		res.log.Warn("a proxy forwards requests but is not trusted, so that all its clients share one bucket; "+
			"set ClientIP.TrustedProxies and ClientIP.Header",
			zap.String("peer", kind), zap.String("header", name))
	}
}
