package cache

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
)

// capture is the ResponseWriter of a miss. It holds the answer back while it
// may become a page, and passes it on from the moment at which it may not.
//
// The handler writes into the header map of the writer below, as it would
// without a cache; what it held when the handler called WriteHeader is what
// counts, as in net/http.
type capture struct {
	w      http.ResponseWriter
	visit  *visit
	flight *flight // nil where nobody waits

	before  http.Header // what was set when the request came
	header  http.Header // what was set at WriteHeader; nil before that
	body    []byte
	length  int64  // the declared Content-Length, -1 where there is none
	sent    bool   // the header has gone to the client
	refused string // why there will be no page; empty while there may be one
	status  int
	instead end // notModified or rescued: this answer goes to nobody
}

// end is how the run of a handler ended.
type end uint8

const (
	passedOn    end = iota // everything has been sent
	whole                  // there is a page, and nothing has been sent unless the handler flushed
	notModified            // the handler says that the stale page is still good
	rescued                // the handler failed, and the stale page may be served
)

// capture returns the writer for a run.
func (v *visit) capture(f *flight) *capture {
	return &capture{w: v.w, visit: v, flight: f, before: v.w.Header().Clone(), length: -1}
}

// Header returns the header map of the writer below.
func (c *capture) Header() http.Header { return c.w.Header() }

// Unwrap returns the writer below, for http.ResponseController and for the
// recorder.
func (c *capture) Unwrap() http.ResponseWriter { return c.w }

// WriteHeader decides by the header whether the answer may become a page.
func (c *capture) WriteHeader(status int) {
	switch {
	case c.header != nil:
		return // only the first counts
	case status < 100 || status > 999, status < 200 && status != http.StatusSwitchingProtocols:
		c.w.WriteHeader(status) // informational; or not a status, which net/http says
		return
	}
	c.status = status
	c.header = c.w.Header().Clone()
	if c.header == nil {
		c.header = http.Header{}
	}
	if c.instead = c.visit.instead(status); c.instead != passedOn {
		return
	}
	reason, length := c.visit.refuses(status, c.header)
	c.length = length
	if reason != "" {
		c.refuse(reason)
	}
}

// Write keeps a part of the body, or passes it on.
func (c *capture) Write(p []byte) (int, error) {
	if c.header == nil {
		c.WriteHeader(http.StatusOK)
	}
	if c.instead != passedOn {
		return len(p), nil
	}
	if c.refused == "" {
		total := int64(len(c.body)) + int64(len(p))
		switch {
		case c.length >= 0 && total > c.length:
			c.refuse("content-length") // the write below tells the handler
		case total > c.visit.cache.maxBody:
			c.refuse("too-large")
		default:
			c.body = append(c.body, p...)
			if !c.sent {
				return len(p), nil
			}
		}
	}
	n, err := c.w.Write(p)
	if err != nil {
		c.refuse("write-error")
	}
	return n, err
}

// WriteString is Write for a string.
func (c *capture) WriteString(s string) (int, error) {
	if c.refused != "" {
		return io.WriteString(c.w, s)
	}
	return c.Write([]byte(s))
}

// ReadFrom writes what it reads from src; by the means of the writer below
// once the answer is only passed on.
func (c *capture) ReadFrom(src io.Reader) (int64, error) {
	if c.refused != "" {
		return io.Copy(c.w, src)
	}
	return io.Copy(struct{ io.Writer }{c}, src)
}

// FlushError sends what is there. The answer may still become a page, but
// this client gets it without an ETag.
func (c *capture) FlushError() error {
	if c.header == nil {
		c.WriteHeader(http.StatusOK)
	}
	if c.instead != passedOn {
		return nil
	}
	if !c.sent {
		c.release("")
	}
	err := http.NewResponseController(c.w).Flush()
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		c.refuse("write-error")
	}
	return err
}

// Flush is FlushError for http.Flusher.
func (c *capture) Flush() { _ = c.FlushError() }

// Hijack takes the connection over.
func (c *capture) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(c.w).Hijack()
	if err == nil {
		c.refused, c.sent, c.body = "hijack", true, nil
		if c.header == nil {
			c.header = http.Header{}
		}
		c.flight.land(landing{})
	}
	return conn, rw, err
}

// finish is called when the handler has returned, and says how it ended.
func (c *capture) finish() end {
	if c.header == nil {
		c.WriteHeader(http.StatusOK)
	}
	if c.instead != passedOn {
		return c.instead
	}
	switch {
	case c.refused != "":
	case c.length >= 0 && int64(len(c.body)) != c.length:
		c.refuse("content-length")
	case c.trailers():
		c.refuse("trailer")
	case c.visit.r.Context().Err() != nil:
		c.refuse("client-gone") // the handler may have stopped early
	}
	if c.refused != "" {
		return passedOn
	}
	return whole
}

func (c *capture) trailers() bool {
	for name := range c.w.Header() {
		if strings.HasPrefix(name, http.TrailerPrefix) {
			return true
		}
	}
	return false
}
