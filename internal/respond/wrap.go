package respond

import (
	"bufio"
	"net"
	"net/http"
)

// The optional interfaces of a ResponseWriter, as a set.
const (
	canFlush = 1 << iota
	canHijack
	canPush
)

// Wrap returns a new recorder around w, as the ResponseWriter to hand on and
// as what it recorded. Where w already wraps a recorder, the two share the
// notes about the request. It allocates once, and a second time for hooks.
//
// The writer returned is of one of eight types, so that it has the methods
// Flush, Hijack and Push exactly where w, or a writer that w unwraps to, has
// them. It must not be used after the handler returned, and it is not pooled:
// a handler's goroutine that outlives its request would write into another
// one's response.
func Wrap(w http.ResponseWriter, r *http.Request, hooks Hooks) (http.ResponseWriter, *Recorder) {
	if hooks.Header == nil && hooks.Body == nil && hooks.Stream == nil {
		return WrapShared(w, r, nil)
	}
	own := hooks // not the parameter, which would then always be allocated
	return WrapShared(w, r, &own)
}

// WrapShared is [Wrap] with hooks that are the same for all requests, or nil. It
// keeps hooks, which nobody may change any more.
func WrapShared(w http.ResponseWriter, r *http.Request, hooks *Hooks) (http.ResponseWriter, *Recorder) {
	var out http.ResponseWriter
	var rec *Recorder
	can, wraps := capabilities(w)
	switch can {
	case canFlush | canHijack: // HTTP/1
		x := new(flushHijack)
		rec, out = &x.Recorder, x
	case canFlush | canPush: // HTTP/2
		x := new(flushPush)
		rec, out = &x.Recorder, x
	case canFlush:
		x := new(flush)
		rec, out = &x.Recorder, x
	case canHijack:
		x := new(hijack)
		rec, out = &x.Recorder, x
	case canPush:
		x := new(push)
		rec, out = &x.Recorder, x
	case canHijack | canPush:
		x := new(hijackPush)
		rec, out = &x.Recorder, x
	case canFlush | canHijack | canPush:
		x := new(flushHijackPush)
		rec, out = &x.Recorder, x
	default:
		rec = new(Recorder)
		out = rec
	}
	rec.w, rec.hooks = w, hooks
	rec.head, rec.connect = r.Method == http.MethodHead, r.Method == http.MethodConnect
	if wraps { // as a recorder does, and few others do
		if outer := Find(w); outer != nil {
			rec.outer = outer.shared()
		}
	}
	return out, rec
}

// unwrapper is what a writer has that others can be found through, as
// http.ResponseController does it.
type unwrapper interface{ Unwrap() http.ResponseWriter }

// capabilities returns what w can do itself or through Unwrap, and whether it
// wraps another writer.
func capabilities(w http.ResponseWriter) (set int, wraps bool) {
	for {
		if _, ok := w.(http.Flusher); ok {
			set |= canFlush
		} else if _, ok := w.(interface{ FlushError() error }); ok {
			set |= canFlush
		}
		if _, ok := w.(http.Hijacker); ok {
			set |= canHijack
		}
		if _, ok := w.(http.Pusher); ok {
			set |= canPush
		}
		u, ok := w.(unwrapper)
		if !ok {
			return set, wraps
		}
		w, wraps = u.Unwrap(), true
	}
}

// flush sends what is buffered, after an implicit 200 where no header was
// sent.
func (rec *Recorder) flush() error {
	rec.sendHeader(http.StatusOK)
	return http.NewResponseController(rec.w).Flush()
}

// hijack takes the connection over; what is then written on it is not
// recorded.
func (rec *Recorder) hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(rec.w).Hijack()
	if err == nil {
		rec.hijacked = true
		rec.openStream(HijackedConn)
	}
	return conn, rw, err
}

// push starts an HTTP/2 server push.
func (rec *Recorder) push(target string, opts *http.PushOptions) error {
	for w := rec.w; ; {
		if down, ok := w.(http.Pusher); ok {
			return down.Push(target, opts)
		}
		u, ok := w.(unwrapper)
		if !ok {
			return http.ErrNotSupported
		}
		w = u.Unwrap()
	}
}
