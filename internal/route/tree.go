package route

import "strings"

// node is a place in the tree of all patterns: the segments that lead to it.
type node struct {
	// The first literal child stands apart: most nodes have no other, and a
	// comparison is cheaper than a map.
	text     string
	only     *node
	literals map[string]*node
	wildcard *node
	leaf     []*entry // the path ends here
	slash    []*entry // the path ends here with a slash: {$}
	rest     []*entry // the path has a slash here and goes on, or not
}

// add puts an entry where its path leads.
func (n *node) add(e *entry) {
	for _, s := range e.path {
		switch {
		case s.kind == rest:
			n.rest = append(n.rest, e)
			return
		case s == end:
			n.slash = append(n.slash, e)
			return
		case s.kind == wildcard:
			if n.wildcard == nil {
				n.wildcard = &node{}
			}
			n = n.wildcard
		default:
			n = n.grow(s.text)
		}
	}
	n.leaf = append(n.leaf, e)
}

// grow returns the literal child of that text, and makes it where there is
// none.
func (n *node) grow(text string) *node {
	child := n.child(text)
	switch {
	case child != nil:
	case n.only == nil:
		child = &node{}
		n.text, n.only = text, child
	default:
		child = &node{}
		if n.literals == nil {
			n.literals = map[string]*node{}
		}
		n.literals[text] = child
	}
	return child
}

// child returns the literal child of that text, nil where there is none.
func (n *node) child(text string) *node {
	if n.only != nil && n.text == text {
		return n.only
	}
	return n.literals[text]
}

// hit is an entry found by a walk, in the spelling of that number.
type hit struct {
	entry *entry
	form  int
	slash bool // only once a last slash was added or taken off
}

// walk appends what matches left, the part of the path below n, to hits. A
// wildcard takes an empty segment in the middle of a path too, because there
// are routers whose wildcards do.
func (n *node) walk(hits []hit, left, method string, f *form, number int) []hit {
	if left == "" {
		hits = take(hits, n.leaf, method, hit{form: number})
		if f.lenient {
			hits = take(hits, n.slash, method, hit{form: number, slash: true})
			hits = take(hits, n.rest, method, hit{form: number, slash: true})
		}
		return hits
	}
	hits = take(hits, n.rest, method, hit{form: number})
	if left == "/" {
		if f.lenient {
			hits = take(hits, n.leaf, method, hit{form: number, slash: true})
		}
		return take(hits, n.slash, method, hit{form: number})
	}
	seg, below := cut(left)
	if n.only != nil {
		text := seg
		if f.escaped {
			text = unescape(seg)
		}
		if child := n.child(text); child != nil {
			hits = child.walk(hits, below, method, f, number)
		}
	}
	if n.wildcard != nil {
		hits = n.wildcard.walk(hits, below, method, f, number)
	}
	return hits
}

func take(hits []hit, found []*entry, method string, h hit) []hit {
	for _, e := range found {
		if e.allows(method) {
			h.entry = e
			hits = append(hits, h)
		}
	}
	return hits
}

// cut returns the first segment of a path that begins with a slash, and what
// follows it.
func cut(path string) (seg, below string) {
	path = path[1:]
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i:]
	}
	return path, ""
}
