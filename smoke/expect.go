package smoke

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/redact"
)

// expectation is one thing an answer has to satisfy. Its args are templates,
// expanded before check sees them; check returns what is wrong, "" for
// nothing, and may shorten what it quotes only after hide has seen it.
type expectation struct {
	args    []string
	problem string // of the configuration, for New
	check   func(r *Response, args []string, hide *redact.Redactor) string
}

func (s Step) expect(e expectation) Step {
	s.expects = append(slices.Clip(s.expects), e)
	return s
}

// Status is the status that the answer has to have; the default is 200 for a
// page and any 2xx for a form. With a 3xx, the redirect itself is the answer
// and is not followed.
func (s Step) Status(code int) Step { s.status = code; return s }

// RedirectsTo is the path at which redirects have to end, or with a 3xx
// Status the path in the Location header. A query counts only where path has
// one. A segment of the path that is a {name} matches the value of that name
// if it has been set, and any single segment otherwise, which then becomes
// the value.
func (s Step) RedirectsTo(path string) Step { s.redirect = path; return s }

// Header expects a header of that name with text in it. Case matters in the
// text. An empty text is satisfied by any value.
func (s Step) Header(name, text string) Step {
	e := expectation{args: []string{text}, check: func(r *Response, args []string, _ *redact.Redactor) string {
		got, found := r.Header[http.CanonicalHeaderKey(name)]
		switch {
		case !found:
			return fmt.Sprintf("the answer has no header %s", name)
		case !strings.Contains(strings.Join(got, ", "), args[0]):
			return fmt.Sprintf("the header %s does not contain %q", name, args[0])
		}
		return ""
	}}
	if name == "" {
		e.problem = "Header needs the name of a header"
	}
	return s.expect(e)
}

// Contains expects a text in the body, byte by byte, as it is in the source
// of a page: there "&" is written "&amp;".
func (s Step) Contains(text string) Step {
	e := expectation{args: []string{text}, check: func(r *Response, args []string, _ *redact.Redactor) string {
		if bytes.Contains(r.Body, []byte(args[0])) {
			return ""
		}
		return fmt.Sprintf("the body does not contain %q%s", args[0], cutNote(r))
	}}
	if text == "" {
		e.problem = "Contains needs a text"
	}
	return s.expect(e)
}

// NotContains expects that a text is not in the body. It fails where the body
// was cut, because the rest is not known.
func (s Step) NotContains(text string) Step {
	e := expectation{args: []string{text}, check: func(r *Response, args []string, _ *redact.Redactor) string {
		switch {
		case bytes.Contains(r.Body, []byte(args[0])):
			return fmt.Sprintf("the body contains %q", args[0])
		case r.Truncated:
			return fmt.Sprintf("whether the body contains %q is not known%s", args[0], cutNote(r))
		}
		return ""
	}}
	if text == "" {
		e.problem = "NotContains needs a text"
	}
	return s.expect(e)
}

// JSONField expects a value of a JSON document. The field is written as for
// [JSON]; the value is compared as text, a number as it was sent.
func (s Step) JSONField(field, want string) Step {
	return s.expect(expectation{args: []string{want}, check: func(r *Response, args []string, hide *redact.Redactor) string {
		got, err := r.JSON(field)
		switch {
		case err != nil:
			return err.Error()
		case got != args[0]:
			return fmt.Sprintf("the JSON field %s is %q, expected %q", field, hide.Beginning(got, 100), args[0])
		}
		return ""
	}})
}

// Keep takes a value out of the body for later steps, which write {name}: the
// first group of the first match of the regular expression. The step fails
// where nothing matches.
func (s Step) Keep(name, pattern string) Step {
	re, err := regexp.Compile(pattern)
	s.keeps = append(slices.Clip(s.keeps), keep{name: name, pattern: pattern, re: re, err: err})
	return s
}

