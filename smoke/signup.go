package smoke

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/launchready/readiness/internal/webpage"
)

const (
	defaultEmailField = "email"
	// mailWithin bounds the waiting for one mail.
	mailWithin = 2 * time.Minute
)

// Signup is how somebody becomes a member: the name of the site is typed, the
// form that this leads to is filled in, the link of the mail is opened, and a
// page that only members see is shown. Plain http has to redirect to the same
// path over https, and nothing is filled in before. The link is fetched once
// by a visitor without cookies before the person opens it, as mail scanners
// do, which must not use it up; and a redirect to another host, or to the same
// path, must not lose its token. It changes data: mark it with [Step.Writes]
// for a live target. The maps are copied by [Signup.Step].
type Signup struct {
	_ [0]func()

	// Path is the page with the form.
	Path string
	// Entry is the origin that a person types, such as "http://market.example"
	// for a target whose pages lie on www.market.example; {host} stands for
	// the host of the target, as in [Config.Hosts]. It has to be the target,
	// one of Hosts, or plain http on a host of theirs. The default is plain
	// http wherever people can get there by it, which is a URL with https and
	// no port: on the registrable domain (market.example for
	// www.market.example) where that is the target or one of Hosts, and else
	// on the host that the step is sent to. Anywhere else it is that host
	// itself. "https://{host}" leaves plain http out.
	Entry string
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
	if err := s.mayWrite(); err != nil {
		return err
	}
	admitted, err := s.admitted(su.Account)
	switch {
	case err != nil:
		return err
	case admitted:
		return fmt.Errorf("GET %s is shown to anybody before the sign-up, so it cannot tell whether it worked", su.Account)
	}
	page, err := s.arrive(su)
	if err != nil {
		return err
	}
	resp, err := s.fillIn(page, s.step.form, true)
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
	lost, err := s.confirm(link)
	if err != nil {
		return err
	}
	return s.enter(su, lost)
}

// enter shows that the person is signed in, by way of a login form where the
// site asks for one. Where it fails, a redirect that lost the token of the
// link is the likely reason.
func (s *Session) enter(su Signup, lost string) error {
	admitted, err := s.admitted(su.Account)
	if err != nil || admitted {
		return err
	}
	if len(su.Secret) > 0 && s.page != nil {
		fields := map[string]string{su.EmailField: su.Fields[su.EmailField]}
		login := Form{Fields: fields, Secret: su.Secret}
		if form, err := s.pick(login, s.page, webpage.Parse(s.page.Body)); err == nil {
			if _, err := s.post(s.page, form, login, true); err != nil {
				return err
			}
			if admitted, err = s.admitted(su.Account); err != nil || admitted {
				return err
			}
		}
	}
	return fmt.Errorf("the link was opened, and GET %s still asks to sign in%s", su.Account, lost)
}
