package respond

import (
	"bufio"
	"net"
	"net/http"
)

// The types of a recorder that can do more than write. Each is a Recorder and
// nothing else, and its methods lead to the Recorder's own: a part that led
// back to the Recorder by a pointer would make every request pay for it.
type (
	flush           struct{ Recorder }
	hijack          struct{ Recorder }
	push            struct{ Recorder }
	flushHijack     struct{ Recorder }
	flushPush       struct{ Recorder }
	hijackPush      struct{ Recorder }
	flushHijackPush struct{ Recorder }
)

// Flush is of http.Flusher.
func (x *flush) Flush() { _ = x.flush() }

// FlushError is of http.ResponseController.
func (x *flush) FlushError() error { return x.flush() }

// Flush is of http.Flusher.
func (x *flushHijack) Flush() { _ = x.flush() }

// FlushError is of http.ResponseController.
func (x *flushHijack) FlushError() error { return x.flush() }

// Flush is of http.Flusher.
func (x *flushPush) Flush() { _ = x.flush() }

// FlushError is of http.ResponseController.
func (x *flushPush) FlushError() error { return x.flush() }

// Flush is of http.Flusher.
func (x *flushHijackPush) Flush() { _ = x.flush() }

// FlushError is of http.ResponseController.
func (x *flushHijackPush) FlushError() error { return x.flush() }

// Hijack is of http.Hijacker.
func (x *hijack) Hijack() (net.Conn, *bufio.ReadWriter, error) { return x.hijack() }

// Hijack is of http.Hijacker.
func (x *flushHijack) Hijack() (net.Conn, *bufio.ReadWriter, error) { return x.hijack() }

// Hijack is of http.Hijacker.
func (x *hijackPush) Hijack() (net.Conn, *bufio.ReadWriter, error) { return x.hijack() }

// Hijack is of http.Hijacker.
func (x *flushHijackPush) Hijack() (net.Conn, *bufio.ReadWriter, error) { return x.hijack() }

// Push is of http.Pusher.
func (x *push) Push(target string, opts *http.PushOptions) error { return x.push(target, opts) }

// Push is of http.Pusher.
func (x *flushPush) Push(target string, opts *http.PushOptions) error { return x.push(target, opts) }

// Push is of http.Pusher.
func (x *hijackPush) Push(target string, opts *http.PushOptions) error { return x.push(target, opts) }

// Push is of http.Pusher.
func (x *flushHijackPush) Push(target string, opts *http.PushOptions) error {
	return x.push(target, opts)
}
