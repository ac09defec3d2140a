package smoke

import (
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/redact"
)

type kind int

const (
	kindNone kind = iota
	kindPage
	kindJSON
	kindForm
	kindLogin
	kindDo
	kindForeign
	kindRedirects
	kindSignup
)

// Step is one step of a run: what [Page], [JSON], [Do], [Form.Step] and
// [Login.Step] return. Its methods return a changed copy and leave the
// original as it was, so a Step is safe for concurrent use. What cannot work,
// such as an expectation on a Do, is reported by [New].
type Step struct {
	kind     kind
	name     string
	owner    string
	session  string
	host     string // a name of Config.Hosts
	writes   bool
	path     string // of a page
	form     Form   // of a form or login
	fn       func(*Session) error
	status   int // 0: 200 for a page, any 2xx for a form
	redirect string
	expects  []expectation
	keeps    []keep
	allowed  []allowance
	links    bool              // follow those of the page
	moved    map[string]string // of FollowRedirects
	signup   Signup
}

// Page is a step that fetches a page, a path with or without a query, and
// expects status 200 under that very path. Values in the path are escaped.
func Page(path string) Step { return Step{kind: kindPage, path: path} }

// JSON is a step that fetches a path and expects status 200, a JSON media
// type, a valid document and each of the named fields. A field is a path of
// keys and list indexes such as "items.0.id"; null does not count as there.
func JSON(path string, fields ...string) Step {
	s := Step{kind: kindJSON, path: path, expects: []expectation{isJSON()}}
	for _, f := range fields {
		s.expects = append(s.expects, hasField(f))
	}
	return s
}

// Do is a step that runs fn, for what no other step can say. It fails with
// the error that fn returns, is skipped where that error came from
// [Session.Value], and fails where fn panics. The Session is valid only
// during the call. fn has to heed [Session.Context]: nothing else ends it when
// the run is over.
func Do(name string, fn func(*Session) error) Step { return Step{kind: kindDo, name: name, fn: fn} }

// Named sets the name in reports and of the subtest. The default tells what
// the step does, such as "GET /listings".
func (s Step) Named(name string) Step { s.name = name; return s }

// Owner names who is to be told when the step fails. The default is nobody.
func (s Step) Owner(owner string) Step { s.owner = owner; return s }

// As runs the step in the session of that name, which has cookies of its own.
// Sessions begin empty at their first use in a run. The default is "", a
// session like any other.
func (s Step) As(session string) Step { s.session = session; return s }

// Writes says that the step may change data of a live target. Without it, a
// form or a Session.PostForm is refused where the target is a URL. Against a
// Handler it changes nothing.
func (s Step) Writes() Step { s.writes = true; return s }

// title is the name in reports: a page of another host says so.
func (s Step) title() string {
	if s.name != "" || s.host == "" {
		return s.plainTitle()
	}
	return s.plainTitle() + " on " + s.host
}

// plainTitle is the title without the host.
func (s Step) plainTitle() string {
	switch {
	case s.name != "":
		return s.name
	case s.kind == kindForm:
		return "form " + titlePath(s.form.Path)
	case s.kind == kindLogin:
		return "login " + titlePath(s.form.Path)
	case s.kind == kindSignup:
		return "sign-up " + titlePath(s.form.Path)
	case s.kind == kindForeign:
		return "foreign session on " + titlePath(s.path)
	case s.kind == kindPage, s.kind == kindJSON:
		return "GET " + titlePath(s.path)
	}
	return "step"
}

// rowTitle is the title with the session, where that is not the default one.
func (s Step) rowTitle() string { return inSession(s.title(), s.session) }

func inSession(title, session string) string {
	if session == "" {
		return title
	}
	return title + " as " + session
}

// titlePath lets a title show that a path is missing.
func titlePath(path string) string {
	if path == "" {
		return `""`
	}
	if path, query, found := strings.Cut(path, "?"); found {
		return path + "?" + redact.Query(query)
	}
	return path
}

// follows reports whether redirects are followed: not where the redirect
// itself is what the step expects.
func (s Step) follows() bool { return s.status < 300 || s.status > 399 }

// needs returns the names of the values that the step cannot do without.
func (s Step) needs() []string {
	_, query, _ := strings.Cut(s.redirect, "?") // which is compared, and keeps nothing
	texts := []string{s.path, s.form.Path, s.form.Action, query}
	for old, now := range s.moved {
		texts = append(texts, old, now)
	}
	for _, v := range s.form.Fields {
		texts = append(texts, v)
	}
	for _, e := range s.expects {
		texts = append(texts, e.args...)
	}
	var names []string
	for _, text := range texts {
		names = append(names, valueNames(text)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// sets returns the names of the values that the step sets when it passes.
func (s Step) sets() []string {
	path, _, _ := strings.Cut(s.redirect, "?")
	names := valueNames(path)
	for _, k := range s.keeps {
		names = append(names, k.name)
	}
	return names
}
