package smoke

import (
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
)

// payload is the body of a form's post. nil is no body.
type payload struct {
	fields    url.Values
	multipart bool
}

// encode returns the body and its media type.
func (p *payload) encode() (content, contentType string) {
	switch {
	case p == nil:
		return "", ""
	case !p.multipart:
		return p.fields.Encode(), "application/x-www-form-urlencoded"
	}
	var b strings.Builder
	w := multipart.NewWriter(&b)
	for _, f := range p.list() {
		_ = w.WriteField(f.name, f.value) // a strings.Builder cannot fail
	}
	_ = w.Close()
	return b.String(), w.FormDataContentType()
}

type field struct{ name, value string }

// list returns the fields in the order of their names.
func (p *payload) list() []field {
	var list []field
	for name, values := range p.fields {
		for _, v := range values {
			list = append(list, field{name, v})
		}
	}
	slices.SortStableFunc(list, func(a, b field) int { return strings.Compare(a.name, b.name) })
	return list
}
