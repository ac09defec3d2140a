package smoke

import (
	"errors"
	"fmt"
	"net/http"
)

// ForeignSession is a session of another environment, such as a cookie of
// staging presented to production: it has to be refused. A shared signing key
// or session store is how it comes to be accepted.
type ForeignSession struct {
	_ [0]func()

	// Path is a page that only somebody signed in sees, such as "/account".
	Path string
	// Cookie is the name of the session cookie.
	Cookie string
	// Secret is the environment variable that holds the value of the cookie
	// in the other environment.
	Secret string
}

// Step makes it a step. It passes where Path is refused, with a 4xx or a
// redirect to another page, without the cookie and with it. It runs in a
// session of its own.
func (f ForeignSession) Step() Step {
	return Step{kind: kindForeign, path: f.Path, form: Form{Secret: map[string]string{f.Cookie: f.Secret}}}
}

// foreign presents the session.
func (s *Session) foreign() error {
	path, secrets := s.step.path, s.step.form.Secret
	visitor := s.run.newSession() // with no cookies of this environment
	visitor.step = s.step
	defer func() { s.last, s.found = visitor.last, visitor.found }()
	open, err := visitor.admitted(path)
	switch {
	case err != nil:
		return err
	case open:
		return fmt.Errorf("GET %s is shown to anybody, so it cannot tell whether a session is accepted; name a page that asks for one", path)
	}
	for cookie, variable := range secrets {
		value, err := s.run.checker.secret(variable)
		if err != nil {
			return err
		}
		s.run.redact.Add(variable, value)
		visitor.jar.SetCookies(s.address(), []*http.Cookie{{Name: cookie, Value: value, Path: "/", Secure: s.address().Scheme == "https"}})
	}
	open, err = visitor.admitted(path)
	switch {
	case err != nil:
		return err
	case open:
		return fmt.Errorf("GET %s accepted the session of another environment: do they share a key or a session store?", path)
	}
	return nil
}

// admitted reports whether a page is shown, and not refused.
func (s *Session) admitted(path string) (bool, error) {
	resp, err := s.get(path, acceptPage, true)
	switch {
	case err != nil:
		return false, err
	case resp.Status >= 500:
		return false, errors.New(resp.request() + " answered " + statusText(resp.Status) + ", which says nothing about the session")
	}
	return resp.Status < 400 && sameHost(resp.url, resp.asked) && samePath(resp.url, resp.asked), nil
}
