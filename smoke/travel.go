package smoke

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/redact"
	"github.com/launchready/readiness/internal/webpage"
)

// travel follows redirects, each to the target only.
func (s *Session) travel(method string, u *url.URL, header http.Header, body *payload, follow bool) (*Response, error) {
	asked := u
	var trail []string
	for {
		if problem := s.run.target.allows(u); problem != "" {
			return nil, errors.New(redact.Path(asked) + " leads to " + problem)
		}
		resp, err := s.once(method, u, header, body, trail)
		if err != nil {
			return nil, err
		}
		resp.asked = asked
		if who := webpage.Challenge(resp.Header, resp.Body); who != "" {
			return nil, errors.New(challengeText(resp, who))
		}
		s.inspectCookies(resp)
		next, err := redirectTarget(resp, &s.run.redact)
		switch {
		case !follow:
			return resp, nil
		case err != nil:
			return nil, fmt.Errorf("%s %s: the Location of its redirect is no address", method, redact.Path(u))
		case next == nil:
			return resp, nil
		}
		if problem := s.run.target.allows(next); problem != "" {
			return nil, &elsewhereError{redact.Path(u) + " redirects to " + problem}
		}
		trail = append(trail, redact.Path(u))
		if len(trail) > maxRedirects {
			loop := ""
			if slices.Contains(trail, redact.Path(next)) {
				loop = ": they lead in a circle"
			}
			return nil, fmt.Errorf("%s %s: gave up after %d redirects, the last one to %s%s", method, redact.Path(asked), maxRedirects, redact.Path(next), loop)
		}
		if resp.Status < http.StatusTemporaryRedirect && method != http.MethodHead {
			method, body = http.MethodGet, nil // 301, 302 and 303, as browsers do it
			header = header.Clone()
			header.Del("Origin")
		}
		u = next
	}
}

// elsewhereError says that a redirect led away from the target, where nothing
// was sent. For a link that is what it is for.
type elsewhereError struct{ text string }

func (e *elsewhereError) Error() string { return e.text }

// redirectTarget returns where an answer redirects to, nil where it does not.
// An address that a raw # in a secret would cut in two is not followed: what
// is left of the secret could not be told from the address any more.
func redirectTarget(resp *Response, hide *redact.Redactor) (*url.URL, error) {
	switch resp.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	location := resp.Header.Get("Location")
	if location == "" {
		return nil, nil
	}
	if hide.CutByFragment(location) {
		return nil, errors.New("a secret in it is cut in two by its #")
	}
	u, err := resp.url.Parse(location)
	if err != nil {
		return nil, err
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// once sends a single request within the Timeout, body and all.
func (s *Session) once(method string, u *url.URL, header http.Header, body *payload, trail []string) (*Response, error) {
	ctx, cancel := context.WithTimeout(s.ctx, s.run.checker.timeout)
	defer cancel()
	spent := &timing{began: time.Now()}
	defer func() { s.spent += spent.end() }()
	// Somebody is there also where TLS fails after the connection.
	ctx = httptrace.WithClientTrace(ctx, spent.trace(func() { s.run.reached.Store(true) }))
	s.run.attempted.Store(true)
	content, contentType := body.encode()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), strings.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%s %s cannot be requested", method, redact.Path(u))
	}
	for name, values := range header {
		req.Header[name] = values[:len(values):len(values)]
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("User-Agent", userAgent)
	s.present(req.Header, u)
	s.last = &exchange{request: req, body: body, trail: trail, timing: spent}
	for _, c := range s.jar.Cookies(u) {
		req.AddCookie(c)
		s.last.cookies = append(s.last.cookies, c.Name)
	}
	if !s.quiet { // among many at once nobody knows whose it is
		s.run.target.panicked() // forget an earlier one
	}
	raw, err := s.run.target.transport.RoundTrip(req) // no http.Client: its errors quote what a header said
	if err != nil {
		return nil, s.transportError(req, err)
	}
	defer func() { _ = raw.Body.Close() }() // it was read as far as it will be
	s.run.reached.Store(true)
	s.jar.SetCookies(u, raw.Cookies())
	for _, c := range raw.Cookies() {
		s.run.redact.AddLong("cookie "+c.Name, c.Value)
	}
	read, err := readBody(ctx, raw)
	resp := &Response{Status: raw.StatusCode, Header: raw.Header, Body: read, method: method, url: u}
	if len(resp.Body) > maxBody {
		resp.Body, resp.Truncated = resp.Body[:maxBody], true
	}
	s.last.resp = resp
	if err != nil {
		resp.broken = true
		return nil, s.transportError(req, err)
	}
	return resp, nil
}

// readBody reads the beginning of a body until ctx ends. Of a connection that
// changed its protocol, which nobody asked for, there is none to be read; and
// it is no longer bound to the context of its request.
func readBody(ctx context.Context, raw *http.Response) ([]byte, error) {
	if raw.StatusCode == http.StatusSwitchingProtocols {
		return nil, nil
	}
	defer context.AfterFunc(ctx, func() { _ = raw.Body.Close() })()
	text, err := io.ReadAll(io.LimitReader(raw.Body, maxBody+1))
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // and not that the body was closed under its reader
	}
	return text, err
}

func setOrigin(header http.Header, page *url.URL) {
	origin := page.Scheme + "://" + page.Host
	header.Set("Origin", origin)
	header.Set("Referer", origin+page.RequestURI())
}
