package cache

import (
	"bytes"
	"compress/flate"
	"io"
)

const (
	compressFrom = 1 << 10 // bytes; a shorter body is not worth it
	maxRatio     = 1032    // the most by which flate can compress
)

// compressed returns a body by flate (RFC 1951); ok is false where that does
// not save a tenth.
func compressed(body []byte) (small []byte, ok bool) {
	if len(body) <= compressFrom {
		return nil, false
	}
	var b bytes.Buffer
	b.Grow(len(body))
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		return nil, false
	}
	// A bytes.Buffer takes every write.
	_, _ = w.Write(body)
	_ = w.Close()
	return b.Bytes(), b.Len() <= len(body)-len(body)/10
}

// readBody returns a copy of a body that is to have that length. ok is false
// where it has not.
func readBody(data []byte, length uint64, isCompressed bool) (body []byte, ok bool) {
	if !isCompressed {
		return bytes.Clone(data), uint64(len(data)) == length
	}
	// Before anything is made to hold it: what cannot come of so few bytes is
	// a lie.
	if length > maxMaxBody || length > maxRatio*uint64(len(data)) {
		return nil, false
	}
	body = make([]byte, length)
	left := bytes.NewReader(data)
	source := flate.NewReader(left)
	if _, err := io.ReadFull(source, body); err != nil {
		return nil, false
	}
	var more [1]byte
	n, err := source.Read(more[:])
	return body, n == 0 && err == io.EOF && left.Len() == 0
}
