package smoke

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	defaultEmailField = "email"
	// mailWithin bounds the waiting for one mail.
	mailWithin = 2 * time.Minute
)

// Signup is how somebody becomes a member: the form is filled in, the link of
// the mail is opened, and a page that only members see is shown. The link is
// fetched once before that by a visitor without cookies, as mail scanners do,
// which must not use it up; and a redirect to another host, or to the same
// path, must not lose its token. It changes data: mark it with [Step.Writes]
// for a live target. The maps are copied by [Signup.Step].
type Signup struct {
	_ [0]func()

	// Path is the page with the form.
	Path string
	// Fields are the fields to fill in, by the name of the input, the e-mail
	// address among them. Write {run} into it, so that each run has its own:
	// "smoke+{run}@market.example".
	Fields map[string]string
	// Secret are fields whose value no output may show: the name of the
	// input and the environment variable that holds the value.
	Secret map[string]string
	// EmailField is the field with the e-mail address. The default is
	// "email".
	EmailField string
	// Mailbox waits for the mail to an address and returns the link in it.
	// Its context ends after 2 minutes, or with the run. Required.
	Mailbox func(ctx context.Context, to string) (link string, err error)
	// Account is a page that only somebody signed in sees, such as
	// "/account". Required. Where it leads to a login form with the fields of
	// Secret, that is filled in.
	Account string
}

// Step makes the sign-up a step.
func (s Signup) Step() Step {
	if s.EmailField == "" {
		s.EmailField = defaultEmailField
	}
	s.Fields, s.Secret = maps.Clone(s.Fields), maps.Clone(s.Secret)
	return Step{kind: kindSignup, form: Form{Path: s.Path, Fields: s.Fields, Secret: s.Secret}, signup: s}
}

// problems returns what New has to report about the sign-up beyond its form.
func (s Signup) problems() []string {
	var found []string
	if s.Mailbox == nil {
		found = append(found, "Mailbox needs a function that returns the link of the mail")
	}
	if !localPath(s.Account) {
		found = append(found, fmt.Sprintf("Account %q must begin with one slash and hold no fragment: name a page that only members see", s.Account))
	}
	if s.Fields[s.EmailField] == "" {
		found = append(found, fmt.Sprintf("Fields needs %q, the e-mail address; name another input with EmailField", s.EmailField))
	}
	return found
}

// signup goes the whole way.
func (s *Session) signup(su Signup) error {
	admitted, err := s.admitted(su.Account)
	switch {
	case err != nil:
		return err
	case admitted:
		return fmt.Errorf("GET %s is shown to anybody before the sign-up, so it cannot tell whether it worked", su.Account)
	}
	resp, err := s.submit(s.step.form, true)
	switch {
	case err != nil:
		return err
	case resp.Status >= http.StatusBadRequest:
		return fmt.Errorf("the sign-up was refused: %s answered %s", resp.request(), statusText(resp.Status))
	}
	link, err := s.confirmationLink(su)
	if err != nil {
		return err
	}
	if err := s.confirm(link); err != nil {
		return err
	}
	return s.enter(su)
}

// confirmationLink asks the mailbox, and hides what opens the account.
func (s *Session) confirmationLink(su Signup) (*url.URL, error) {
	ctx, cancel := context.WithTimeout(s.ctx, mailWithin)
	defer cancel()
	text, err := su.Mailbox(ctx, s.run.expand(su.Fields[su.EmailField], asIs))
	if err != nil {
		return nil, fmt.Errorf("the mail with the link did not come: %w", err)
	}
	link, err := url.Parse(strings.TrimSpace(text))
	if err != nil || link.Host == "" {
		return nil, errors.New("the link of the mail is no address")
	}
	link.Fragment, link.RawFragment = "", ""
	for _, token := range linkTokens(link) {
		s.run.redact.addLong("link token", token)
	}
	if !s.mayEnterBy(link) {
		return nil, errors.New("the link of the mail leads to " + s.run.target.allows(link))
	}
	return link, nil
}

// mayEnterBy reports whether a link of a mail may be opened: on a host of the
// target, and over http too, from where the site has to lead to https.
func (s *Session) mayEnterBy(link *url.URL) bool {
	if s.run.target.allows(link) == "" {
		return true
	}
	upgraded := *link
	upgraded.Scheme = "https"
	return link.Scheme == "http" && link.Port() == "" && s.run.target.allows(&upgraded) == ""
}

