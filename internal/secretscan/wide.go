package secretscan

import (
	"bytes"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// wideHead is how much of a text tells whether it is in UTF-16.
const wideHead = 4 << 10

// wide reports a text in UTF-16, as PowerShell and editors on Windows write
// it, and the order of its bytes: with a byte order mark or without, it has
// characters of ASCII with a byte 0 beside them.
func wide(head []byte) (big, ok bool) {
	head = head[:min(len(head), wideHead)]
	if bytes.IndexByte(head, 0) < 0 {
		return false, false
	}
	little, large, pairs := 0, 0, len(head)/2
	for i := 0; i+1 < len(head); i += 2 {
		switch a, b := head[i], head[i+1]; {
		case b == 0 && written7(a):
			little++
		case a == 0 && written7(b):
			large++
		}
	}
	const few = 4
	switch {
	case pairs < 2:
		return false, false
	case head[0] == 0xff && head[1] == 0xfe:
		return false, little > 0
	case head[0] == 0xfe && head[1] == 0xff:
		return true, large > 0
	case head[0] != 0 && head[1] != 0: // only further on
		return false, false
	default:
		return large > little, max(little, large) >= few && max(little, large)*10 >= pairs*9
	}
}

// written7 reports a byte of ASCII that stands in texts.
func written7(c byte) bool { return ' ' <= c && c <= '~' || '\t' <= c && c <= '\r' }

// wideReader reads UTF-16 as UTF-8, in pieces of a constant size. What is no
// UTF-16 becomes U+FFFD.
type wideReader struct {
	r    io.Reader
	big  bool
	raw  [4 << 10]byte
	kept int // in raw: what is less than a character
	out  []byte
	err  error
}

func (w *wideReader) reset(r io.Reader, big bool) {
	w.r, w.big, w.kept, w.out, w.err = r, big, 0, nil, nil
}

// Read implements io.Reader.
func (w *wideReader) Read(p []byte) (int, error) {
	for len(w.out) == 0 {
		if w.err != nil {
			return 0, w.err
		}
		n, err := w.r.Read(w.raw[w.kept:])
		w.err = err
		w.decode(w.raw[:w.kept+n])
	}
	n := copy(p, w.out)
	w.out = w.out[n:]
	return n, nil
}

// decode fills out, and keeps the beginning of a character that is not over.
func (w *wideReader) decode(text []byte) {
	w.out = w.out[:0]
	i := 0
	for ; i+1 < len(text); i += 2 {
		c := w.unit(text[i:])
		if utf16.IsSurrogate(c) {
			if i+3 >= len(text) && w.err == nil {
				break
			}
			second := rune(0)
			if i+3 < len(text) {
				second = w.unit(text[i+2:])
			}
			if c = utf16.DecodeRune(c, second); c != utf8.RuneError {
				i += 2
			}
		}
		w.out = utf8.AppendRune(w.out, c)
	}
	w.kept = copy(w.raw[:], text[i:])
}

func (w *wideReader) unit(b []byte) rune {
	if w.big {
		return rune(b[0])<<8 | rune(b[1])
	}
	return rune(b[1])<<8 | rune(b[0])
}
