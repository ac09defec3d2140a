package secretscan

import "bytes"

// HeadSize is how much of a file tells whether it is a text.
const HeadSize = 8 << 10

// Binary reports whether a file that begins with head is no text, as git
// tells it: by a byte 0. A text in UTF-16 is one nevertheless.
func Binary(head []byte) bool {
	head = head[:min(len(head), HeadSize)]
	if bytes.IndexByte(head, 0) < 0 {
		return false
	}
	_, text := wide(head)
	return !text
}
