package clientip

import "net/netip"

// Unknown is the text of the one bucket for requests without any client
// address.
const Unknown = "unknown"

// bucketBits is how much of an IPv6 address tells one client from another.
const bucketBits = 64

// Bucket is what one client is counted under: an IPv4 address, an IPv6 /64,
// or nothing that is known (the zero value). Buckets can be compared with ==.
type Bucket struct{ prefix netip.Prefix }

// BucketOf returns the bucket of an address. The invalid address has the
// unknown bucket.
func BucketOf(addr netip.Addr) Bucket {
	if addr.Is4() {
		return Bucket{netip.PrefixFrom(addr, 32)}
	}
	addr = unfold(addr.Unmap().WithZone(""))
	switch {
	case !addr.IsValid():
		return Bucket{}
	case addr.Is4():
		return Bucket{netip.PrefixFrom(addr, 32)}
	default:
		return Bucket{netip.PrefixFrom(addr, bucketBits).Masked()}
	}
}

// ParseBucket returns the bucket that text names: an address, with or without
// a port, or what [Bucket.String] returns.
func ParseBucket(text string) (Bucket, bool) {
	if text == Unknown {
		return Bucket{}, true
	}
	if p, err := netip.ParsePrefix(text); err == nil {
		b := BucketOf(p.Addr())
		return b, b.prefix == p
	}
	addr, ok := parseNode(text)
	return BucketOf(addr), ok
}

// Known reports whether the bucket belongs to an address.
func (b Bucket) Known() bool { return b.prefix.IsValid() }

// In reports whether the whole bucket lies in p.
func (b Bucket) In(p netip.Prefix) bool {
	return b.Known() && p.Bits() <= b.prefix.Bits() && p.Contains(b.prefix.Addr())
}

// AppendKey appends a binary key to dst and returns the longer slice: one
// byte for the kind, then 4 bytes of IPv4 or 8 of IPv6. Different buckets
// have different keys, none the beginning of another. It allocates nothing
// where dst has room.
func (b Bucket) AppendKey(dst []byte) []byte {
	switch addr := b.prefix.Addr(); {
	case !b.Known():
		return append(dst, 0)
	case addr.Is4():
		four := addr.As4()
		return append(append(dst, 4), four[:]...)
	default:
		sixteen := addr.As16()
		return append(append(dst, 6), sixteen[:bucketBits/8]...)
	}
}

// String returns "192.0.2.1", "2001:db8::/64" or "unknown".
func (b Bucket) String() string {
	switch {
	case !b.Known():
		return Unknown
	case b.prefix.Addr().Is4():
		return b.prefix.Addr().String()
	default:
		return b.prefix.String()
	}
}

// unfold returns the IPv4 address inside a NAT64 (RFC 6052, well-known
// prefix) or 6to4 (RFC 3056) address, and addr itself where it is neither.
func unfold(addr netip.Addr) netip.Addr {
	if !addr.Is6() {
		return addr
	}
	b := addr.As16()
	switch {
	case nat64.Contains(addr):
		return netip.AddrFrom4([4]byte(b[12:16]))
	case sixToFour.Contains(addr):
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return addr
}

// The prefixes of IPv6 addresses that hold an IPv4 address.
var (
	nat64     = netip.PrefixFrom(netip.AddrFrom16([16]byte{0x00, 0x64, 0xff, 0x9b}), 96)
	sixToFour = netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20, 0x02}), 16)
)
