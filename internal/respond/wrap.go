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
// route's name and the outcome. It allocates once.
//
// The writer returned is of one of eight types, so that it has the methods
// Flush, Hijack and Push exactly where w, or a writer that w unwraps to, has
// them. It must not be used after the handler returned, and it is not pooled:
// a handler's goroutine that outlives its request would write into another
// one's response.
func Wrap(w http.ResponseWriter, r *http.Request, hooks Hooks) (http.ResponseWriter, *Recorder) {
	var out http.ResponseWriter
	var rec *Recorder
	switch capabilities(w) {
	case canFlush | canHijack: // HTTP/1
		x := new(flushHijack)
		rec, out = &x.Recorder, x
		x.flusher.rec, x.hijacker.rec = rec, rec
	case canFlush | canPush: // HTTP/2
		x := new(flushPush)
		rec, out = &x.Recorder, x
		x.flusher.rec, x.pusher.rec = rec, rec
	case canFlush:
		x := new(flush)
		rec, out = &x.Recorder, x
		x.flusher.rec = rec
	case canHijack:
		x := new(hijack)
		rec, out = &x.Recorder, x
		x.hijacker.rec = rec
	case canPush:
		x := new(push)
		rec, out = &x.Recorder, x
		x.pusher.rec = rec
	case canHijack | canPush:
		x := new(hijackPush)
		rec, out = &x.Recorder, x
		x.hijacker.rec, x.pusher.rec = rec, rec
	case canFlush | canHijack | canPush:
		x := new(flushHijackPush)
		rec, out = &x.Recorder, x
		x.flusher.rec, x.hijacker.rec, x.pusher.rec = rec, rec, rec
	default:
		rec = new(Recorder)
		out = rec
	}
	rec.w, rec.hooks, rec.head = w, hooks, r.Method == http.MethodHead
	rec.connect = r.Method == http.MethodConnect
	rec.shared = &rec.own
	if outer := Find(w); outer != nil {
		rec.shared = outer.shared
	}
	return out, rec
}

type (
	flushHijack struct {
		Recorder
		flusher
		hijacker
	}
	flushPush struct {
		Recorder
		flusher
		pusher
	}
	flush struct {
		Recorder
		flusher
	}
	hijack struct {
		Recorder
		hijacker
	}
	push struct {
		Recorder
		pusher
	}
	hijackPush struct {
		Recorder
		hijacker
		pusher
	}
	flushHijackPush struct {
		Recorder
		flusher
		hijacker
		pusher
	}
)

// capabilities returns what w can do itself or through Unwrap.
func capabilities(w http.ResponseWriter) (set int) {
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
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return set
		}
		w = u.Unwrap()
	}
}

type flusher struct{ rec *Recorder }

// Flush sends what is buffered, after an implicit 200 where no header was
// sent.
func (f flusher) Flush() { _ = f.FlushError() }

// FlushError is Flush for http.ResponseController, which tells the error.
func (f flusher) FlushError() error {
	f.rec.sendHeader(http.StatusOK)
	return http.NewResponseController(f.rec.w).Flush()
}

type hijacker struct{ rec *Recorder }

// Hijack takes the connection over; what is then written on it is not
// recorded.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.rec.w).Hijack()
	if err == nil {
		h.rec.hijacked = true
		h.rec.openStream(HijackedConn)
	}
	return conn, rw, err
}

type pusher struct{ rec *Recorder }

// Push starts an HTTP/2 server push.
func (p pusher) Push(target string, opts *http.PushOptions) error {
	for w := p.rec.w; ; {
		if down, ok := w.(http.Pusher); ok {
			return down.Push(target, opts)
		}
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return http.ErrNotSupported
		}
		w = u.Unwrap()
	}
}
