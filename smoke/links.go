package smoke

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/redact"
)

// maxLinks bounds how many links of one page are followed.
const maxLinks = 100

// Links follows the links of the page that lead to the target's own hosts,
// each once a run and at most 100 of a page, and fails the step with those
// that end at a status from 400 on or at no answer. One that is redirected to
// another host is no broken one, and not followed there. A link that names a
// fragment counts as its page. Links that sign out or delete by their name
// are left alone.
func (s Step) Links() Step { s.links = true; return s }

// followLinks returns what is wrong with the links of a page.
func (s *Session) followLinks(page *Response) []error {
	shown := s.last
	defer func() { s.last = shown }()
	base := documentBase(page.url, page.facts.Base)
	var broken []string
	followed, left := 0, 0
	for _, href := range page.facts.Links {
		u, err := base.Parse(strings.TrimSpace(href))
		if err != nil {
			broken = append(broken, fmt.Sprintf("%q is no address", s.run.redact.Beginning(href, 100)))
			continue
		}
		u.Fragment, u.RawFragment = "", ""
		if s.run.target.allows(u) != "" || s.run.links[u.String()] || changesSomething(u) {
			continue
		}
		if followed == maxLinks {
			left++
			continue
		}
		followed++
		s.run.links[u.String()] = true
		resp, err := s.travel(http.MethodGet, u, http.Header{"Accept": {acceptPage}}, nil, true)
		_, elsewhere := errors.AsType[*elsewhereError](err)
		switch {
		case elsewhere: // such as "sign in with"
		case err != nil:
			broken = append(broken, err.Error())
		case resp.Status >= http.StatusBadRequest:
			broken = append(broken, fmt.Sprintf("%s answered %s", redact.Path(u), statusText(resp.Status)))
		}
	}
	if left > 0 {
		s.find(finding{rule: "links", severity: information, text: fmt.Sprintf("%d more links of %s were not followed", left, page.request())})
	}
	if len(broken) == 0 {
		return nil
	}
	problems := []error{fmt.Errorf("%s has %d broken links, the first: %s", page.request(), len(broken), broken[0])}
	if len(broken) == 1 {
		problems[0] = fmt.Errorf("%s has a broken link: %s", page.request(), broken[0])
	}
	for _, b := range broken[1:] {
		problems = append(problems, errors.New("broken link: "+b))
	}
	return problems
}

// changesSomething reports whether a link does, by its name, what a check had
// better not.
func changesSomething(u *url.URL) bool {
	words := redact.Words(u.Path + " " + u.RawQuery)
	for i, word := range words {
		switch {
		case slices.Contains([]string{"logout", "logoff", "signout", "signoff", "delete", "remove", "destroy", "unsubscribe", "cancel", "deactivate"}, word):
			return true
		case i > 0 && slices.Contains([]string{"out", "off"}, word) && slices.Contains([]string{"log", "sign"}, words[i-1]):
			return true
		}
	}
	return false
}

// FollowRedirects is a step that asks for old paths and expects that each
// leads, by redirects that are permanent, to its new one, which has to answer
// 200. It maps old to new: "/ads": "/listings". A query of the new path
// counts only where it has one. The map is copied.
func FollowRedirects(paths map[string]string) Step {
	return Step{kind: kindRedirects, name: "old paths", moved: maps.Clone(paths)}
}

// followMoved returns what is wrong with the old paths.
func (s *Session) followMoved() []error {
	var problems []error
	var shown *exchange // of the first that is wrong
	for _, old := range slices.Sorted(maps.Keys(s.step.moved)) {
		if err := s.followOld(old, s.step.moved[old]); err != nil {
			if problems = append(problems, err); len(problems) == 1 {
				shown = s.last
			}
		}
	}
	if shown != nil {
		s.last = shown
	}
	return problems
}

// followOld goes hop by hop: each redirect has to be one that stays.
func (s *Session) followOld(old, now string) error {
	at, err := s.resolve(old)
	if err != nil {
		return err
	}
	for hops := 0; ; hops++ {
		resp, err := s.travel(http.MethodGet, at, http.Header{"Accept": {acceptPage}}, nil, false)
		switch {
		case err != nil && hops > 0:
			return fmt.Errorf("GET %s leads on: %w", old, err)
		case err != nil:
			return err
		}
		next, err := redirectTarget(resp, &s.run.redact)
		switch {
		case err != nil:
			return fmt.Errorf("%s: the Location of its redirect is no address", resp.request())
		case next == nil && hops == 0:
			return fmt.Errorf("%s answered %s, expected a redirect to %s", resp.request(), statusText(resp.Status), now)
		case next == nil && !s.run.matchPath(now, at):
			return fmt.Errorf("GET %s ended at %s, expected %s", old, redact.Path(at), now)
		case next == nil && resp.Status != http.StatusOK:
			return fmt.Errorf("GET %s ended at %s, which answered %s", old, redact.Path(at), statusText(resp.Status))
		case next == nil:
			s.inspect(resp)
			return nil
		case resp.Status != http.StatusMovedPermanently && resp.Status != http.StatusPermanentRedirect:
			return fmt.Errorf("%s answered %s, which search engines take for a move that will be undone; expected 301 or 308", resp.request(), statusText(resp.Status))
		case hops == maxRedirects:
			return fmt.Errorf("GET %s: gave up after %d redirects, the last one to %s", old, maxRedirects, redact.Path(next))
		}
		if problem := s.run.target.allows(next); problem != "" {
			return errors.New(resp.request() + " redirects to " + problem)
		}
		at = next
	}
}
