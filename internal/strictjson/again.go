package strictjson

// Of a key that is given twice, only the first value is stored. The others are
// held against what is asked for as well, so that their problems are listed
// too: as objects of one member each, of which nothing is stored.

// others calls f with o as it would be with each further value of key.
func (o *Object) others(key string, f func(*Object)) {
	for _, v := range o.members.again[key] {
		f(&Object{c: o.c, members: &object{keys: []string{key}, values: map[string]node{key: v}}, path: o.path, unused: true})
	}
}

// child returns the object at a path below o.
func (o *Object) child(members *object, path string) *Object {
	return &Object{c: o.c, members: members, path: path, unused: o.unused}
}

// Unused reports whether o belongs to a further value of a key given twice, of
// which nothing is to be kept.
func (o *Object) Unused() bool { return o.unused }
