package cache

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// entry is one stored page. Every request that it answers reads the same one,
// and nothing in it changes but the memo of its age.
type entry struct {
	fields  []field
	dropped []string // headers that the handler took off what middleware around the cache had set
	etag    string
	body    []byte
	born    time.Time // when its handler began
	expires time.Time
	aged    atomic.Pointer[aged]
}

// field is one header of a stored page. Its values have no spare capacity,
// so that an append by another middleware copies them.
type field struct {
	name   string
	values []string
}

// entryCost is what an entry is reckoned to take besides its key, its names
// and values, and its body.
const (
	entryCost = 150
	fieldCost = 64
)

// size returns about how many bytes the entry holds.
func (e *entry) size() int64 {
	n := entryCost + len(e.body) + cap(e.fields)*fieldCost
	for _, f := range e.fields {
		n += len(f.name)
		for _, v := range f.values {
			n += len(v)
		}
	}
	return int64(n)
}

// newEntry makes a page of what a handler sent. before is the header as it
// was when the request reached the cache and header as the handler left it:
// only the difference belongs to the page, because what middleware around
// the cache set (a request id, a nonce) it will set again.
func (p *policy) newEntry(before, header http.Header, body []byte, born time.Time) *entry {
	e := &entry{body: body, born: born, expires: born.Add(p.TTL)}
	e.fields = make([]field, 0, len(header)+4)
	for name, values := range header {
		if was, ok := before[name]; perRequest(name) || ok && slices.Equal(was, values) {
			continue
		}
		e.fields = append(e.fields, field{name, slices.Clip(slices.Clone(values))})
	}
	for name := range before {
		if _, ok := header[name]; !ok {
			e.dropped = append(e.dropped, name)
		}
	}
	add := func(name, value string) { e.fields = append(e.fields, field{name, []string{value}}) }
	if _, ok := header["Content-Type"]; !ok && len(body) > 0 && header.Get("Content-Encoding") == "" {
		add("Content-Type", http.DetectContentType(body)) // as net/http does for a first write
	}
	if e.etag = header.Get("Etag"); !strongTag(e.etag) {
		sum := sha256.Sum256(body)
		e.etag = `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	}
	add("Etag", e.etag)
	add("Cache-Control", "no-cache")
	add("Content-Length", strconv.Itoa(len(body)))
	if vary := merged(header["Vary"], p.Vary); len(vary) > 0 {
		e.fields = append(e.fields, field{"Vary", vary})
	}
	e.fields = slices.Clip(e.fields)
	slices.SortFunc(e.fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
	return e
}

// merged returns the lines of a comma-separated header with those items of
// more added that they do not list. The result has no spare capacity and
// shares nothing with lines.
func merged(lines, more []string) []string {
	out := make([]string, 0, len(lines)+len(more))
	out = append(out, lines...)
	for _, line := range more {
		for item := range strings.SplitSeq(line, ",") {
			if item = strings.Trim(item, " \t"); item != "" && !listed(out, item) {
				out = append(out, item)
			}
		}
	}
	return slices.Clip(out)
}

// listed reports whether a comma-separated header lists name.
func listed(lines []string, name string) bool {
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.Trim(item, " \t"), name) {
				return true
			}
		}
	}
	return false
}
