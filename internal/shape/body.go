package shape

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"unicode/utf8"
)

// The media types that are looked into.
const (
	JSON       = "application/json"
	Form       = "application/x-www-form-urlencoded"
	Multipart  = "multipart/form-data"
	jsonSuffix = "+json"
)

// Field is one field of a form: its name as [Name] shows it, and its type
// with its length, such as "string(17)" or "file(2048)".
type Field struct{ Name, Type string }

// Body is the shape of a request's body. The zero value is no body, or one of
// a type that is not looked into.
type Body struct {
	// MediaType is JSON, Form or Multipart.
	MediaType string
	// Fields are those of a form, in its order.
	Fields []Field
	// Text is JSON of the same structure with a type, such as "string(17)",
	// for every value.
	Text string
	// Partial says that not all of the body was seen, or not all understood:
	// there may be more fields, and the last one may be longer.
	Partial bool
}

// Readable reports whether [Of] looks into bodies of this Content-Type. It
// allocates nothing.
func Readable(contentType string) bool { return mediaType(contentType) != "" }

// mediaType returns the one of the types above that it is, or "".
func mediaType(contentType string) string {
	t, _, _ := strings.Cut(contentType, ";")
	t = strings.TrimSpace(t)
	for _, known := range [...]string{JSON, Form, Multipart} {
		if strings.EqualFold(t, known) {
			return known
		}
	}
	if n := len(t) - len(jsonSuffix); n > 0 && strings.EqualFold(t[n:], jsonSuffix) {
		return JSON
	}
	return ""
}

// Of returns the shape of a body, or of what was seen of it; partial says
// that there is more. Nothing of what it returns is a value of the body.
func Of(contentType string, body []byte, partial bool) Body {
	b := Body{MediaType: mediaType(contentType), Partial: partial}
	switch b.MediaType {
	case JSON:
		b.ofJSON(body)
	case Form:
		b.ofForm(string(body))
	case Multipart:
		b.ofMultipart(contentType, body)
	}
	return b
}

// String returns the shape on one line, such as "email=string(17)&days=…".
// It is empty for no body.
func (b Body) String() string {
	text := b.Text
	for i, f := range b.Fields {
		if i > 0 {
			text += "&"
		}
		text += f.Name + "=" + f.Type
	}
	if b.MediaType != "" && b.Partial {
		text = strings.TrimSpace(text + " (partial)")
	}
	return text
}

func (b *Body) ofForm(body string) {
	for name, value := range fields(body) {
		b.Fields = append(b.Fields, Field{name, text(value)})
	}
	b.Partial = b.Partial || strings.Count(body, "&") >= maxFields
}

func (b *Body) ofMultipart(contentType string, body []byte) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] == "" {
		b.Partial = true
		return
	}
	parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for range maxFields {
		part, err := parts.NextRawPart()
		if err != nil {
			b.Partial = b.Partial || !errors.Is(err, io.EOF)
			return
		}
		var value strings.Builder
		_, err = io.Copy(&value, part)
		f := Field{Name(part.FormName()), text(value.String())}
		if part.FileName() != "" {
			f.Type = fmt.Sprintf("file(%d)", value.Len())
		}
		b.Fields = append(b.Fields, f)
		if err != nil {
			b.Partial = true
			return
		}
	}
	b.Partial = true
}

// text is the type of a text: its length is in characters.
func text(s string) string { return fmt.Sprintf("string(%d)", utf8.RuneCountInString(s)) }

func hidden(s string) string { return fmt.Sprintf("<%d bytes>", len(s)) }
