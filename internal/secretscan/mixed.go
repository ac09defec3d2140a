package secretscan

import (
	"bytes"
	"io"
)

// mixedReader takes the bytes 0 out of what is written in UTF-16 within a text
// in UTF-8: a log to which PowerShell appends. A byte 0 that stands alone stays
// where it is, and ends a word.
type mixedReader struct {
	r     io.Reader
	raw   []byte
	at    int // in raw: what stands before was given out
	out   []byte
	ready []byte // of out, or of raw
	err   error
}

const (
	mixedChunk = 32 << 10
	// around is how far from a byte 0 others tell what it is.
	around = 4
)

func (m *mixedReader) reset(r io.Reader) {
	if m.raw == nil {
		m.raw = make([]byte, 0, mixedChunk)
	}
	m.r, m.raw, m.at, m.ready, m.err = r, m.raw[:0], 0, nil, nil
}

// Read implements io.Reader.
func (m *mixedReader) Read(p []byte) (int, error) {
	for len(m.ready) == 0 {
		if m.err != nil {
			return 0, m.err
		}
		m.next()
	}
	n := copy(p, m.ready)
	m.ready = m.ready[n:]
	return n, nil
}

// next reads more, and decides about all of it but the end.
func (m *mixedReader) next() {
	if drop := m.at - around; drop > 0 {
		m.raw, m.at = m.raw[:copy(m.raw, m.raw[drop:])], around
	}
	n, err := m.r.Read(m.raw[len(m.raw):cap(m.raw)])
	m.raw, m.err = m.raw[:len(m.raw)+n], err
	end := len(m.raw)
	if err == nil {
		end = max(end-around, m.at)
	}
	if text := m.raw[m.at:end]; bytes.IndexByte(text, 0) < 0 {
		m.ready = text
	} else {
		m.out = m.out[:0]
		for i, c := range text {
			if c != 0 || !m.half(m.at+i) {
				m.out = append(m.out, c)
			}
		}
		m.ready = m.out
	}
	m.at = end
}

// half reports that a byte 0 is one of every second: of three in a row.
func (m *mixedReader) half(at int) bool {
	zero := func(i int) bool { return i >= 0 && i < len(m.raw) && m.raw[i] == 0 }
	if zero(at-1) || zero(at+1) {
		return false
	}
	before, after := zero(at-2), zero(at+2)
	return before && after || before && !zero(at-3) && zero(at-4) || after && !zero(at+3) && zero(at+4)
}
