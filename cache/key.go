package cache

import (
	"encoding/binary"
	"net/http"
	"net/url"
	"strings"
)

const (
	maxKey   = 4 << 10 // bytes; a request with a longer one passes by
	maxPairs = 128     // query arguments of a request, and of a policy
)

// key returns what makes the page of r different from every other page,
// appended to buf, or the reason why r passes by. Each part is preceded by
// its length and each list by its count, so that no two requests share a key
// whatever their parts contain.
//
// The path and the query arguments stand in it as they were sent: a handler
// may show the raw text, so that two spellings of one value are not the same
// page. Only the order of arguments with different names does not matter.
//
// Where proxied is true, the values of proxyHeaders belong to the key. The
// audience does where the policy has one.
func (p *policy) key(buf []byte, r *http.Request, proxied bool) (key []byte, reason string) {
	u := r.URL
	if u.Opaque != "" || u.User != nil {
		return nil, "url"
	}
	buf = append(buf, p.id...)
	if r.TLS != nil {
		buf = append(buf, 's')
	} else {
		buf = append(buf, '-')
	}
	// Said before the values are: a variant's headers follow a key that has
	// none, and must not look like them.
	if proxied {
		buf = append(buf, 'p')
	} else {
		buf = append(buf, '-')
	}
	for _, part := range [...]string{u.Scheme, u.Host, r.Host, u.Path, u.RawPath} {
		buf = appendPart(buf, part)
	}
	if p.byQuery {
		buf = appendPart(buf, u.RawQuery)
	} else if buf, reason = p.appendQuery(buf, u.RawQuery); reason != "" {
		return nil, reason
	}
	if p.Audience != nil {
		audience, ok := p.Audience(r)
		if !ok {
			return nil, "audience"
		}
		buf = appendPart(buf, audience)
	}
	buf = appendHeaders(buf, r.Header, p.Vary)
	if proxied {
		buf = appendHeaders(buf, r.Header, proxyHeaders[:])
	}
	if len(buf) > maxKey {
		return nil, "key-length"
	}
	return buf, ""
}

func appendHeaders(buf []byte, h http.Header, names []string) []byte {
	for _, name := range names {
		values := h[name]
		buf = binary.AppendUvarint(buf, uint64(len(values)))
		for _, v := range values {
			buf = appendPart(buf, v)
		}
	}
	return buf
}

func appendPart(buf []byte, part string) []byte {
	return append(binary.AppendUvarint(buf, uint64(len(part))), part...)
}

// appendQuery appends the declared arguments, in the order in which the
// policy declares them.
func (p *policy) appendQuery(buf []byte, query string) (key []byte, reason string) {
	if query == "" {
		for range p.Query {
			buf = append(buf, 0)
		}
		return buf, ""
	}
	// which[i] is 1 + the index in p.Query of the i-th argument, 0 for one
	// that is not declared.
	var which [maxPairs]uint16
	n := 0
	for left := query; left != ""; {
		var pair string
		pair, left, _ = strings.Cut(left, "&")
		if pair == "" {
			continue
		}
		if n == maxPairs {
			return nil, "query"
		}
		index, ok := p.argument(pair)
		if !ok || index == 0 && !p.DropOtherQuery {
			return nil, "query"
		}
		which[n], n = uint16(index), n+1
	}
	for declared := range p.Query {
		count := uint64(0)
		for _, index := range which[:n] {
			if int(index) == declared+1 {
				count++
			}
		}
		buf = binary.AppendUvarint(buf, count)
		for i, left := 0, query; left != "" && count > 0; {
			var pair string
			pair, left, _ = strings.Cut(left, "&")
			if pair == "" {
				continue
			}
			if int(which[i]) == declared+1 {
				buf = appendPart(buf, pair)
			}
			i++
		}
	}
	return buf, ""
}

// argument returns 1 + the index of the pair's name in p.Query, and 0 where
// the policy does not declare it. ok is false for a pair that parsers read
// differently: a semicolon, a broken escape.
func (p *policy) argument(pair string) (index int, ok bool) {
	if strings.ContainsRune(pair, ';') {
		return 0, false
	}
	name, value, _ := strings.Cut(pair, "=")
	if strings.ContainsAny(name, "%+") {
		decoded, err := url.QueryUnescape(name)
		if err != nil {
			return 0, false
		}
		name = decoded
	}
	if strings.ContainsRune(value, '%') {
		if _, err := url.QueryUnescape(value); err != nil {
			return 0, false
		}
	}
	for i, declared := range p.Query {
		if name == declared {
			return i + 1, true
		}
	}
	return 0, true
}
