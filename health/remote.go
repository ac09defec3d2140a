package health

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// TCP returns the Func of a [Check] that makes a connection to addr, a host
// and a port number such as "mail.internal:587", and closes it. It tells that
// somebody listens there, not that they are well. Where addr cannot be used,
// the result is nil, and [New] reports it.
func TCP(addr string) func(context.Context) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || host == "" {
		return nil
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return nil
	}
	return func(ctx context.Context) error {
		conn, err := dialer().DialContext(ctx, "tcp", addr)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

// DNS returns the Func of a [Check] that looks the addresses of a host up with
// the system's resolver, as every client in this process does. A name that
// ends in a dot is looked up as it is; one that does not may also be found
// below the search domains of resolv.conf. Where name cannot be used, an
// address among them, the result is nil, and [New] reports it.
//
// Where the process uses the resolver of the C library, as on macOS, a look-up
// that timed out goes on until that gives up, which nobody can prevent.
func DNS(name string) func(context.Context) error { return lookUp(resolver(connect), name) }

func lookUp(r *net.Resolver, name string) func(context.Context) error {
	if _, err := netip.ParseAddr(name); err == nil || !hostname(name) {
		return nil
	}
	return func(ctx context.Context) error {
		_, err := r.LookupNetIP(ctx, "ip", name) // never empty without an error
		return err
	}
}

// hostname reports whether name may be that of a host (RFC 1035, section
// 2.3.4, for the lengths). Underscores are usual in private zones.
func hostname(name string) bool {
	name = strings.TrimSuffix(name, ".")
	if len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, letters) != "" {
			return false
		}
	}
	return true
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// dialer returns a Dialer that leaves no look-up behind.
func dialer() *net.Dialer { return &net.Dialer{Resolver: resolver(connect)} }

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

func connect(ctx context.Context, network, address string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, address)
}

// resolver returns the system's resolver, with look-ups that end when their
// context does. Those of net return by then, but go on behind the scenes until
// the name server's time is up, with four goroutines each, and every time-out
// would add some.
func resolver(dial dialFunc) *net.Resolver {
	return &net.Resolver{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		// This context is that of one question: net ends it in any case.
		context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) }) // it is closed, as a rule
		return conn, nil
	}}
}
