package route

import (
	"iter"
)

// Unused returns the entries, as they were written, that no route of the
// list shares a request with: those that a renamed route has left behind. A
// route that takes every path ("/", a fallback) says nothing about an entry.
// Routes are patterns of net/http's ServeMux; a malformed one is passed over
// here, and named by Undecided.
func (t *Table) Unused(routes iter.Seq[string]) []string {
	used := make(map[int]bool, len(t.entries))
	for text := range routes {
		if malformed(text) != "" || text == "" {
			continue
		}
		route := parse(text)
		for i := range t.entries {
			e := &t.entries[i]
			if !route.fallback() || e.fallback() {
				used[i] = used[i] || e.meets(&route, !t.opt.Exclusive)
			}
		}
	}
	var unused []string
	for i := range t.entries {
		if !used[i] && t.entries[i].text != "" {
			unused = append(unused, t.entries[i].text)
		}
	}
	return unused
}

// Undecided returns the routes of the list that no entry covers whole, and
// those that are malformed, with the reason. Where the table has a default
// method, only routes of that method are asked for: a cache has nothing to
// decide about POST.
func (t *Table) Undecided(routes iter.Seq[string]) []string {
	var undecided []string
	for text := range routes {
		if text == "" {
			continue
		}
		if problem := malformed(text); problem != "" {
			undecided = append(undecided, text+": "+problem)
			continue
		}
		route := parse(text)
		if t.opt.DefaultMethod != "" {
			if route.method == "" {
				route.method = t.opt.DefaultMethod
			}
			if !(&pattern{method: t.opt.DefaultMethod}).allows(route.method) {
				continue
			}
		}
		if !t.decides(&route) {
			undecided = append(undecided, text)
		}
	}
	return undecided
}

func (t *Table) decides(route *pattern) bool {
	for i := range t.entries {
		if t.entries[i].text == "" || t.entries[i].covers(route, !t.opt.Exclusive) {
			return true
		}
	}
	return false
}

// fallback reports whether the pattern takes every path.
func (p *pattern) fallback() bool { return len(p.path) == 0 || p.path[0].kind == rest }

// covers reports whether p matches every request that o does. Where lenient,
// a last slash may be missing or too many.
func (p *pattern) covers(o *pattern, lenient bool) bool {
	if p.host != "" && p.host != o.host || p.method != "" && !(o.method != "" && p.allows(o.method)) {
		return false
	}
	for i := 0; ; i++ {
		switch {
		case i == len(p.path):
			return i == len(o.path) || lenient && i == len(o.path)-1 && o.path[i] == end
		case i == len(o.path):
			return lenient && i == len(p.path)-1 && slashed(p.path[i])
		case p.path[i].kind == rest:
			return true
		case p.path[i].kind == wildcard && o.path[i].kind != rest && o.path[i] != end:
		case p.path[i] != o.path[i]:
			return false
		}
	}
}

// meets reports whether some request matches both. Where lenient, a last
// slash may be missing in one.
func (p *pattern) meets(o *pattern, lenient bool) bool {
	if p.host != "" && o.host != "" && p.host != o.host {
		return false
	}
	if p.method != "" && o.method != "" && !p.allows(o.method) && !o.allows(p.method) {
		return false
	}
	for i := 0; ; i++ {
		switch {
		case i == len(p.path):
			return i == len(o.path) || lenient && i == len(o.path)-1 && slashed(o.path[i])
		case i == len(o.path):
			return lenient && i == len(p.path)-1 && slashed(p.path[i])
		case p.path[i].kind == rest || o.path[i].kind == rest:
			return true
		case p.path[i] == end || o.path[i] == end:
			if p.path[i] != o.path[i] {
				return false
			}
		case p.path[i].kind == literal && o.path[i].kind == literal && p.path[i] != o.path[i]:
			return false
		}
	}
}

// slashed reports whether s is a slash that ends a path, with or without more
// behind it.
func slashed(s segment) bool { return s == end || s.kind == rest }
