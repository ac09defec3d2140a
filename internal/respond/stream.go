package respond

import (
	"net/http"
	"strings"
)

// Stream is how an answer goes on for as long as both sides like, so that how
// long it took says nothing about how fast it was.
type Stream uint8

// The kinds of streams.
const (
	NoStream Stream = iota
	// HijackedConn is a connection that the handler took over, as for a
	// WebSocket over HTTP/1.1.
	HijackedConn
	// EventStream is an answer of server-sent events.
	EventStream
	// Tunnel is a 2xx to a CONNECT (RFC 9110, section 9.3.6), which is also
	// how a WebSocket begins over HTTP/2 (RFC 8441).
	Tunnel
)

// Stream returns the kind of stream that the answer became. It is known only
// where the one who wrapped the writer set [Hooks].Stream, because looking
// costs every answer something.
func (rec *Recorder) Stream() Stream { return rec.stream }

// openStream notes that the answer is a stream, once.
func (rec *Recorder) openStream(kind Stream) {
	if rec.hooks != nil && rec.hooks.Stream != nil && rec.stream == NoStream {
		rec.stream = kind
		rec.hooks.Stream(kind)
	}
}

// streamOf returns the kind of stream that a final header begins. An error is
// none, whatever type its body has.
func streamOf(status int, connect bool, h http.Header) Stream {
	switch {
	case status < 200 || status > 299:
		return NoStream
	case connect:
		return Tunnel
	}
	if v := h["Content-Type"]; len(v) > 0 && isEventStream(v[0]) {
		return EventStream
	}
	return NoStream
}

// isEventStream reports whether a media type is that of server-sent events.
// Types are compared without regard to case (RFC 9110, section 8.3.1).
func isEventStream(contentType string) bool {
	const want = "text/event-stream"
	if len(contentType) < len(want) || !strings.EqualFold(contentType[:len(want)], want) {
		return false
	}
	rest := strings.TrimLeft(contentType[len(want):], " \t")
	return rest == "" || rest[0] == ';'
}
