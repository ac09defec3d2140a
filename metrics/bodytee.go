package metrics

import (
	"errors"
	"io"
	"net/http"
	"sync"

	"github.com/launchready/readiness/internal/shape"
)

// maxBody is how much of a body is kept while a request runs.
const maxBody = 8 << 10

// bodyTee keeps the beginning of what the handler reads of a body. It reads
// nothing by itself: a handler that fails before it has read the body leaves
// nothing to describe, and nobody waits for a slow client.
type bodyTee struct {
	io.ReadCloser
	length int64 // as the client announced it; -1 where it did not

	mu    sync.Mutex // a goroutine that outlives its request may still read
	seen  []byte
	more  bool // there was more than is kept
	ended bool
}

// follow puts a tee under the body of a form or of JSON. It is nil for any
// other request.
func follow(r *http.Request) *bodyTee {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	contentType := r.Header["Content-Type"]
	if len(contentType) == 0 || !shape.Readable(contentType[0]) {
		return nil
	}
	t := &bodyTee{ReadCloser: r.Body, length: r.ContentLength}
	r.Body = t
	return t
}

// Read is of io.Reader.
func (t *bodyTee) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	t.mu.Lock()
	defer t.mu.Unlock()
	keep := min(n, maxBody-len(t.seen))
	t.seen = append(t.seen, p[:keep]...)
	t.more = t.more || keep < n
	t.ended = t.ended || errors.Is(err, io.EOF)
	return n, err
}

// shape describes what was read.
func (t *bodyTee) shape(contentType string) (s shape.Body) {
	if t == nil {
		return s
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	whole := t.ended || t.length >= 0 && int64(len(t.seen)) == t.length
	return shape.Of(contentType, t.seen, t.more || !whole)
}

// stop takes the tee off where it still lies under the request, and with it
// goes what it kept.
func (t *bodyTee) stop(r *http.Request) {
	if r.Body == t {
		r.Body = t.ReadCloser
	}
}
