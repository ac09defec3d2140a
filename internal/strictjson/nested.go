package strictjson

// Object calls fill for the object at key.
func (o *Object) Object(key string, fill func(*Object)) {
	defer o.others(key, func(o *Object) { o.Object(key, fill) }) // behind the first, which counts
	o.first(key, fill)
}

// first is Object for the first value alone.
func (o *Object) first(key string, fill func(*Object)) {
	v, ok := o.take(key)
	if !ok {
		return
	}
	members, ok := v.(*object)
	if !ok {
		o.wrong(key, "an object", v)
		return
	}
	o.child(members, join(o.path, key)).fill(fill)
}

// ObjectOrList is Objects where a single object may stand in the place of a
// list of one. It reports whether one did.
func (o *Object) ObjectOrList(key string, each func(i int, element *Object)) (single bool) {
	defer o.others(key, func(o *Object) { o.ObjectOrList(key, each) }) // behind the first, which counts
	if _, single = o.members.values[key].(*object); single {
		o.first(key, func(e *Object) { each(0, e) })
		return true
	}
	if v, ok := o.members.values[key]; ok {
		if _, isList := v.(list); !isList {
			o.take(key)
			o.wrong(key, "an object or a list of objects", v)
			return false
		}
	}
	o.list(key, each)
	return false
}

// StringMap stores the object at key, all of whose values are strings.
func (o *Object) StringMap(key string, to *map[string]string) {
	o.Object(key, func(m *Object) {
		all := make(map[string]string, len(m.members.keys))
		for _, k := range m.members.keys {
			var s string
			m.String(k, &s)
			if _, ok := m.members.values[k].(string); ok {
				all[k] = s
			}
		}
		if !m.unused {
			*to = all
		}
	})
}
