package shape

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
)

// maxDepth bounds how far the shape follows objects and lists into one
// another; what lies deeper is "…".
const maxDepth = 5

// errStop ends a walk that has seen enough.
var errStop = errors.New("seen enough")

// ofJSON walks the tokens, so that a body that breaks off still shows what
// came before.
func (b *Body) ofJSON(body []byte) {
	w := walker{tokens: json.NewDecoder(bytes.NewReader(body))}
	w.tokens.UseNumber()
	err := w.value(0)
	if err == nil {
		_, err = w.tokens.Token()
		if errors.Is(err, io.EOF) { // nothing behind the value
			err = nil
		}
	}
	b.Text = w.out.String()
	b.Partial = b.Partial || err != nil || w.left
}

type walker struct {
	tokens *json.Decoder
	out    bytes.Buffer
	fields int  // how many were shown, of all objects together
	left   bool // something was left out
}

func (w *walker) value(depth int) error {
	token, err := w.tokens.Token()
	if err != nil {
		w.quote("…")
		return err
	}
	switch t := token.(type) {
	case json.Delim:
		if depth >= maxDepth {
			w.quote("…")
			w.left = true
			return w.skip()
		}
		if t == '{' {
			return w.object(depth)
		}
		return w.list(depth)
	case string:
		w.quote(text(t))
	case json.Number:
		w.quote("number")
	case bool:
		w.quote("bool")
	case nil:
		w.out.WriteString("null")
	}
	return nil
}

func (w *walker) object(depth int) error {
	w.out.WriteByte('{')
	defer w.out.WriteByte('}')
	for n := 0; w.tokens.More(); n++ {
		key, err := w.tokens.Token()
		if err != nil {
			return err
		}
		if w.fields++; w.fields > maxFields {
			return errStop
		}
		if n > 0 {
			w.out.WriteByte(',')
		}
		w.quote(Name(key.(string))) // the decoder allows nothing else there
		w.out.WriteByte(':')
		if err := w.value(depth + 1); err != nil {
			return err
		}
	}
	_, err := w.tokens.Token()
	return err
}

// list shows the first element and how many there are: "[…, "9 more"]".
func (w *walker) list(depth int) error {
	w.out.WriteByte('[')
	defer w.out.WriteByte(']')
	n := 0
	var err error
	for ; err == nil && w.tokens.More(); n++ {
		if n == 0 {
			err = w.value(depth + 1)
		} else {
			err = w.skipValue()
		}
	}
	if n > 1 {
		w.out.WriteByte(',')
		w.quote(strconv.Itoa(n-1) + " more")
	}
	if err == nil {
		_, err = w.tokens.Token()
	}
	return err
}

func (w *walker) skipValue() error {
	token, err := w.tokens.Token()
	if _, nested := token.(json.Delim); err == nil && nested {
		return w.skip()
	}
	return err
}

// skip reads to the end of the object or list that has just begun.
func (w *walker) skip() error {
	for open := 1; open > 0; {
		token, err := w.tokens.Token()
		if err != nil {
			return err
		}
		if t, ok := token.(json.Delim); ok {
			if t == '{' || t == '[' {
				open++
			} else {
				open--
			}
		}
	}
	return nil
}

// quote writes s, which holds nothing that JSON would escape.
func (w *walker) quote(s string) {
	w.out.WriteByte('"')
	w.out.WriteString(s)
	w.out.WriteByte('"')
}
