package cache

import (
	"encoding/binary"
	"time"
)

// reader reads the parts of a page. After the first that does not fit it is
// broken and returns zeroes.
type reader struct {
	left   []byte
	broken bool
}

func (r *reader) byte() byte {
	if len(r.left) == 0 || r.broken {
		r.broken = true
		return 0
	}
	b := r.left[0]
	r.left = r.left[1:]
	return b
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.left)
	if n <= 0 || r.broken {
		r.broken = true
		return 0
	}
	r.left = r.left[n:]
	return v
}

func (r *reader) duration() time.Duration {
	v, n := binary.Varint(r.left)
	if n <= 0 || r.broken {
		r.broken = true
		return 0
	}
	r.left = r.left[n:]
	return time.Duration(v)
}

// count returns the length of a list. Each of its items takes a byte at
// least, so that a longer one is broken and costs nothing.
func (r *reader) count() int {
	v := r.uvarint()
	if v > uint64(len(r.left)) {
		r.broken = true
		return 0
	}
	return int(v)
}

func (r *reader) part() string {
	n := r.count()
	s := string(r.left[:n])
	r.left = r.left[n:]
	return s
}

func (r *reader) list() []string {
	n := r.count()
	if n == 0 {
		return nil
	}
	list := make([]string, 0, min(n, 16))
	for ; n > 0 && !r.broken; n-- {
		list = append(list, r.part())
	}
	return list[:len(list):len(list)]
}
