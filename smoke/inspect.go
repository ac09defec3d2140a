package smoke

import (
	"fmt"
	"net/http"

	"github.com/launchready/readiness/internal/webpage"
)

// inspect looks at the answer that a request ended at, whoever made it, for
// what no answer should be. It counts only where the status says that it is
// what was asked for.
func (s *Session) inspect(resp *Response) {
	if s.quiet || resp.Status < 200 || resp.Status > 299 || resp.Status == http.StatusNoContent || resp.Status == http.StatusResetContent || resp.method == http.MethodHead {
		return
	}
	media := resp.media()
	var f webpage.Facts
	if webpage.IsHTML(media) {
		f = webpage.Read(resp.Body)
	}
	resp.facts = f
	what := resp.request()
	if product, sign := webpage.ErrorPage(resp.Header, media, resp.Body, f); product != "" {
		of := " of " + product
		if product == webpage.Unknown {
			of = ""
		}
		s.find(finding{rule: ErrorPage, severity: failure, text: fmt.Sprintf("%s answered %s with an error page%s: %s", what, statusText(resp.Status), of, s.run.redact.Beginning(sign, shownValue))})
	} else if resp.method == http.MethodGet && resp.Status == http.StatusOK {
		s.inspectWhole(resp, media, f)
	}
	s.inspectCaching(resp, f)
	if !webpage.IsHTML(media) {
		return
	}
	if left, text := webpage.Leftover(f); left != "" {
		s.find(finding{rule: TemplateLeftover, severity: failure, text: fmt.Sprintf("%s shows %s: %q", what, left, s.run.redact.Beginning(text, 100))})
	}
	s.inspectMixed(resp, f)
	s.inspectSecurity(resp)
}

// inspectWhole looks at whether a page is there, and there to its end.
func (s *Session) inspectWhole(resp *Response, media string, f webpage.Facts) {
	switch {
	case webpage.Blank(media, f):
		s.find(finding{rule: BlankPage, severity: failure, text: resp.request() + " answered a page on which nothing is to be seen"})
	case len(resp.Body) == 0 && resp.url.Path == "/" && resp.Header.Get("Content-Type") == "":
		// A probe answers so, too, and may be at the root of an API: no failure.
		s.find(finding{rule: BlankPage, severity: warning, text: resp.request() + " answered nothing, and does not say what it is"})
	case f.Cut && !resp.Truncated && !resp.broken:
		s.find(finding{rule: ErrorPage, severity: warning, text: resp.request() + " ends in the middle of its markup, as a page does whose template fails half way"})
	}
}
