package route

import (
	"net/url"
	"strings"
)

// kind is what a segment of a pattern matches, most specific first: the order
// is that of the table.
type kind uint8

const (
	literal  kind = iota // one segment of this text; "{$}" is the literal "/"
	wildcard             // {name}: one segment
	rest                 // {name...} or a trailing slash: all that follows
)

type segment struct {
	kind kind
	text string // a literal's text, unescaped, or a wildcard's name
}

// end is the segment of "{$}": the path ends with this slash. No other
// literal holds a slash, because ServeMux's are split at slashes.
var end = segment{literal, "/"}

// pattern is a ServeMux pattern, taken apart. The zero pattern, of the empty
// text, matches everything.
type pattern struct {
	method string
	host   string
	path   []segment
}

// parse takes text apart. ServeMux has accepted it before, so what cannot be
// right is not looked for.
func parse(text string) pattern {
	var p pattern
	if text == "" {
		return p
	}
	path := text
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		p.method, path = text[:i], strings.TrimLeft(text[i+1:], " \t")
	}
	slash := strings.IndexByte(path, '/')
	p.host, path = path[:slash], path[slash:]
	for path != "" {
		path = path[1:]
		if path == "" {
			p.path = append(p.path, segment{rest, ""})
			break
		}
		seg := path
		if i := strings.IndexByte(path, '/'); i >= 0 {
			seg = path[:i]
		}
		path = path[len(seg):]
		name, braced := strings.CutPrefix(seg, "{")
		name = strings.TrimSuffix(name, "}")
		switch {
		case !braced:
			p.path = append(p.path, segment{literal, unescape(seg)})
		case name == "$":
			p.path = append(p.path, end)
		case strings.HasSuffix(name, "..."):
			p.path = append(p.path, segment{rest, strings.TrimSuffix(name, "...")})
		default:
			p.path = append(p.path, segment{wildcard, name})
		}
	}
	return p
}

// unescape is url.PathUnescape that leaves alone what is no escape, as
// ServeMux does.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	u, err := url.PathUnescape(s)
	if err != nil {
		return s
	}
	return u
}

// allows reports whether the pattern takes the method. As in ServeMux, GET
// takes HEAD too.
func (p *pattern) allows(method string) bool {
	return p.method == "" || p.method == method || p.method == "GET" && method == "HEAD"
}

// has reports whether the pattern has a wildcard of that name.
func (p *pattern) has(name string) bool {
	for _, s := range p.path {
		if s.kind != literal && s.text == name && name != "" {
			return true
		}
	}
	return false
}

// compare orders patterns so that one that matches fewer requests stands
// before one that matches all of its requests and more: first those with a
// host, then position by position literal before wildcard before rest, then
// the narrower method. It continues ServeMux's precedence, which leaves some
// patterns unordered.
func compare(a, b *pattern) int {
	if (a.host != "") != (b.host != "") {
		if a.host != "" {
			return -1
		}
		return 1
	}
	if d := compareShared(a, b); d != 0 {
		return d
	}
	// Of two paths that are alike so far, the shorter is another one, or the
	// empty pattern, which matches everything and stands last.
	if d := len(b.path) - len(a.path); d != 0 {
		return d
	}
	return methodRank(a.method) - methodRank(b.method)
}

// compareShared orders patterns by the positions that both have.
func compareShared(a, b *pattern) int {
	for i := range min(len(a.path), len(b.path)) {
		if d := int(a.path[i].kind) - int(b.path[i].kind); d != 0 {
			return d
		}
	}
	return 0
}

func methodRank(method string) int {
	switch method {
	case "":
		return 2
	case "GET": // takes HEAD too
		return 1
	default:
		return 0
	}
}
