package respond

import (
	"errors"
	"io"
	"net/http"
)

// Hooks are called while a response passes through a [Recorder]. Each may be
// nil.
type Hooks struct {
	// Header is called once, just before the final header goes out, with its
	// status: header fields may still be changed. Informational (1xx)
	// headers do not call it, nor does a hijack. For a handler that writes
	// nothing at all it is called by [Recorder.Finish].
	Header func(status int)
	// Body sees every byte of the body before it is sent. It must neither
	// keep nor change p.
	Body func(p []byte)
	// Stream is called once, when the answer turns out to be a stream: after
	// a hijack, or after Header.
	Stream func(kind Stream)
}

// Recorder records one response. It is used by one request's goroutine at a
// time, as the ResponseWriter that it records.
type Recorder struct {
	w        http.ResponseWriter
	hooks    *Hooks // nil: none
	outer    *notes // nil where this is the outermost: own then
	own      notes
	bytes    int64
	status   uint16
	head     bool
	connect  bool
	hijacked bool
	stream   Stream
}

// Find returns the outermost recorder inside w, following Unwrap methods, or
// nil where there is none. It costs a few nanoseconds a layer.
func Find(w http.ResponseWriter) *Recorder {
	for {
		switch t := w.(type) {
		case interface{ recorder() *Recorder }:
			return t.recorder()
		case unwrapper:
			w = t.Unwrap()
		default:
			return nil
		}
	}
}

// Ensure returns w and its recorder where [Find] finds one, and a new
// recorder without hooks around w otherwise.
func Ensure(w http.ResponseWriter, r *http.Request) (http.ResponseWriter, *Recorder) {
	if rec := Find(w); rec != nil {
		return w, rec
	}
	return Wrap(w, r, Hooks{})
}

// Finish is for the one who wrapped the writer, when the handler has returned
// (not when it panicked): where it wrote nothing, net/http sends the implicit
// 200 only after everybody has returned, and this is the last chance to
// change its header.
func (rec *Recorder) Finish() { rec.sendHeader(http.StatusOK) }

// Status returns the status of the final header, 0 while none was sent.
func (rec *Recorder) Status() int { return int(rec.status) }

// Settle returns the status that the client sees once the handler is done:
// the one sent, 101 after a hijack, and where nothing was sent 500 if the
// handler panicked (recovered is not nil) and 200 if it returned.
func (rec *Recorder) Settle(recovered any) int {
	switch {
	case rec.status != 0:
		return int(rec.status)
	case rec.hijacked:
		return http.StatusSwitchingProtocols
	case recovered != nil:
		return http.StatusInternalServerError
	default:
		return http.StatusOK
	}
}

// Bytes returns how many bytes of a body were sent; 0 for a HEAD request,
// whose body net/http throws away.
func (rec *Recorder) Bytes() int64 { return rec.bytes }

// Hijacked reports whether the handler took the connection over.
func (rec *Recorder) Hijacked() bool { return rec.hijacked }

// Header returns the header map of the recorded writer.
func (rec *Recorder) Header() http.Header { return rec.w.Header() }

// Unwrap returns the recorded writer, for http.ResponseController and Find.
func (rec *Recorder) Unwrap() http.ResponseWriter { return rec.w }

// WriteHeader sends a header. An informational one (1xx but 101) passes
// without fixing the status.
func (rec *Recorder) WriteHeader(status int) {
	// Below 100 and above 999 net/http panics: nothing to record.
	if status >= 100 && status <= 999 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		rec.sendHeader(status)
	}
	rec.w.WriteHeader(status)
}

// Write sends a part of the body, after an implicit 200 where no header was
// sent.
func (rec *Recorder) Write(p []byte) (int, error) {
	rec.sendHeader(http.StatusOK)
	if rec.watched() && len(p) > 0 {
		rec.hooks.Body(p)
	}
	n, err := rec.w.Write(p)
	rec.count(int64(n))
	return n, err
}

// WriteString is Write for a string, without a copy where the recorded writer
// knows how.
func (rec *Recorder) WriteString(s string) (int, error) {
	sw, ok := rec.w.(io.StringWriter)
	if !ok || rec.watched() {
		return rec.Write([]byte(s))
	}
	rec.sendHeader(http.StatusOK)
	n, err := sw.WriteString(s)
	rec.count(int64(n))
	return n, err
}

// ReadFrom sends src as the body. It hands src to the recorded writer's own
// ReadFrom (sendfile), unless a hook wants to see the bytes.
//
// The first bytes are read here: a source that is empty, or fails at once,
// sends no header, and the handler may still answer with an error.
func (rec *Recorder) ReadFrom(src io.Reader) (int64, error) {
	rf, ok := rec.w.(io.ReaderFrom)
	if !ok || rec.watched() {
		return io.Copy(justWriter{rec}, src)
	}
	if rec.status == 0 {
		start := make([]byte, 512)
		n, err := io.ReadAtLeast(src, start, 1)
		if n == 0 {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return 0, err
		}
		written, err := rec.Write(start[:n])
		if err != nil {
			return int64(written), err
		}
		rest, err := rf.ReadFrom(src)
		rec.count(rest)
		return int64(written) + rest, err
	}
	n, err := rf.ReadFrom(src)
	rec.count(n)
	return n, err
}

// justWriter hides ReadFrom, so that io.Copy does not come back to it.
type justWriter struct{ io.Writer }

func (rec *Recorder) recorder() *Recorder { return rec }

// watched reports whether somebody wants to see the body.
func (rec *Recorder) watched() bool { return rec.hooks != nil && rec.hooks.Body != nil }

// sendHeader notes the final status, once, before it goes out.
func (rec *Recorder) sendHeader(status int) {
	if rec.status != 0 || rec.hijacked {
		return
	}
	rec.status = uint16(status) // of three digits: WriteHeader looked
	if rec.hooks == nil {
		return
	}
	if rec.hooks.Header != nil {
		rec.hooks.Header(status)
	}
	if rec.hooks.Stream != nil && !rec.head {
		if kind := streamOf(status, rec.connect, rec.w.Header()); kind != NoStream {
			rec.openStream(kind)
		}
	}
}

func (rec *Recorder) count(n int64) {
	if !rec.head {
		rec.bytes += n
	}
}
