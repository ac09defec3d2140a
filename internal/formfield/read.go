package formfield

import (
	"bytes"
	"io"
	"mime"
	"net/http"
)

// Max is how much of a body is read.
const Max = 64 << 10

// Form is the part of a request that holds fields. It belongs to one request
// and is not safe for concurrent use.
type Form struct {
	query     string
	data      []byte
	whole     bool
	mediaType string
	boundary  string
}

// Read reads the request's form, and puts what it took from the body back into
// r.Body. It blocks as long as a handler would that reads the body. Where the
// client waits to be told, this makes the server send 100 Continue.
func Read(r *http.Request) *Form {
	f := &Form{query: r.URL.RawQuery, whole: true}
	if r.Body == nil || r.Body == http.NoBody {
		return f
	}
	// As in http.Request.ParseForm: the type counts even where its parameters
	// cannot be read.
	mediaType, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	f.mediaType, f.boundary = mediaType, params["boundary"]
	var head bytes.Buffer
	if r.ContentLength > 0 {
		head.Grow(int(min(r.ContentLength, Max)) + bytes.MinRead)
	}
	_, err := head.ReadFrom(io.LimitReader(r.Body, Max))
	f.data = head.Bytes()
	f.whole = err == nil && len(f.data) < Max
	if f.whole {
		err = io.EOF
	}
	r.Body = &replay{head: f.data, err: err, rest: r.Body}
	return f
}

// Whole reports whether all of the body was read. Where it is false there may
// be fields, and further values of a field, that nobody knows of.
func (f *Form) Whole() bool { return f.whole }

// Multipart reports whether the body says that it is a multipart form, which
// may hold files.
func (f *Form) Multipart() bool { return f.boundary != "" && isMultipart(f.mediaType) }

// Lend calls fn, which may parse the request's form in any way: afterwards the
// request is as it was. fn sees at most [Max] bytes of the body.
func (f *Form) Lend(r *http.Request, fn func(*http.Request) bool) bool {
	body, form, post, multi := r.Body, r.Form, r.PostForm, r.MultipartForm
	defer func() {
		if r.MultipartForm != multi && r.MultipartForm != nil {
			_ = r.MultipartForm.RemoveAll() // the server removes those of its own only
		}
		r.Body, r.Form, r.PostForm, r.MultipartForm = body, form, post, multi
	}()
	r.Body = io.NopCloser(bytes.NewReader(f.data))
	return fn(r)
}

// replay is a body whose beginning was read and is read again.
type replay struct {
	head []byte
	err  error // what came after head, nil where there is more in rest
	rest io.ReadCloser
}

// Read returns the bytes and the error that the body itself would.
func (b *replay) Read(p []byte) (int, error) {
	if len(b.head) > 0 {
		n := copy(p, b.head)
		b.head = b.head[n:]
		return n, nil
	}
	if b.err != nil {
		return 0, b.err
	}
	return b.rest.Read(p)
}

// Close closes the body. What was read in advance is gone with it.
func (b *replay) Close() error {
	b.head, b.err = nil, http.ErrBodyReadAfterClose
	return b.rest.Close()
}
