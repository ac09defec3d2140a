package main

import (
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/launchready/readiness/cache"
)

// newHandler returns the proxy behind its cache.
func newHandler(origin *url.URL, transport http.RoundTripper, pages *cache.Cache, log *zap.Logger) http.Handler {
	return forwarded(pages.Middleware(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(origin)
			r.Out.Host = r.In.Host
			for _, name := range [...]string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
				r.Out.Header[name] = r.In.Header[name] // set by forwarded, taken off by ReverseProxy
			}
		},
		Transport: transport,
		ErrorLog:  zap.NewStdLog(log),
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil { // otherwise the client has gone
				log.Warn("the origin does not answer", zap.Bool("timeout", os.IsTimeout(err)))
			}
			http.Error(w, http.StatusText(http.StatusBadGateway), http.StatusBadGateway)
		},
	}))
}

// forwarded says who asks in the header of a request, in place of what the
// client says there. It stands outside the cache, which so sees what the
// origin sees: a response may vary by it.
func forwarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := r.Header.Clone()
		for name := range h {
			if name == "Forwarded" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-") {
				delete(h, name)
			}
		}
		scheme := "http"
		if r.TLS != nil {
			scheme = "https"
		}
		address, _, _ := net.SplitHostPort(r.RemoteAddr) // net/http writes it
		h.Set("X-Forwarded-For", address)
		h.Set("X-Forwarded-Host", r.Host)
		h.Set("X-Forwarded-Proto", scheme)
		r = r.WithContext(r.Context()) // a copy: the request is the server's
		r.Header = h
		next.ServeHTTP(w, r)
	})
}

// newTransport returns the way to the origin. It leaves encodings to the
// client and the origin, and no proxy of the environment stands in it.
func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy, t.DisableCompression = nil, true
	t.ResponseHeaderTimeout, t.MaxIdleConnsPerHost, t.MaxResponseHeaderBytes = 30*time.Second, 64, 1<<20
	return t
}
