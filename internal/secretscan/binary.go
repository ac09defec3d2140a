package secretscan

import "bytes"

// HeadSize is how much of a file tells whether it is a text.
const HeadSize = 8 << 10

// Binary reports whether a file that begins with head is no text, as git
// tells it: by a byte 0.
func Binary(head []byte) bool {
	return bytes.IndexByte(head[:min(len(head), HeadSize)], 0) >= 0
}
