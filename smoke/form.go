package smoke

import (
	"fmt"
	"maps"
	"slices"
)

// Form is a form that is filled in and sent, as a browser does it: its page
// is fetched, the form is found there, and what the page put into it goes
// along, hidden fields and the CSRF token among them. The maps are copied by
// [Form.Step].
type Form struct {
	_ [0]func()

	// Path is the page with the form on it.
	Path string
	// Action picks the form by the path that it is sent to, where the page
	// has several. Empty means the first form that has all the fields.
	Action string
	// Fields are the fields to fill in, by the name of the input. A button
	// is not pressed unless its name stands here.
	Fields map[string]string
	// Secret are fields whose value no output may show: the name of the
	// input and the environment variable that holds the value.
	Secret map[string]string
}

// Login is a form that signs somebody in. It fails where the login form comes
// back or where no cookie was set, and not only for its status. It may run
// against a live target without [Step.Writes], because it changes nothing but
// the session. Redirects after it are followed. The CSRF token is looked for
// in the form, in a meta element and in a cookie; Origin and Referer are
// those of the page. The maps are copied by [Login.Step].
type Login struct {
	_ [0]func()

	// Path is the login page.
	Path string
	// Fields are the fields to fill in, by the name of the input.
	Fields map[string]string
	// Secret are fields whose value no output may show: the name of the
	// input and the environment variable that holds the value, such as
	// "password": "SMOKE_PASSWORD". At least one is required.
	Secret map[string]string
}

// Step makes the form a step. It expects any 2xx in the end; where the step
// expects nothing else and the same form comes back without a redirect, it
// fails too, because that is how most sites refuse a value.
func (f Form) Step() Step { return Step{kind: kindForm, form: f.clone()} }

// Step makes the login a step. With a Status from 400 on it expects that the
// login is refused.
func (l Login) Step() Step {
	return Step{kind: kindLogin, form: Form{Path: l.Path, Fields: l.Fields, Secret: l.Secret}.clone()}
}

func (f Form) clone() Form {
	f.Fields, f.Secret = maps.Clone(f.Fields), maps.Clone(f.Secret)
	return f
}

// names returns the names of all fields, sorted.
func (f Form) names() []string {
	all := slices.AppendSeq(slices.Collect(maps.Keys(f.Fields)), maps.Keys(f.Secret))
	slices.Sort(all)
	return slices.Compact(all)
}

// problems returns what New has to report about the form.
func (f Form) problems(login bool) []string {
	var found []string
	if !localPath(f.Path) {
		found = append(found, fmt.Sprintf("Path %q must begin with one slash and hold no fragment", f.Path))
	}
	if f.Action != "" && !localPath(f.Action) {
		found = append(found, fmt.Sprintf("Action %q must begin with one slash and hold no fragment", f.Action))
	}
	if login && len(f.Secret) == 0 {
		found = append(found, "Secret needs the password field, with the environment variable that holds it")
	}
	for _, name := range f.names() {
		_, plain := f.Fields[name]
		if _, hidden := f.Secret[name]; plain && hidden {
			found = append(found, fmt.Sprintf("the field %q stands in Fields and in Secret: keep one", name))
		}
	}
	return found
}
