package route

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/cfgerr"
)

// Entry is one line of a table, as its owner's user wrote it.
type Entry struct {
	// Pattern is a pattern of net/http's ServeMux: "POST /login". Empty
	// matches every request.
	Pattern string
	// Path is where it stands in the Config, for errors:
	// "Policies[2].Pattern".
	Path string
}

// Options say what the owner of a table wants of it. The zero value is a
// table whose entries may overlap.
type Options struct {
	// Exclusive makes two entries that match the same requests, and two that
	// overlap without one being the more specific, config errors that name
	// both: for an owner that wants one answer.
	Exclusive bool
	// DefaultMethod is what a pattern without a method means. Empty: every
	// method.
	DefaultMethod string
}

// Table is a compiled list of entries. It is immutable and safe for
// concurrent use.
type Table struct {
	entries  []entry
	hosts    map[string]*node // by host; "" holds the patterns without one
	anyHost  *node
	anywhere []*entry // the entries with an empty pattern
	opt      Options
}

type entry struct {
	pattern
	index int
	rank  int // the place in the order of specificity, 0 first
	text  string
	route string // the text without its method
}

// New compiles entries. What is wrong with them is added to problems, each
// under its entry's Path; the table may be used only where nothing was.
func New(problems *cfgerr.List, entries []Entry, opt Options) *Table {
	t := &Table{entries: make([]entry, 0, len(entries)), opt: opt, hosts: map[string]*node{}, anyHost: &node{}}
	valid := true
	for i, e := range entries {
		if problem := malformed(e.Pattern); problem != "" {
			problems.Addf(e.Path, "%s", problem)
			valid = false
			continue
		}
		p := parse(e.Pattern)
		if p.method == "" && e.Pattern != "" {
			p.method = opt.DefaultMethod
		}
		path := e.Pattern[strings.IndexAny(e.Pattern, " \t")+1:]
		t.entries = append(t.entries, entry{pattern: p, index: i, text: e.Pattern, route: strings.TrimLeft(path, " \t")})
	}
	if opt.Exclusive && !exclusive(problems, entries, opt) {
		valid = false
	}
	if valid {
		t.build()
	}
	return t
}

func (t *Table) build() {
	order := make([]*entry, len(t.entries))
	for i := range t.entries {
		order[i] = &t.entries[i]
	}
	slices.SortStableFunc(order, func(a, b *entry) int { return compare(&a.pattern, &b.pattern) })
	for rank, e := range order {
		e.rank = rank
		switch {
		case e.text == "":
			t.anywhere = append(t.anywhere, e)
		case e.host == "":
			t.anyHost.add(e)
		default:
			if t.hosts[e.host] == nil {
				t.hosts[e.host] = &node{}
			}
			t.hosts[e.host].add(e)
		}
	}
}

// malformed returns what is wrong with a pattern alone, empty where nothing
// is.
func malformed(text string) string {
	if text == "" {
		return ""
	}
	if err := register(http.NewServeMux(), text); err != nil {
		return fmt.Sprintf("%v (a pattern is [METHOD ][HOST]/path, as http.ServeMux takes it)", err)
	}
	p := parse(text)
	if p.method != strings.ToUpper(p.method) {
		return fmt.Sprintf("method %q: methods are told apart by case, write %s", p.method, strings.ToUpper(p.method))
	}
	for i, s := range p.path {
		if s.kind == literal && (strings.HasPrefix(s.text, ":") || strings.HasPrefix(s.text, "*")) {
			return fmt.Sprintf("segment %d of the path is %q, as other routers write a wildcard: here {name} is one segment, and {name...} or a last slash all that follow", i+1, s.text)
		}
		if s == (segment{literal, ""}) || s == (segment{literal, "."}) || s == (segment{literal, ".."}) {
			return fmt.Sprintf("segment %d of the path is %q: a request's path is cleaned of those, so it can never match", i+1, s.text)
		}
	}
	host := p.host
	if host != plain(host) || strings.Contains(host, ":") {
		return fmt.Sprintf("host %q: write it in lower case, without a port and without a dot at its end", host)
	}
	return ""
}

// register is mux.Handle that returns the panic's error.
func register(mux *http.ServeMux, text string) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%v", v)
		}
	}()
	mux.Handle(text, http.NotFoundHandler())
	return nil
}

// exclusive adds a problem for every two entries that claim the same
// requests, and reports whether there was none. Entries are compared as they
// were written, and again with the default method, which may make two of
// them the same.
func exclusive(problems *cfgerr.List, entries []Entry, opt Options) bool {
	withMethod := func(text string) string {
		if opt.DefaultMethod == "" || text == "" || strings.ContainsAny(text, " \t") {
			return text
		}
		return opt.DefaultMethod + " " + text
	}
	if registerAll(entries, func(text string) string { return text }) && registerAll(entries, withMethod) {
		return true
	}
	ok := true // the pairs are looked at only where something is wrong
	for i, b := range entries {
		for _, a := range entries[:i] {
			twice := a.Pattern == "" && b.Pattern == ""
			if !twice && !conflict(a.Pattern, b.Pattern) && !conflict(withMethod(a.Pattern), withMethod(b.Pattern)) {
				continue
			}
			ok = false
			pa, pb := parse(a.Pattern), parse(b.Pattern)
			ma, mb := parse(withMethod(a.Pattern)), parse(withMethod(b.Pattern))
			if twice || ma.covers(&mb, false) && mb.covers(&ma, false) {
				problems.Addf(b.Path, "%q: %s (%q) matches the same requests; keep one of them", b.Pattern, a.Path, a.Pattern)
			} else {
				problems.Addf(b.Path, "%q and %s (%q) both match some requests, and neither is the more specific; write one so that it matches fewer of the other's requests%s", b.Pattern, a.Path, a.Pattern, sameMethod(pa, pb))
			}
		}
	}
	return ok
}

// sameMethod is the usual mend for a conflict of two methods.
func sameMethod(a, b pattern) string {
	if a.method == b.method {
		return ""
	}
	return ", for instance with the same method"
}

// registerAll reports whether one ServeMux holds all entries. The empty
// pattern stands for itself: two of them are one too many.
func registerAll(entries []Entry, text func(string) string) bool {
	mux := http.NewServeMux()
	empty := 0
	for _, e := range entries {
		if e.Pattern == "" {
			empty++
		} else if register(mux, text(e.Pattern)) != nil {
			return false
		}
	}
	return empty <= 1
}

// conflict reports whether ServeMux refuses to hold both patterns. A
// malformed one has its own problem and conflicts with nothing, and an empty
// one is the least specific of all.
func conflict(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	mux := http.NewServeMux()
	return register(mux, a) == nil && register(mux, b) != nil && register(http.NewServeMux(), b) == nil
}
