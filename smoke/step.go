package smoke

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
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
// during the call.
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

// title is the name in reports.
func (s Step) title() string {
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
	return path
}

// follows reports whether redirects are followed: not where the redirect
// itself is what the step expects.
func (s Step) follows() bool { return s.status < 300 || s.status > 399 }

// needs returns the names of the values that the step cannot do without.
func (s Step) needs() []string {
	texts := []string{s.path, s.form.Path, s.form.Action}
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
	names := valueNames(s.redirect)
	for _, k := range s.keeps {
		names = append(names, k.name)
	}
	return names
}

// problems returns what New has to report about the step alone.
func (s Step) problems() []string {
	var found []string
	add := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	switch s.kind {
	case kindNone:
		add("is empty: use Page, JSON, Do, Form or Login")
	case kindDo:
		if s.fn == nil {
			add("Do needs a function")
		}
		if s.name == "" {
			add("Do needs a name")
		}
		if s.status != 0 || s.redirect != "" || len(s.expects) > 0 || len(s.keeps) > 0 {
			add("a Do has no answer to look at: check the Response inside its function")
		}
	case kindPage, kindJSON:
		if !localPath(s.path) {
			add("the path %q must begin with one slash and hold no fragment", s.path)
		}
	case kindForeign:
		if !localPath(s.path) {
			add("Path %q must begin with one slash and hold no fragment", s.path)
		}
		if s.form.Secret[""] != "" || len(s.form.Secret) == 0 {
			add("Cookie needs the name of the session cookie")
		}
	case kindRedirects:
		if len(s.moved) == 0 {
			add("FollowRedirects needs at least one old path")
		}
		for _, old := range slices.Sorted(maps.Keys(s.moved)) {
			if !localPath(old) || !localPath(s.moved[old]) {
				add("FollowRedirects: %q and %q must begin with one slash and hold no fragment", old, s.moved[old])
			}
		}
	case kindSignup:
		found = append(found, s.form.problems(false)...)
		found = append(found, s.signup.problems()...)
	case kindForm, kindLogin:
		found = append(found, s.form.problems(s.kind == kindLogin)...)
	}
	if s.links && s.kind != kindPage {
		add("only a Page has Links")
	}
	if (s.kind == kindForeign || s.kind == kindRedirects || s.kind == kindSignup) && (s.status != 0 || s.redirect != "" || len(s.expects) > 0 || len(s.keeps) > 0) {
		add("this step says itself what it expects")
	}
	if s.status != 0 && (s.status < 200 || s.status > 599) {
		add("Status must be 200 to 599, got %d", s.status)
	}
	if s.redirect != "" && !localPath(s.redirect) {
		add("RedirectsTo %q must begin with one slash: only the target's own host is followed", s.redirect)
	}
	for _, e := range s.expects {
		if e.problem != "" {
			add("%s", e.problem)
		}
	}
	for _, k := range s.keeps {
		found = append(found, k.problems()...)
	}
	for _, a := range s.allowed {
		if !slices.Contains(allRules, a.rule) {
			add("Allow: there is no rule %q", string(a.rule))
		}
		if strings.TrimSpace(a.reason) == "" {
			add("Allow(%q) needs a reason", string(a.rule))
		}
	}
	return found
}

// localPath reports whether a text is a path on the target: "//host" and
// anything that names a scheme are not.
func localPath(path string) bool {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, "#") {
		return false
	}
	_, err := url.Parse(path)
	return err == nil
}

// keep is one value that is taken out of an answer.
type keep struct {
	name, pattern string
	re            *regexp.Regexp
	err           error
}

// problems returns what is wrong with the name and with the pattern.
func (k keep) problems() []string {
	var found []string
	if !validName(k.name) {
		found = append(found, fmt.Sprintf("Keep: %q is no name: use a letter, then letters, digits and underscores, and not %q", k.name, runValue))
	}
	switch {
	case k.err != nil:
		found = append(found, "Keep: the pattern is no regular expression: "+k.err.Error())
	case k.re.NumSubexp() < 1:
		found = append(found, fmt.Sprintf("Keep: the pattern %q needs a group: what it matches is the value", k.pattern))
	}
	return found
}
