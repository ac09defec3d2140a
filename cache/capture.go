package cache

import (
	"bufio"
	"errors"
	"io"
	"maps"
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
	w       http.ResponseWriter
	r       *http.Request
	policy  *policy
	maxBody int64
	flight  *flight // nil where nobody waits

	before  http.Header // what was set when the request came
	header  http.Header // what was set at WriteHeader; nil before that
	body    []byte
	length  int64  // the declared Content-Length, -1 where there is none
	sent    bool   // the header has gone to the client
	refused string // why there will be no page; empty while there may be one
	status  int
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
	reason, length := c.policy.refuses(status, c.header, c.maxBody)
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
	if c.refused == "" {
		total := int64(len(c.body)) + int64(len(p))
		switch {
		case c.length >= 0 && total > c.length:
			c.refuse("content-length") // the write below tells the handler
		case total > c.maxBody:
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
	if !c.sent {
		c.release("readiness; fwd=miss")
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
		c.flight.land(nil, false)
	}
	return conn, rw, err
}

// refuse gives the page up, tells those who wait, and passes on what was held
// back. Only the first reason counts.
func (c *capture) refuse(reason string) {
	if c.refused != "" {
		return
	}
	c.refused = reason
	c.flight.land(nil, c.onlyThisRun())
	if !c.sent {
		c.release("readiness; fwd=miss; detail=" + reason)
	}
	c.body = nil
}

// onlyThisRun reports whether the reason lies in this request and says
// nothing about the next one: its client has gone, or it asked whether its
// own page is still good.
func (c *capture) onlyThisRun() bool {
	return c.r.Context().Err() != nil || c.refused == "write-error" || c.status == http.StatusNotModified
}

// release sends the header and what was held back of the body.
func (c *capture) release(status string) {
	c.sent = true
	c.restore(c.header)
	h := c.w.Header()
	if c.refused != "" {
		notStored(h, status)
	} else {
		delete(h, "Expires")
		h.Set("Cache-Control", "no-cache")
		if vary := merged(h["Vary"], c.policy.Vary); len(vary) > 0 {
			h["Vary"] = vary
		}
		h.Add("Cache-Status", status)
	}
	c.w.WriteHeader(c.status)
	if len(c.body) > 0 {
		if _, err := c.w.Write(c.body); err != nil {
			c.refuse("write-error")
		}
	}
}

// restore makes the header of the writer below what it was, but for the
// trailers that the handler has announced in the meantime.
func (c *capture) restore(to http.Header) {
	h := c.w.Header()
	maps.DeleteFunc(h, func(name string, _ []string) bool { return !strings.HasPrefix(name, http.TrailerPrefix) })
	maps.Copy(h, to.Clone())
}

// finish is called when the handler has returned. It reports whether there
// is a whole page; otherwise everything has been sent.
func (c *capture) finish() bool {
	if c.header == nil {
		c.WriteHeader(http.StatusOK)
	}
	switch {
	case c.refused != "":
	case c.length >= 0 && int64(len(c.body)) != c.length:
		c.refuse("content-length")
	case c.trailers():
		c.refuse("trailer")
	case c.r.Context().Err() != nil:
		c.refuse("client-gone") // the handler may have stopped early
	}
	return c.refused == ""
}

func (c *capture) trailers() bool {
	for name := range c.w.Header() {
		if strings.HasPrefix(name, http.TrailerPrefix) {
			return true
		}
	}
	return false
}