// linkTokens returns what a link opens something with: the values of its
// query, and the segments of its path that no person would type.
func linkTokens(link *url.URL) []string {
	var tokens []string
	for _, name := range slices.Sorted(maps.Keys(link.Query())) {
		tokens = append(tokens, link.Query()[name]...)
	}
	for segment := range strings.SplitSeq(link.EscapedPath(), "/") {
		if text, err := url.PathUnescape(segment); err == nil && len(text) >= 16 {
			tokens = append(tokens, text)
		}
	}
	return slices.DeleteFunc(tokens, func(t string) bool { return t == "" })
}

// confirm opens the link, after a scanner did. A page that asks for a click
// gets it from the person alone.
func (s *Session) confirm(link *url.URL) error {
	scanner := s.run.newSession()
	scanner.step = s.step
	before, err := scanner.open(link)
	s.last = scanner.last
	if err != nil {
		return err
	}
	if before.Status >= http.StatusBadRequest {
		return fmt.Errorf("the link of the mail is broken: %s answered %s", before.request(), statusText(before.Status))
	}
	resp, err := s.open(link)
	switch {
	case err != nil:
		return err
	case resp.Status >= http.StatusBadRequest:
		return fmt.Errorf("the link of the mail was used up by the first fetch, as mail scanners make one before the person: %s answered %s", resp.request(), statusText(resp.Status))
	}
	tokens := linkTokens(link)
	for _, form := range parsePage(resp.Body).forms {
		if form.method == "post" && carries(form, resp.url, tokens) {
			return s.click(resp, form)
		}
	}
	return nil
}

// carries reports whether a form sends a token of the link.
func carries(form htmlForm, at *url.URL, tokens []string) bool {
	u, err := at.Parse(form.action)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(tokens, func(token string) bool {
		return slices.Contains(linkTokens(u), token) || slices.ContainsFunc(form.controls, func(c control) bool { return c.value == token })
	})
}

// click sends the form of a page that asks for a confirmation.
func (s *Session) click(page *Response, form htmlForm) error {
	resp, err := s.post(page, form, Form{}, true)
	switch {
	case err != nil:
		return err
	case resp.Status >= http.StatusBadRequest:
		return fmt.Errorf("the confirmation was refused: %s answered %s", resp.request(), statusText(resp.Status))
	}
	return nil
}

// open follows a link of a mail and looks after its token on the way.
func (s *Session) open(link *url.URL) (*Response, error) {
	header := http.Header{"Accept": {acceptPage}}
	at := link
	for range maxRedirects + 1 {
		resp, err := s.once(http.MethodGet, at, header, nil, nil)
		if err != nil {
			return nil, err
		}
		resp.asked = link
		s.inspectCookies(resp)
		next, err := redirectTarget(resp, &s.run.redact)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: the Location of its redirect is no address", resp.request())
		case next == nil:
			s.inspect(resp)
			s.page = resp
			return resp, nil
		case s.run.target.allows(next) != "":
			return nil, errors.New(resp.request() + " redirects to " + s.run.target.allows(next))
		}
		moved := !sameOrigin(at, next) || strings.TrimSuffix(at.Path, "/") == strings.TrimSuffix(next.Path, "/")
		for _, token := range linkTokens(at) {
			if moved && !slices.ContainsFunc(linkTokens(next), func(t string) bool { return strings.Contains(t, token) }) {
				return nil, fmt.Errorf("the redirect from %s to %s loses the token of the link", shownPlace(at), shownPlace(next))
			}
		}
		at = next
	}
	return nil, fmt.Errorf("the link of the mail: gave up after %d redirects", maxRedirects)
}

// enter shows that the person is signed in, by way of a login form where the
// site asks for one.
func (s *Session) enter(su Signup) error {
	admitted, err := s.admitted(su.Account)
	if err != nil || admitted {
		return err
	}
	if len(su.Secret) > 0 && s.page != nil {
		fields := map[string]string{su.EmailField: su.Fields[su.EmailField]}
		login := Form{Fields: fields, Secret: su.Secret}
		if form, err := s.pick(login, s.page, parsePage(s.page.Body)); err == nil {
			if _, err := s.post(s.page, form, login, true); err != nil {
				return err
			}
			if admitted, err = s.admitted(su.Account); err != nil || admitted {
				return err
			}
		}
	}
	return fmt.Errorf("the link was opened, and GET %s still asks to sign in", su.Account)
}
