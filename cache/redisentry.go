package cache

import (
	"encoding/binary"
	"time"
)

// version begins every page in Redis. What begins otherwise was written by
// another release and is a miss.
const version = 2

// What stands in the byte after the version.
const (
	isSignpost   = 1 << iota // entry.signpost
	isCompressed             // the body, by flate
)

// encode writes a page with its whole key and the generations that it lives
// by: the version, then each part preceded by its length and each list by its
// count, and the body's length before the body. Of its times only durations
// are written: who reads it has another clock.
func encode(p *nearPage, key string, compress bool) []byte {
	body, flags := p.body, byte(0)
	if compress {
		if small, ok := compressed(body); ok {
			body, flags = small, isCompressed
		}
	}
	if p.signpost {
		flags |= isSignpost
	}
	b := make([]byte, 0, len(key)+int(p.weight())-len(p.body)+len(body))
	b = appendPart(append(b, version, flags), key)
	b = binary.AppendUvarint(b, uint64(len(p.names)))
	for i, name := range p.names {
		b = binary.AppendUvarint(binary.AppendUvarint(appendPart(b, name), p.values[i].hard), p.values[i].soft)
	}
	b = binary.AppendUvarint(b, uint64(len(p.groups)))
	b = binary.AppendUvarint(append(b, byte(p.rules)), uint64(p.status))
	for _, d := range [...]time.Duration{p.fresh, p.while, p.onErr, p.ends.Sub(p.born)} {
		b = binary.AppendVarint(b, int64(d))
	}
	b = appendPart(appendPart(b, p.etag), p.entry.version)
	b = binary.AppendUvarint(b, uint64(len(p.fields)))
	for _, f := range p.fields {
		b = appendList(appendPart(b, f.name), f.values)
	}
	b = appendList(appendList(b, p.dropped), p.vary)
	b = binary.AppendUvarint(b, uint64(len(p.body)))
	return append(b, body...)
}

func appendList(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, v := range list {
		b = appendPart(b, v)
	}
	return b
}

// decode reads what encode wrote. ok is false for anything else, and for the
// page of another key. The page shares nothing with data. It has no times
// but its life.
func decode(data []byte, key string) (p *nearPage, ok bool) {
	if len(data) < 2 || data[0] != version || data[1] > isSignpost|isCompressed {
		return nil, false
	}
	r := reader{left: data[2:]}
	if r.part() != key || r.broken {
		return nil, false
	}
	e := &entry{signpost: data[1]&isSignpost != 0}
	p = &nearPage{entry: e}
	for n := r.count(); n > 0 && !r.broken; n-- {
		p.names = append(p.names, r.part())
		p.values = append(p.values, generation{r.uvarint(), r.uvarint()})
	}
	groups := r.count()
	if groups > len(p.names) {
		return nil, false
	}
	e.groups = p.names[len(p.names)-groups:]
	e.rules = rules(r.byte())
	e.status = int(r.uvarint() & 0xffff)
	e.fresh, e.while, e.onErr, p.life = r.duration(), r.duration(), r.duration(), r.duration()
	e.etag, e.version = r.part(), r.part()
	for n := r.count(); n > 0 && !r.broken; n-- {
		e.fields = append(e.fields, field{r.part(), r.list()})
	}
	e.dropped, e.vary = r.list(), r.list()
	length := r.uvarint()
	if r.broken || p.life <= 0 {
		return nil, false
	}
	e.body, ok = readBody(r.left, length, data[1]&isCompressed != 0)
	return p, ok
}
