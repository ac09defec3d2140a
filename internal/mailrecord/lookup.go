package mailrecord

import (
	"context"
	"net/netip"
)

// Status is what became of a question to the DNS.
type Status uint8

// The statuses. All but Unknown are facts.
const (
	Unknown Status = iota // not asked in time, or the server failed
	Found                 // there are records of the type
	NoData                // the name exists, without records of the type
	NoName                // the name does not exist
)

// void reports whether the answer is a void lookup (RFC 7208, section 4.6.4).
func (s Status) void() bool { return s == NoData || s == NoName }

// Lookup asks the DNS for a walk. Its methods are called concurrently, with
// names in lower case without the last dot, sometimes more than once with the
// same; they return when ctx ends.
type Lookup interface {
	// TXT returns the TXT records of a name, each as its strings.
	TXT(ctx context.Context, name string) ([][]string, Status)
	// MX returns the mail servers of a name, in any order.
	MX(ctx context.Context, name string) ([]string, Status)
	// Addresses returns the IPv4 and IPv6 addresses of a name: Found where
	// there is one of either family, Unknown where there is none and either
	// question failed.
	Addresses(ctx context.Context, name string) ([]netip.Addr, Status)
}
