package smoke

import (
	"errors"
	"fmt"
)

// ask makes the requests of the step in hand. The answer is nil where the
// step looks at its answers itself.
func (s *Session) ask() (*Response, error) {
	step := s.step
	switch step.kind {
	case kindPage:
		return s.get(step.path, acceptPage, step.follows())
	case kindJSON:
		return s.get(step.path, acceptJSON, step.follows())
	case kindForm, kindLogin:
		return s.submit(step.form, step.follows())
	case kindForeign:
		return nil, s.foreign()
	case kindSignup:
		return nil, s.signup(step.signup)
	case kindDo:
		return nil, s.call(step.fn)
	}
	return nil, nil
}

// judge returns what is wrong with the answer to the step in hand.
func (s *Session) judge(resp *Response) []error {
	if s.step.kind == kindForm || s.step.kind == kindLogin {
		if refused := s.judgeForm(resp); refused != "" {
			return s.withFindings([]error{errors.New(refused)})
		}
	}
	var problems []error
	for _, p := range s.run.judge(s.step, resp, s.findings(failure)) {
		problems = append(problems, errors.New(p))
	}
	return problems
}

// act does what the step in hand is for, and returns what is wrong. A note is
// worth telling although nothing is.
func (s *Session) act() (problems []error, note string) {
	step := s.step
	if step.kind == kindRedirects {
		return s.withFindings(s.followMoved()), ""
	}
	resp, err := s.ask()
	if step.kind == kindLogin || step.kind == kindSignup {
		delete(s.run.signedOut, step.session)
		if err != nil || resp != nil && s.judgeForm(resp) != "" {
			s.run.signedOut[step.session] = step.title()
		}
	}
	switch {
	case len(s.misuse) > 0:
		s.last = nil // its text and that of err may hold what could not be hidden
		return s.misuse, ""
	case err != nil:
		return s.withFindings([]error{err}), ""
	case resp == nil:
		return s.withFindings(nil), ""
	}
	problems = s.judge(resp)
	if step.kind == kindPage && len(problems) == 0 {
		s.inspectAssets(resp)
		problems = s.withFindings(nil)
		if step.links {
			problems = append(problems, s.followLinks(resp)...)
		}
	}
	if step.kind == kindLogin && len(problems) == 0 {
		s.identify(step.form)
	}
	if resp.Truncated {
		note = "passed on the first 2 MiB: the answer is longer and was cut there"
	}
	return problems, note
}

// withFindings adds the breaches that fail the step in hand.
func (s *Session) withFindings(problems []error) []error {
	for _, text := range s.findings(failure) {
		problems = append(problems, errors.New(text))
	}
	return problems
}

// call runs the function of a Do step. A panic becomes its failure.
func (s *Session) call(fn func(*Session) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the function of the step %s", panicPlace(v))
		}
	}()
	return fn(s)
}
