package cache

import "net/http"

// selectiveFields are those that ask for less than the whole page, and that a
// stored whole answers.
var selectiveFields = [...]string{"If-None-Match", "If-Modified-Since", "Range", "If-Range"}

// forward runs the handler. Where the request asks for a part of the page, or
// whether its own is still good, the handler is asked for the whole, so that
// it can be stored: the answer to the client is made from that. Under Follow
// the handler is asked just what the client asks, or whether the stale page is
// still good; in the background no client asks.
//
// The handler then gets a shallow copy of the request with a header of its
// own: the client's header is not ours to change. What a ServeMux notes in the
// copy, its pattern, is told to the request that metrics sees.
func (v *visit) forward(w http.ResponseWriter) {
	h := v.forHandler()
	if h == nil {
		v.next.ServeHTTP(w, v.r)
		return
	}
	r := v.r.WithContext(v.r.Context())
	r.Header = h
	defer func() { v.r.Pattern = r.Pattern }()
	v.next.ServeHTTP(w, r)
}

// forHandler returns the header that the handler is to see, nil where it is
// the request's own.
func (v *visit) forHandler() http.Header {
	etag, modified := v.validators()
	if etag == "" && modified == nil && (!v.asks.selective || v.policy.Class == Follow && !v.background) {
		return nil
	}
	h := v.r.Header.Clone()
	for _, name := range selectiveFields {
		delete(h, name)
	}
	if etag != "" {
		h.Set("If-None-Match", etag)
	}
	if modified != nil {
		h["If-Modified-Since"] = modified
	}
	return h
}

// validators returns by what the handler can say that the stale page is still
// good (RFC 9111, section 4.3.1). Only under Follow: for the other classes the
// tag is most often our own, which no handler knows.
func (v *visit) validators() (etag string, modified []string) {
	if v.prior == nil || v.policy.Class != Follow || v.soft {
		return "", nil
	}
	return v.prior.etag, v.prior.values("Last-Modified")
}
