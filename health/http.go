package health

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// maxAnswer bounds what HTTP reads of an answer: its header, and its body.
const maxAnswer = 64 << 10

// HTTP returns the Func of a [Check] that gets address, an absolute URL with
// http or https, and fails unless the answer is of the 2xx class. A redirect
// is not followed: what is well answers for itself, and a login page is no
// sign of health. Each run makes a connection of its own, through the proxy
// that the environment names, if any, and reads 64 KiB of the body at most.
// Neither the URL nor a body or a Location stands in an error's text, since
// they may hold secrets; of an answer that is no HTTP, the first line may.
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
	// A Transport, because a Client quotes a Location that it cannot read. No
	// connection is kept: it would hold goroutines, and hide that no new one
	// can be made.
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true,
		DialContext:            dialer().DialContext,
		MaxResponseHeaderBytes: maxAnswer, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
	}
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
		if err != nil {
			return withoutURL(err)
		}
		req.Header.Set("User-Agent", "readiness-health")
		if password, has := u.User.Password(); has || u.User.Username() != "" {
			req.SetBasicAuth(u.User.Username(), password)
		}
		res, err := transport.RoundTrip(req)
		if err != nil {
			return withoutURL(err)
		}
		defer func() { _ = res.Body.Close() }() // the answer is known by then
		if res.StatusCode < 200 || res.StatusCode > 299 {
			return fmt.Errorf("answered %d %s", res.StatusCode, http.StatusText(res.StatusCode))
		}
		_, err = io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer))
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
