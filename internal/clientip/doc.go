// Package clientip finds the address that a request is counted under.
//
//	problems := cfgerr.For("ratelimit")
//	clients := clientip.New(problems, "ClientIP", clientip.Options{
//		TrustedProxies: clientip.Private(),
//		Header:         clientip.XForwardedFor,
//	})
//	bucket := clients.Bucket(r)
//
// # Whom to believe
//
// Anybody can send any header. So the address is the connection's own, unless
// the peer of the connection is one of the TrustedProxies. Only then is the
// one named header read, from the right, because each proxy adds what it saw
// at the right end: entries that are trusted proxies themselves are stepped
// over, and the first that is not is the client. What stands left of it was
// sent by the client and is never looked at.
//
// The walk can end without an answer: the list is used up, or an entry is no
// address (garbage, "unknown", an obfuscated name). Then the address is the
// rightmost entry, which is what the peer itself saw, and the peer's own where
// that is no address either. Both come from the trusted side: no client can
// put a value there.
//
// # Buckets
//
// What comes out is a [Bucket]: an IPv4 address, or the /64 of an IPv6
// address, since one client commands a whole /64. IPv4 clients that arrive in
// IPv6 clothes (v4-mapped, NAT64 64:ff9b::/96, 6to4 2002::/16) are unfolded to
// their IPv4 address, so that nobody has two buckets and no gateway's clients
// share one. A request whose peer has no address (a unix socket) belongs to
// the bucket "unknown".
package clientip