// isJSON expects a JSON media type. A page in its place is what a single-page
// application answers for every address it does not know.
func isJSON() expectation {
	return expectation{check: func(r *Response, _ []string, _ *redact.Redactor) string {
		media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err == nil && (media == "application/json" || strings.HasSuffix(media, "+json")) {
			if _, err := r.document(); err != nil {
				return err.Error()
			}
			return ""
		}
		if media == "" {
			media = "no media type"
		}
		return "expected JSON, the answer is " + media
	}}
}

func hasField(field string) expectation {
	return expectation{check: func(r *Response, _ []string, _ *redact.Redactor) string {
		got, err := r.JSON(field)
		if err != nil {
			return err.Error()
		}
		if got == "null" {
			return fmt.Sprintf("the JSON field %s is null", field)
		}
		return ""
	}}
}

func cutNote(r *Response) string {
	if r.Truncated {
		return "; the answer is longer than 2 MiB and was cut there"
	}
	return ""
}

// judge compares an answer with what the step expects, and keeps its values.
// It returns every problem, the most telling first: a wrong status, what was
// found without asking, and what the step expects beyond that.
func (r *run) judge(s Step, resp *Response, found []string) []string {
	var problems []string
	add := func(p string) {
		if p != "" {
			problems = append(problems, p)
		}
	}
	add(judgeStatus(s, resp))
	add(r.judgeRedirect(s, resp))
	problems = append(problems, found...)
	for _, e := range s.expects {
		args := make([]string, len(e.args))
		for i, a := range e.args {
			args[i] = r.expand(a, asIs)
		}
		add(e.check(resp, args, &r.redact))
	}
	if len(problems) > 0 {
		return problems // a value out of an error page would mislead the steps after this one
	}
	for _, k := range s.keeps {
		if m := k.re.FindSubmatch(resp.Body); m != nil {
			r.values.set(k.name, string(m[1]))
		} else {
			add(fmt.Sprintf("nothing in the body matches %q, so {%s} is not set%s", k.pattern, k.name, cutNote(resp)))
		}
	}
	return problems
}

func judgeStatus(s Step, resp *Response) string {
	want := "200"
	switch {
	case s.status != 0:
		if resp.Status == s.status {
			return ""
		}
		want = statusText(s.status)
	case s.kind == kindForm || s.kind == kindLogin:
		if resp.Status >= 200 && resp.Status < 300 {
			return ""
		}
		want = "a 2xx"
	case resp.Status == http.StatusOK:
		return ""
	}
	return fmt.Sprintf("%s answered %s, expected %s", resp.request(), statusText(resp.Status), want)
}

func statusText(code int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
}

func (r *run) judgeRedirect(s Step, resp *Response) string {
	end := resp.url
	if !s.follows() {
		if s.redirect == "" {
			return ""
		}
		next, err := redirectTarget(resp, &r.redact)
		if err != nil || next == nil {
			return "the answer has no usable Location header"
		}
		if problem := r.target.allows(next); problem != "" {
			return resp.request() + " redirects to " + problem
		}
		end = next
	}
	switch {
	case s.redirect != "":
		if !r.matchPath(s.redirect, end) {
			return fmt.Sprintf("ended at %s, expected %s", redact.Path(end), s.redirect)
		}
	case (s.kind == kindPage || s.kind == kindJSON) && !sameHost(end, resp.asked):
		return fmt.Sprintf("GET %s was redirected to %s; if that is meant, say RedirectsTo", redact.Path(resp.asked), shownPlace(end))
	case (s.kind == kindPage || s.kind == kindJSON) && end.Path != resp.asked.Path:
		if login := r.signedOut[s.session]; login != "" {
			return fmt.Sprintf("GET %s was redirected to %s: nobody is signed in, see the step %s", redact.Path(resp.asked), redact.Path(end), login)
		}
		return fmt.Sprintf("GET %s was redirected to %s; if that is meant, say RedirectsTo", redact.Path(resp.asked), redact.Path(end))
	}
	return ""
}
