package smoke

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/webpage"
)

// arrive asks for the page with the form as somebody does who typed the name
// of the site.
func (s *Session) arrive(su Signup) (*Response, error) {
	u, err := s.resolve(su.Path)
	if err != nil {
		return nil, err
	}
	entry, _ := s.run.checker.entry(s.step) // New has seen it
	if sameOrigin(entry, u) {
		return s.do(http.MethodGet, u, http.Header{"Accept": {acceptPage}}, nil, true)
	}
	typed := *u
	typed.Scheme, typed.Host = entry.Scheme, entry.Host
	return s.follow(&typed, "a password", func(at, next *url.URL) error {
		redirect := fmt.Sprintf("the redirect from %s to %s", shownPlace(at), shownPlace(next))
		if sameOrigin(at, next) && next.Path != "/" {
			return nil // the way to its own page is the site's business
		}
		if !strings.HasSuffix(strings.TrimSuffix(next.Path, "/"), strings.TrimSuffix(at.Path, "/")) { // a language may stand in front
			return fmt.Errorf("%s loses the path: whoever asks for %s is not led there", redirect, shownPlace(at))
		}
		asked, kept := at.Query(), next.Query()
		for _, name := range slices.Sorted(maps.Keys(asked)) {
			if !slices.Equal(asked[name], kept[name]) {
				return fmt.Errorf("%s loses %s of the query", redirect, name)
			}
		}
		return nil
	})
}

// follow goes the way of a browser from an address that stood in a mail or
// was typed, over plain http where it must, which has to lead to https: stake
// is what could be read on the way otherwise. Each redirect is shown to judge.
func (s *Session) follow(from *url.URL, stake string, judge func(at, next *url.URL) error) (*Response, error) {
	at := from
	var trail []string
	for range maxRedirects + 1 {
		resp, err := s.hop(at, trail)
		if err != nil {
			return nil, err
		}
		resp.asked = from
		if who := webpage.Challenge(resp.Header, resp.Body); who != "" {
			return nil, errors.New(challengeText(resp, who))
		}
		s.inspectCookies(resp)
		next, err := redirectTarget(resp, &s.run.redact)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: the Location of its redirect is no address", shownPlace(at))
		case next == nil && s.plain(at):
			return nil, fmt.Errorf("%s answered %s over plain http: %s would be read on the way; redirect it to https", shownPlace(at), statusText(resp.Status), stake)
		case next == nil:
			s.inspect(resp)
			s.page = resp
			return resp, nil
		case s.run.target.allows(next) != "":
			return nil, errors.New(shownPlace(at) + " redirects to " + s.run.target.allows(next))
		}
		if err := judge(at, next); err != nil {
			return nil, err
		}
		trail = append(trail, shownPlace(at))
		at = next
	}
	return nil, fmt.Errorf("%s: gave up after %d redirects, the last one to %s", shownPlace(from), maxRedirects, shownPlace(at))
}

// plain reports whether an address is plain http in front of the target, and
// no part of it.
func (s *Session) plain(u *url.URL) bool { return u.Scheme == "http" && s.run.target.allows(u) != "" }

// hop asks once. In front of the target it keeps the cookies as browsers do,
// and says what a person sees where nobody is there.
func (s *Session) hop(u *url.URL, trail []string) (*Response, error) {
	header := http.Header{"Accept": {acceptPage}}
	if !s.plain(u) {
		return s.once(http.MethodGet, u, header, nil, trail)
	}
	jar := s.jar
	s.jar = plainJar{jar}
	defer func() { s.jar = jar }()
	resp, err := s.once(http.MethodGet, u, header, nil, trail)
	switch {
	case err != nil && s.run.target.live && s.runOver() == "":
		return nil, fmt.Errorf("http://%s: %w; whoever opens %s without https sees that the site cannot be reached: listen on port %s and redirect to https", u.Host, err, u.Host, portOf(u))
	case err != nil:
		return nil, err
	}
	for _, c := range resp.cookies() {
		if isSessionCookie(c) && !c.Secure {
			s.find(finding{rule: CookieFlags, severity: failure, text: fmt.Sprintf("%s sets the cookie %s of a session over plain http, where it is read on the way", shownPlace(u), s.run.redact.Beginning(c.Name, shownValue))})
		}
	}
	return resp, nil
}

// cookies are those that an answer sets.
func (r *Response) cookies() []*http.Cookie { return (&http.Response{Header: r.Header}).Cookies() }

// plainJar keeps cookies as browsers do over plain http: none that is Secure,
// and none in the place of one that https keeps to itself.
type plainJar struct{ http.CookieJar }

// SetCookies leaves out what a browser would.
func (j plainJar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	twin := *u
	twin.Scheme = "https"
	var guarded []string
	for _, c := range j.Cookies(&twin) {
		guarded = append(guarded, c.Name)
	}
	for _, c := range j.Cookies(u) {
		guarded = slices.DeleteFunc(guarded, func(name string) bool { return name == c.Name })
	}
	j.CookieJar.SetCookies(u, slices.DeleteFunc(slices.Clone(cookies), func(c *http.Cookie) bool {
		return c.Secure || slices.Contains(guarded, c.Name)
	}))
}
