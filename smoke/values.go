package smoke

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// runValue is the value that every run has: a text that tells runs apart.
const runValue = "run"

var (
	valueRef  = regexp.MustCompile(`\{([A-Za-z][A-Za-z0-9_]*)\}`)
	valueName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
)

// values are what the steps of a run tell one another. They are safe for
// concurrent use.
type values struct {
	mu sync.Mutex
	m  map[string]string
}

func (v *values) get(name string) (string, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	value, ok := v.m[name]
	return value, ok
}

func (v *values) set(name, value string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.m == nil {
		v.m = map[string]string{}
	}
	v.m[name] = value
}

// validName reports whether a value may be set under that name.
func validName(name string) bool { return valueName.MatchString(name) && name != runValue }

// valueNames returns the names in braces of a template.
func valueNames(template string) []string {
	var names []string
	for _, m := range valueRef.FindAllStringSubmatch(template, -1) {
		names = append(names, m[1])
	}
	return names
}

// unsetError is the error of a value that was never set.
type unsetError string

func (e unsetError) Error() string {
	return "needs the value {" + string(e) + "}, which no earlier step has set"
}

func asIs(s string) string { return s }

// expand fills in a template; escape is applied to the values and not to the
// text around them. A name that is not set stays as it is: steps that need
// one are not run.
func (r *run) expand(template string, escape func(string) string) string {
	return valueRef.ReplaceAllStringFunc(template, func(ref string) string {
		if v, ok := r.values.get(ref[1 : len(ref)-1]); ok {
			return escape(v)
		}
		return ref
	})
}

// expandPath fills in a path, so that no value can add a segment or a query.
func (r *run) expandPath(template string) string {
	path, query, found := strings.Cut(template, "?")
	path = r.expand(path, url.PathEscape)
	if !found {
		return path
	}
	return path + "?" + r.expand(query, url.QueryEscape)
}

// matchPath reports whether an address has the path of a template, and sets
// the values that its unset names stand for.
func (r *run) matchPath(template string, u *url.URL) bool {
	path, query, hasQuery := strings.Cut(template, "?")
	if hasQuery && r.expand(query, url.QueryEscape) != u.RawQuery {
		return false
	}
	want := strings.Split(path, "/")
	got := strings.Split(u.EscapedPath(), "/")
	if len(want) != len(got) {
		return false
	}
	found := map[string]string{}
	for i := range want {
		text, err := url.PathUnescape(got[i])
		if err != nil {
			return false
		}
		name := strings.TrimSuffix(strings.TrimPrefix(want[i], "{"), "}")
		if _, set := r.values.get(name); !set && want[i] == "{"+name+"}" && validName(name) && text != "" {
			if earlier, twice := found[name]; twice && earlier != text {
				return false
			}
			found[name] = text
			continue
		}
		literal, err := url.PathUnescape(r.expand(want[i], url.PathEscape))
		if err != nil || literal != text {
			return false
		}
	}
	for name, value := range found {
		r.values.set(name, value)
	}
	return true
}
