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

	"github.com/launchready/readiness/internal/intime"
	"github.com/launchready/readiness/internal/redact"
	"github.com/launchready/readiness/internal/webpage"
)

// confirmationLink asks the mailbox, and hides what opens the account.
func (s *Session) confirmationLink(su Signup) (*url.URL, error) {
	ctx, cancel := context.WithTimeout(s.ctx, mailWithin)
	defer cancel()
	// Whoever heeds the context has a second to say what kept the mail away.
	patience, stop := context.WithTimeout(s.ctx, mailWithin+time.Second)
	defer stop()
	var text string
	err := intime.Do(patience, func() (err error) {
		text, err = su.Mailbox(ctx, s.run.expand(su.Fields[su.EmailField], asIs))
		return err
	})
	if errors.Is(err, intime.ErrPanic) {
		return nil, errors.New("the Mailbox panicked")
	}
	if err != nil {
		if over := s.runOver(); over != "" {
			return nil, errors.New("the mail with the link did not come: " + over)
		}
		if errors.Is(err, context.DeadlineExceeded) {
			return nil, fmt.Errorf("no mail with the link came within %s: %w", mailWithin, err)
		}
		return nil, fmt.Errorf("the mail with the link did not come: %w", err)
	}
	link, err := url.Parse(strings.TrimSpace(text))
	if err != nil || link.Host == "" {
		return nil, errors.New("the link of the mail is no address")
	}
	link.Fragment, link.RawFragment = "", ""
	for _, token := range linkTokens(link) {
		s.run.redact.AddLong("link token", token)
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

// linkTokens returns what a link opens something with: the values of its query
// that a name or their look tells, all of them where none is told, and the
// segments of its path that no person would type. A language or the name of a
// campaign may get lost on the way.
func linkTokens(link *url.URL) []string {
	var tokens, others []string
	query := link.Query()
	for _, name := range slices.Sorted(maps.Keys(query)) {
		for _, value := range query[name] {
			switch {
			case value == "":
			case redact.Opens(name), slices.Contains([]string{"id", "k", "t"}, strings.ToLower(name)), drawn(value):
				tokens = append(tokens, value)
			default:
				others = append(others, value)
			}
		}
	}
	for segment := range strings.SplitSeq(link.EscapedPath(), "/") {
		if text, err := url.PathUnescape(segment); err == nil && drawn(text) {
			tokens = append(tokens, text)
		}
	}
	if len(tokens) == 0 {
		return others
	}
	return tokens
}

// drawn reports a text that looks drawn by lot: long, and with a digit.
func drawn(text string) bool { return len(text) >= 16 && strings.ContainsAny(text, "0123456789") }

// confirm opens the link, after a scanner did. A page that asks for a click
// gets it from the person alone. It returns which redirect lost the token of
// the link, "" for none, in words that follow a verdict: a page that needs the
// token no more is no failure.
func (s *Session) confirm(link *url.URL) (lost string, err error) {
	scanner := s.run.newSession()
	scanner.step = s.step
	before, lost, err := scanner.open(link)
	s.last = scanner.last
	if err != nil {
		return "", err
	}
	if before.Status >= http.StatusBadRequest {
		return "", fmt.Errorf("the link of the mail is broken: %s answered %s%s", before.request(), statusText(before.Status), lost)
	}
	resp, lost, err := s.open(link)
	switch {
	case err != nil:
		return "", err
	case resp.Status >= http.StatusBadRequest:
		return "", fmt.Errorf("the link of the mail was used up by the first fetch, as mail scanners make one before the person: %s answered %s%s", resp.request(), statusText(resp.Status), lost)
	}
	tokens := linkTokens(link)
	for _, form := range webpage.Parse(resp.Body).Forms {
		if form.Method == "post" && carries(form, resp.url, tokens) {
			return lost, s.click(resp, form)
		}
	}
	return lost, nil
}

// carries reports whether a form sends a token of the link.
func carries(form webpage.Form, at *url.URL, tokens []string) bool {
	u, err := at.Parse(form.Action)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(tokens, func(token string) bool {
		return holds(u, token) || slices.ContainsFunc(form.Controls, func(c webpage.Control) bool { return c.Value == token })
	})
}

// click sends the form of a page that asks for a confirmation.
func (s *Session) click(page *Response, form webpage.Form) error {
	resp, err := s.post(page, form, Form{}, true)
	switch {
	case err != nil:
		return err
	case resp.Status >= http.StatusBadRequest:
		return fmt.Errorf("the confirmation was refused: %s answered %s", resp.request(), statusText(resp.Status))
	}
	return nil
}

// open follows a link of a mail and looks after its token on the way: it has
// to come along to another origin, and to the same path. Where it goes
// elsewhere the token may have done its work: that redirect is returned.
func (s *Session) open(link *url.URL) (resp *Response, lost string, err error) {
	resp, err = s.follow(link, "the token of the link", func(at, next *url.URL) error {
		for _, token := range linkTokens(at) {
			switch {
			case holds(next, token):
			case !sameOrigin(at, next) || samePath(at, next):
				return fmt.Errorf("the redirect from %s to %s loses the token of the link", shownPlace(at), shownPlace(next))
			case lost == "":
				lost = fmt.Sprintf("; the redirect from %s to %s dropped the token of the link", shownPlace(at), shownPlace(next))
			}
		}
		return nil
	})
	return resp, lost, err
}

// holds reports whether an address carries a token, also within a longer value,
// such as that of the page to go on to.
func holds(u *url.URL, token string) bool {
	same := func(text string) bool {
		return text == token || len(token) >= redact.MinLong && strings.Contains(text, token)
	}
	for _, values := range u.Query() {
		if slices.ContainsFunc(values, same) {
			return true
		}
	}
	return slices.ContainsFunc(strings.Split(u.Path, "/"), same)
}

// samePath reports whether two paths are one, but for a slash at the end.
func samePath(a, b *url.URL) bool {
	return strings.TrimSuffix(a.Path, "/") == strings.TrimSuffix(b.Path, "/")
}
