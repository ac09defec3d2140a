package health

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// maxDrain is how much of an answer's body HTTP reads.
const maxDrain = 64 << 10

// HTTP returns the Func of a [Check] that gets address, an absolute URL with
// http or https, and fails unless the answer is of the 2xx class. A redirect
// is not followed: what is well answers for itself, and a login page is no
// sign of health. Each run makes a connection of its own, through the proxy
// that the environment names, if any, and reads 64 KiB of the body at most.
// Neither the URL nor the body stands in an error's text, since both may hold
// secrets.
//
// Where address is another service of yours, take its liveness endpoint and
// not its readiness: two services that wait for each other's readiness never
// become ready. Where it cannot be used, the result is nil, and [New] reports
// it.
func HTTP(address string) func(context.Context) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil
	}
	client := &http.Client{
		// No connection is kept: it would hold goroutines, and hide that no
		// new one can be made.
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
		if err != nil {
			return withoutURL(err)
		}
		req.Header.Set("User-Agent", "readiness-health")
		res, err := client.Do(req)
		if err != nil {
			return withoutURL(err)
		}
		defer func() { _ = res.Body.Close() }() // the answer is known by then
		if res.StatusCode < 200 || res.StatusCode > 299 {
			return fmt.Errorf("answered %d %s", res.StatusCode, http.StatusText(res.StatusCode))
		}
		_, err = io.Copy(io.Discard, io.LimitReader(res.Body, maxDrain))
		return err
	}
}

// withoutURL takes the address out of an error of net/http, which may hold a
// key in its query.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

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
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
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
func DNS(name string) func(context.Context) error { return lookUp(net.DefaultResolver, name) }

func lookUp(resolver *net.Resolver, name string) func(context.Context) error {
	if _, err := netip.ParseAddr(name); err == nil || !hostname(name) {
		return nil
	}
	return func(ctx context.Context) error {
		_, err := resolver.LookupNetIP(ctx, "ip", name) // never empty without an error
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
