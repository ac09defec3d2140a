package formfield

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
)

// MaxValues is how many values of one field are told apart.
const MaxValues = 4

// Values returns the values of a field, as they were sent, each once: those of
// the body, then those of the query. Where there are more than [MaxValues], it
// returns only one more. JSON names are compared as encoding/json
// does, without regard to case; all others exactly. A number or a truth value
// of JSON is returned as its text, an array's elements as several values.
func (f *Form) Values(name string) []string {
	var v values
	// Of any method: FormValue reads the body of POST, PUT and PATCH only, and
	// a handler may read another one's by hand.
	switch {
	case f.mediaType == "application/x-www-form-urlencoded":
		v.urlencoded(string(f.data), name, f.whole)
	case f.Multipart():
		v.multipart(f.data, f.boundary, name)
	}
	if first := bytes.TrimLeft(f.data, " \t\r\n"); len(first) > 0 && first[0] == '{' {
		v.json(first, name)
	}
	v.urlencoded(f.query, name, true)
	return v
}

func isMultipart(mediaType string) bool {
	return mediaType == "multipart/form-data" || mediaType == "multipart/mixed"
}

type values []string

// add adds a value that is new. It stops one beyond MaxValues: enough to
// know that they are too many, and not so many that comparing them takes long.
func (v *values) add(s string) {
	if len(*v) > MaxValues {
		return
	}
	if slices.Contains(*v, s) {
		return
	}
	*v = append(*v, s)
}

// urlencoded reads pairs as url.ParseQuery does, and goes on after an error as
// it does. The last pair of a text that is not whole may be cut, and is left
// out.
func (v *values) urlencoded(text, name string, whole bool) {
	for text != "" {
		pair, rest, more := strings.Cut(text, "&")
		if !more && !whole {
			return
		}
		text = rest
		if strings.Contains(pair, ";") {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		if key, err := url.QueryUnescape(key); err != nil || key != name || pair == "" {
			continue
		}
		if value, err := url.QueryUnescape(value); err == nil {
			v.add(value)
		}
	}
}

// multipart reads parts as multipart.Reader.ReadForm does. A part that is cut
// is left out.
func (v *values) multipart(data []byte, boundary, name string) {
	r := multipart.NewReader(bytes.NewReader(data), boundary)
	for {
		part, err := r.NextPart()
		if err != nil {
			return
		}
		if part.FormName() != name || part.FileName() != "" {
			continue
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return
		}
		v.add(string(value))
	}
}

// json reads the members of an object as far as they can be read.
func (v *values) json(data []byte, name string) {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return
		}
		if key, ok := key.(string); ok && strings.EqualFold(key, name) {
			v.scalars(value)
		}
	}
}

func (v *values) scalars(value json.RawMessage) {
	switch value[0] {
	case 'n', '{': // null is no value; an object has none
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(value, &list) != nil {
			return
		}
		for _, element := range list {
			if element[0] != '[' {
				v.scalars(element)
			}
		}
	case '"':
		var s string
		if json.Unmarshal(value, &s) == nil {
			v.add(s)
		}
	default:
		v.add(string(value))
	}
}
