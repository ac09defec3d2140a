package secretscan

import "bytes"

// startsAlone reports whether no word goes on at a place, so that a token may
// begin there.
func startsAlone(b []byte, at int) bool {
	return at == 0 || !wordByte(b[at-1]) || escapeBefore(b[:at])
}

// escapeBefore reports that b ends with an escape: the n of \n, the 3D of %3D,
// the m of a color and the K after it belong to no word.
func escapeBefore(b []byte) bool {
	n := len(b)
	switch {
	case n >= 2 && b[n-2] == '\\':
		return bytes.IndexByte([]byte("nrt"), b[n-1]) >= 0
	case n >= 3 && b[n-3] == '%':
		return hexByte(b[n-2]) && hexByte(b[n-1])
	case n >= 6 && b[n-6] == '\\' && b[n-5] == 'u':
		return hexByte(b[n-4]) && hexByte(b[n-3]) && hexByte(b[n-2]) && hexByte(b[n-1])
	case b[n-1] == 'm' || b[n-1] == 'K': // grep writes ESC[K after a color
		const longest = 20
		i := n - 2
		for i > 0 && n-i < longest && (digit(b[i]) || b[i] == ';') {
			i--
		}
		return i > 0 && b[i] == '[' && b[i-1] == '\x1b'
	default:
		return false
	}
}
