package cache

import "encoding/binary"

// version begins every page in Redis. What begins otherwise was written by
// another release and is a miss.
const version = 1

// encode writes a page with its whole key and the generations that it lives
// by: the version, then each part preceded by its length and each list by its
// count.
func encode(e *entry, key string, st stamp) []byte {
	b := make([]byte, 0, len(key)+int(e.size())+64*len(st.names))
	b = appendPart(append(b, version), key)
	b = binary.AppendUvarint(b, uint64(len(st.names)))
	for i, name := range st.names {
		b = binary.AppendUvarint(appendPart(b, name), st.values[i])
	}
	b = appendPart(b, e.etag)
	b = binary.AppendUvarint(b, uint64(len(e.fields)))
	for _, f := range e.fields {
		b = appendList(appendPart(b, f.name), f.values)
	}
	b = appendList(b, e.dropped)
	return append(b, e.body...)
}

func appendList(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, v := range list {
		b = appendPart(b, v)
	}
	return b
}

// decode reads what encode wrote. ok is false for anything else, and for the
// page of another key. The body is a part of data, which must not change.
func decode(data []byte, key string) (e *entry, st stamp, ok bool) {
	if len(data) == 0 || data[0] != version {
		return nil, stamp{}, false
	}
	r := reader{left: data[1:]}
	if r.part() != key {
		return nil, stamp{}, false
	}
	for n := r.count(); n > 0 && !r.broken; n-- {
		st.names = append(st.names, r.part())
		st.values = append(st.values, r.uvarint())
	}
	e = &entry{etag: r.part()}
	for n := r.count(); n > 0 && !r.broken; n-- {
		e.fields = append(e.fields, field{r.part(), r.list()})
	}
	e.dropped = r.list()
	e.body = r.left
	if r.broken || len(e.etag) < 2 {
		return nil, stamp{}, false
	}
	return e, st, true
}

// reader reads the parts of a page. After the first that does not fit it is
// broken and returns zeroes.
type reader struct {
	left   []byte
	broken bool
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
