package smoke

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

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
