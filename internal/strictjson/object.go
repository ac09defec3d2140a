package strictjson

import (
	"encoding/json"
	"slices"
	"strconv"
)

// Object is a JSON object that is asked for the keys the caller knows. Each
// method stores the value of a key, and leaves its destination alone where the
// key is absent or its value is of another kind, which becomes a problem. It is
// not safe for concurrent use, nor of use after the function it was handed to.
type Object struct {
	c       *collector
	members *object
	path    string
	known   []string
	unused  bool // nothing of it is stored
}

// fill runs f, and then reports each key that f did not ask for.
func (o *Object) fill(f func(*Object)) {
	f(o)
	for _, key := range o.members.keys {
		if slices.Contains(o.known, key) {
			continue
		}
		text := "unknown key"
		if o.c.full() {
			o.c.add("", text) // only counted: the search below is not worth its time
			continue
		}
		if near := Nearest(key, o.known); near != "" {
			text += " (did you mean " + strconv.Quote(near) + "?)"
		}
		o.c.add(join(o.path, key), text)
	}
}

// Sound reports whether no problem was seen so far at this object or below it,
// unknown keys of other objects apart. A caller that checks the meaning of
// values asks first, so that one mistake is not reported twice.
func (o *Object) Sound() bool {
	if o.unused {
		return false
	}
	for _, key := range o.members.keys {
		if !slices.Contains(o.known, key) {
			return false
		}
	}
	return !o.c.under(o.path)
}

// String stores the string at key.
func (o *Object) String(key string, to *string) { scalar(o, key, "a string", to) }

// Bool stores the truth value at key.
func (o *Object) Bool(key string, to *bool) { scalar(o, key, "true or false", to) }

// Int stores the whole number at key. One with a fraction or an exponent, or
// beyond the range of int, is a problem.
func (o *Object) Int(key string, to *int) {
	o.others(key, func(o *Object) { o.Int(key, to) })
	v, ok := o.take(key)
	if !ok {
		return
	}
	n, ok := v.(json.Number)
	i, err := strconv.Atoi(n.String())
	if !ok || err != nil {
		o.wrong(key, "a whole number", v)
		return
	}
	if !o.unused {
		*to = i
	}
}

// Strings stores the list of strings at key; an empty list is an empty slice.
func (o *Object) Strings(key string, to *[]string) {
	o.others(key, func(o *Object) { o.Strings(key, to) })
	v, ok := o.take(key)
	if !ok {
		return
	}
	l, ok := v.(list)
	if !ok {
		o.wrong(key, "a list of strings", v)
		return
	}
	all := make([]string, 0, len(l))
	for i, e := range l {
		s, ok := e.(string)
		if !ok {
			o.c.add(element(join(o.path, key), i), mustBe("a string", e))
			continue
		}
		all = append(all, s)
	}
	if !o.unused {
		*to = all
	}
}

// Objects calls each for every object in the list at key, with its place in
// the list; an element of another kind is a problem and is skipped.
func (o *Object) Objects(key string, each func(i int, element *Object)) {
	defer o.others(key, func(o *Object) { o.Objects(key, each) }) // behind the first, which counts
	o.list(key, each)
}

// list is Objects for the first value alone.
func (o *Object) list(key string, each func(i int, element *Object)) {
	v, ok := o.take(key)
	if !ok {
		return
	}
	l, ok := v.(list)
	if !ok {
		o.wrong(key, "a list of objects", v)
		return
	}
	for i, e := range l {
		path := element(join(o.path, key), i)
		members, ok := e.(*object)
		if !ok {
			o.c.add(path, mustBe("an object", e))
			continue
		}
		o.child(members, path).fill(func(o *Object) { each(i, o) })
	}
}

// take marks key as known and returns its value, if there is one.
func (o *Object) take(key string) (node, bool) {
	o.known = append(o.known, key)
	v, ok := o.members.values[key]
	return v, ok
}

func (o *Object) wrong(key, want string, got node) {
	o.c.add(join(o.path, key), mustBe(want, got))
}

// scalar stores the value at key where it is a T.
func scalar[T any](o *Object, key, want string, to *T) {
	o.others(key, func(o *Object) { scalar(o, key, want, to) })
	v, ok := o.take(key)
	if !ok {
		return
	}
	t, ok := v.(T)
	if !ok {
		o.wrong(key, want, v)
		return
	}
	if !o.unused {
		*to = t
	}
}

// mustBe words a value of the wrong kind, and never quotes the value.
func mustBe(want string, got node) string {
	kind := "null"
	switch got.(type) {
	case bool:
		kind = "true or false"
	case string:
		kind = "a string"
	case json.Number:
		kind = "a number"
	case *object:
		kind = "an object"
	case list:
		kind = "a list"
	}
	if want == "a whole number" && kind == "a number" {
		return "must be a whole number, without a fraction, in the range of int"
	}
	return "must be " + want + ", not " + kind
}
