package cache

import (
	"crypto/sha256"
	"fmt"
	"io"
	"reflect"
)

// shapeOfType returns a short text that is different for types that differ,
// in name or in what they are made of.
func (c *Cache) shapeOfType(t reflect.Type) string {
	if known, ok := c.types.Load(t); ok {
		return known.(string)
	}
	h := sha256.New()
	writeShape(h, t, map[reflect.Type]bool{})
	text := string(h.Sum(nil)[:16])
	c.types.Store(t, text)
	return text
}

// writeShape writes a type and the types that it holds. One that was written
// before stands by its name alone, so that a type may hold itself.
func writeShape(w io.Writer, t reflect.Type, seen map[reflect.Type]bool) {
	write := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) } // a hash takes every write
	write("%d %q %q %q;", t.Kind(), t.PkgPath(), t.Name(), t.String())
	if seen[t] {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		writeShape(w, t.Elem(), seen)
	case reflect.Array:
		write("%d;", t.Len())
		writeShape(w, t.Elem(), seen)
	case reflect.Map:
		writeShape(w, t.Key(), seen)
		writeShape(w, t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			write("%q %q %t;", f.Name, f.Tag, f.Anonymous)
			writeShape(w, f.Type, seen)
		}
		write(".")
	}
}
