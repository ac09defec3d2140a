package cache

import (
	"crypto/sha256"
	"fmt"
	"io"
	"reflect"
	"sync"
)

// shapes are the types whose values one LoadPolicy keeps.
type shapes struct {
	texts  sync.Map // reflect.Type to the text that stands for it in a key
	owners sync.Map // that text to the reflect.Type that came first
}

// of returns a short text that is different for types that differ, in name or
// in what they are made of. Types that two functions declare under one name,
// with the same fields, cannot be told apart in a way that another process
// agrees on: ok is true for the first of them only.
func (s *shapes) of(t reflect.Type) (text string, ok bool) {
	known, found := s.texts.Load(t)
	if !found {
		h := sha256.New()
		writeShape(h, t, map[reflect.Type]bool{})
		known = string(h.Sum(nil)[:16])
		s.owners.LoadOrStore(known, t) // first: who finds the text finds its owner
		s.texts.Store(t, known)
	}
	owner, _ := s.owners.Load(known)
	return known.(string), owner == t
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
			write("%q %q %q %t;", f.PkgPath, f.Name, f.Tag, f.Anonymous)
			writeShape(w, f.Type, seen)
		}
		write(".")
	}
}
