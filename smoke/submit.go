package smoke

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/redact"
	"github.com/launchready/readiness/internal/webpage"
)

// Submit fills in a form and sends it, as a step of that form would. Values
// in its texts are filled in. An answer of any status is no error.
func (s *Session) Submit(f Form) (*Response, error) { return s.submit(f, true) }

func (s *Session) submit(f Form, follow bool) (*Response, error) {
	resp, err := s.get(f.Path, acceptPage, true)
	if err != nil {
		return nil, err
	}
	return s.fillIn(resp, f, follow)
}

// fillIn finds a form on a page and sends it.
func (s *Session) fillIn(page *Response, f Form, follow bool) (*Response, error) {
	if page.Status != http.StatusOK {
		return nil, fmt.Errorf("the page with the form, %s, answered %s", redact.Path(page.url), statusText(page.Status))
	}
	doc := webpage.Parse(page.Body)
	s.run.redact.AddLong("CSRF token", doc.Token)
	form, err := s.pick(f, page, doc)
	if err != nil {
		return nil, err
	}
	return s.post(page, form, f, follow)
}

// post sends a form of a page, filled in.
func (s *Session) post(resp *Response, form webpage.Form, f Form, follow bool) (*Response, error) {
	doc := webpage.Parse(resp.Body)
	action, err := resp.url.Parse(form.Action)
	if err != nil || s.run.redact.CutByFragment(form.Action) {
		return nil, fmt.Errorf("the form on %s has an action that is no address", redact.Path(resp.url))
	}
	action.Fragment, action.RawFragment = "", ""
	values, err := s.fill(f, form)
	if err != nil {
		return nil, err
	}
	if form.Method != "post" {
		if s.step.kind == kindLogin || len(f.Secret) > 0 {
			return nil, fmt.Errorf("the form on %s is sent by GET, which would put the secret into the address", redact.Path(resp.url))
		}
		action.RawQuery = values.Encode()
		return s.do(http.MethodGet, action, http.Header{"Accept": {acceptPage}}, nil, follow)
	}
	if err := s.mayWrite(); err != nil {
		return nil, err
	}
	header := http.Header{"Accept": {acceptPage}}
	setOrigin(header, resp.url)
	body := &payload{fields: values, multipart: form.Multipart}
	s.findToken(resp, doc, &form).send(header, body)
	return s.do(http.MethodPost, action, header, body, follow)
}

// pick finds the form that is meant. A login page without any form but with a
// token is one that a script sends: it is posted to the page itself.
func (s *Session) pick(f Form, resp *Response, doc webpage.Page) (webpage.Form, error) {
	names := f.names()
	want := s.run.expandPath(f.Action)
	for _, form := range doc.Forms {
		if f.Action != "" {
			u, err := resp.url.Parse(form.Action)
			if err != nil || s.run.target.allows(u) != "" || u.RequestURI() != want {
				continue
			}
		}
		if form.HasAll(names) {
			return form, nil
		}
	}
	if s.step.kind == kindLogin && len(doc.Forms) == 0 && s.findToken(resp, doc, nil).value != "" {
		return webpage.Form{Method: "post"}, nil
	}
	return webpage.Form{}, errors.New("no form on " + redact.Path(resp.url) + s.noSuchForm(f, names, doc.Forms))
}

// noSuchForm says what was looked for and what the first forms have instead.
func (s *Session) noSuchForm(f Form, names []string, forms []webpage.Form) string {
	var b strings.Builder
	if f.Action != "" {
		b.WriteString(" is sent to " + f.Action)
	}
	if len(names) > 0 {
		b.WriteString(" with the fields " + strings.Join(names, ", "))
	}
	for i, form := range forms[:min(len(forms), 3)] {
		fmt.Fprintf(&b, "; form %d has: %s", i+1, s.run.redact.Beginning(strings.Join(form.Names(), ", "), 120))
	}
	return b.String()
}

// fill returns what the form sends: its own values, with those of the step in
// their place.
func (s *Session) fill(f Form, form webpage.Form) (url.Values, error) {
	values := url.Values{}
	for _, c := range form.Controls {
		if !c.Off && !c.Pressed {
			values.Add(c.Name, c.Value)
		}
	}
	for name, template := range f.Fields {
		for _, ref := range valueNames(template) {
			if _, err := s.Value(ref); err != nil {
				return nil, err
			}
		}
		values.Set(name, s.run.expand(template, asIs))
	}
	for name, variable := range f.Secret {
		secret, err := s.run.checker.secret(variable)
		if err != nil {
			return nil, err
		}
		s.run.redact.Add(variable, secret)
		values.Set(name, secret)
	}
	s.hideFields(&payload{fields: values})
	return values, nil
}

// judgeForm says whether a form was accepted, beyond its status.
func (s *Session) judgeForm(resp *Response) string {
	step := s.step
	login := step.kind == kindLogin
	switch {
	case login && step.status >= 400, !login && (step.status != 0 || step.redirect != "" || len(step.expects) > 0 || len(step.keeps) > 0):
		return "" // the step says itself what it expects
	case login && resp.Status >= 400:
		hint := s.rightSecret()
		if resp.Status < 500 && speaksOfForgery.Match(resp.Body) {
			hint = "; the answer speaks of a forged request: did the form hold a CSRF token, and is it the one that the service expects?"
		}
		return fmt.Sprintf("the login was refused: %s answered %s%s", resp.request(), statusText(resp.Status), hint)
	case !login && (resp.url.Path != resp.asked.Path || !sameHost(resp.url, resp.asked)):
		return ""
	}
	names := step.form.names()
	again := slices.ContainsFunc(webpage.Parse(resp.Body).Forms, func(f webpage.Form) bool { return len(names) > 0 && f.Method == "post" && f.HasAll(names) })
	switch {
	case again && login:
		return "the login was refused: the login form came back" + s.rightSecret()
	case again:
		return "the form came back, so its values were probably refused; say with Contains or RedirectsTo what success shows"
	case login && !slices.ContainsFunc(s.jar.Cookies(resp.url), func(c *http.Cookie) bool { return !webpage.IsTokenName(c.Name) }):
		return "the login set no cookie that is sent back" + secureNote(resp.url)
	}
	return ""
}

// speaksOfForgery is how services word that a request may come from another
// site.
var speaksOfForgery = regexp.MustCompile(`(?i)csrf|xsrf|forgery|cross-(?:site|origin)|authenticity.?token`)

// rightSecret asks for the likeliest reason.
func (s *Session) rightSecret() string {
	names := slices.Sorted(maps.Values(s.step.form.Secret))
	return "; is the value of " + strings.Join(names, " and ") + " right for this service?"
}

func secureNote(u *url.URL) string {
	if u.Scheme == "http" {
		return "; a Secure cookie is not, over plain http"
	}
	return ""
}
