package smoke

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/launchready/readiness/internal/redact"
	"github.com/launchready/readiness/internal/webpage"
)

// Response is an answer of the target, read to its end or to 2 MiB. It
// belongs to the step that got it.
type Response struct {
	// Status is the status code, such as 200.
	Status int
	// Header is the header of the answer.
	Header http.Header
	// Body is the body, at most 2 MiB of it, unpacked where it was gzipped.
	Body []byte
	// Truncated tells that the body is longer than what was read.
	Truncated bool

	broken bool // the body ended too early
	method string
	asked  *url.URL      // before redirects
	url    *url.URL      // that answered
	facts  webpage.Facts // of a page that was inspected
	doc    any
	parsed bool
}

// Path returns the path and query that answered, after any redirects.
func (r *Response) Path() string { return r.url.RequestURI() }

// JSON returns a field of a JSON document as text: a string as it is, a
// number as it was sent, true, false, null, and anything else as compact
// JSON. A field is a path of keys and list indexes such as "items.0.id"; the
// empty path is the document. Its error says which field is not there.
func (r *Response) JSON(field string) (string, error) {
	at, err := r.document()
	if err != nil {
		return "", err
	}
	if field != "" {
		for key := range strings.SplitSeq(field, ".") {
			next, ok := member(at, key)
			if !ok {
				return "", fmt.Errorf("the JSON has no field %s", field)
			}
			at = next
		}
	}
	switch v := at.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	}
	text, err := json.Marshal(at)
	return string(text), err
}

func member(at any, key string) (any, bool) {
	switch v := at.(type) {
	case map[string]any:
		next, ok := v[key]
		return next, ok
	case []any:
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(v) {
			return v[i], true
		}
	}
	return nil, false
}

// document parses the body once.
func (r *Response) document() (any, error) {
	if r.parsed {
		return r.doc, nil
	}
	if r.Truncated {
		return nil, errors.New("the JSON cannot be read" + cutNote(r))
	}
	dec := json.NewDecoder(bytes.NewReader(r.Body))
	dec.UseNumber()
	var doc any
	if err := dec.Decode(&doc); err != nil {
		return nil, errors.New("the body is not valid JSON")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the body goes on after its JSON document")
	}
	r.doc, r.parsed = doc, true
	return doc, nil
}

// name returns a field that names something: a text or a number.
func (r *Response) name(field string) (string, error) {
	text, err := r.JSON(field)
	if err == nil && (text == "" || text == "null" || strings.ContainsRune("{[", rune(text[0]))) {
		return "", fmt.Errorf("the JSON field %s holds no name", field)
	}
	return text, err
}

// decode reads the whole body as JSON into v.
func (r *Response) decode(v any) error {
	if r.Truncated {
		return errors.New("the JSON cannot be read" + cutNote(r))
	}
	return json.Unmarshal(r.Body, v)
}

// media is what an answer says it is, or where it says nothing what a browser
// would take it for.
func (r *Response) media() string {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media == "" {
		media, _, _ = mime.ParseMediaType(http.DetectContentType(r.Body)) // always one that parses
	}
	return media
}

// request names the request that was answered.
func (r *Response) request() string { return r.method + " " + redact.Path(r.url) }
