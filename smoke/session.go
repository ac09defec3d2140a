package smoke

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/launchready/readiness/internal/redact"
	"github.com/launchready/readiness/internal/webpage"
)

const (
	maxBody      = 2 << 20
	maxRedirects = 10
	userAgent    = "readiness-smoke"
	acceptPage   = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
	acceptJSON   = "application/json"
)

// Session is one visitor of the target: a cookie jar and the values of the
// run. A [Do] function gets the session of its step. It is valid during that
// call only and not safe for concurrent use.
type Session struct {
	run  *run
	jar  http.CookieJar
	ctx  context.Context // of the run, for the step in hand
	step Step
	page *Response // the last page, for its address and its token
	last *exchange // the last request of the step in hand

	found    []finding // of the step in hand
	identity []string  // with what somebody signed in here

	misuse []error // what the function of the step in hand did wrong

	quiet bool          // answers are not inspected
	spent time.Duration // on requests since it was last set to 0
}

// exchange is one request with what came of it, kept for a failure's text.
type exchange struct {
	request *http.Request
	body    *payload
	cookies []string // names of the cookies that were sent
	trail   []string // addresses that redirected here
	resp    *Response
	timing  *timing
}

// Context returns the context of the run, for calls of a [Do] function to
// something else than the target.
func (s *Session) Context() context.Context { return s.ctx }

// Get fetches a path of the target and follows its redirects. An answer of
// any status is no error. Values in the path are filled in.
func (s *Session) Get(path string) (*Response, error) { return s.get(path, acceptPage, true) }

// PostForm posts fields, as they are, to a path of the target and follows
// redirects; values in the path are filled in. Origin and Referer are those
// of the last page of the session, and so is a CSRF token that stood in a
// meta element or a cookie; [Session.Submit] also takes the one in a form.
// Against a URL it is refused unless the step says Writes.
func (s *Session) PostForm(path string, fields map[string]string) (*Response, error) {
	u, err := s.resolve(path)
	if err != nil {
		return nil, err
	}
	if err := s.mayWrite(); err != nil {
		return nil, err
	}
	values := url.Values{}
	for name, v := range fields {
		values.Set(name, v)
	}
	body := &payload{fields: values}
	header := http.Header{"Accept": {acceptPage}}
	from := u
	if s.page != nil {
		from = s.page.url
		s.findToken(s.page, webpage.Parse(s.page.Body), nil).send(header, body)
	}
	setOrigin(header, from)
	return s.do(http.MethodPost, u, header, body, true)
}

// Set sets a value of the run, for {name} in later steps of every session. A
// name is a letter, then letters, digits and underscores; the value of "run"
// cannot be replaced. What no step could write in braces is not set.
func (s *Session) Set(name, value string) {
	if validName(name) {
		s.run.values.set(name, value)
	}
}

// SetSecret is Set for a value that no output may show. A value shorter than
// 4 bytes cannot be hidden, because it would be found in the middle of
// ordinary words: it is not set, and the step fails for that alone, whatever
// its function returns, without a Detail that might show the value.
func (s *Session) SetSecret(name, value string) {
	if len(value) < redact.Min {
		s.misuse = append(s.misuse, fmt.Errorf("SetSecret(%q): the value is shorter than %d bytes, so output could not hide it; it was not set", name, redact.Min))
		return
	}
	s.run.redact.Add(name, value)
	s.Set(name, value)
}

// Value returns a value of the run. Where it was never set, it returns an
// error with which the step is skipped, if its function returns it.
func (s *Session) Value(name string) (string, error) {
	if v, ok := s.run.values.get(name); ok {
		return v, nil
	}
	return "", unsetError(name)
}

// resolve turns a path with values into an address of the target.
func (s *Session) resolve(path string) (*url.URL, error) {
	for _, name := range valueNames(path) {
		if _, err := s.Value(name); err != nil {
			return nil, err
		}
	}
	full := s.run.expandPath(path)
	if !localPath(full) {
		return nil, errors.New("the path must begin with one slash and hold no fragment")
	}
	return s.address().Parse(full)
}

func (s *Session) get(path, accept string, follow bool) (*Response, error) {
	u, err := s.resolve(path)
	if err != nil {
		return nil, err
	}
	return s.do(http.MethodGet, u, http.Header{"Accept": {accept}}, nil, follow)
}

// mayWrite is the guard in front of everything that changes data.
func (s *Session) mayWrite() error {
	if s.run.target.live && !s.step.writes && s.step.kind != kindLogin {
		return errors.New("refused: the step would change data of a live target; if that is meant, mark it with Writes")
	}
	return nil
}

// do sends a request, and remembers what it led to if that is a page.
func (s *Session) do(method string, u *url.URL, header http.Header, body *payload, follow bool) (*Response, error) {
	resp, err := s.travel(method, u, header, body, follow)
	if err != nil {
		return nil, err
	}
	s.inspect(resp)
	if header.Get("Accept") == acceptPage {
		s.page = resp
	}
	return resp, nil
}
