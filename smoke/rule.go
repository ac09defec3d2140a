package smoke

import "slices"

// Rule names one thing that every answer is checked for without being asked
// to. [Step.Allow] takes one.
type Rule string

const (
	// ErrorPage is an error page, of a framework, a proxy or a host, that is
	// served with a status that says success. A page that ends in the middle
	// of its markup warns.
	ErrorPage Rule = "error-page"
	// BlankPage is a page on which a visitor would see nothing: an answer of
	// HTML with nothing in it that shows. An empty answer that is not HTML is
	// a probe's, and counts for nothing; one at / without a Content-Type warns.
	BlankPage Rule = "blank-page"
	// TemplateLeftover is a piece of a template, or of a failed formatting,
	// that a visitor would read.
	TemplateLeftover Rule = "template-leftover"
	// MixedContent is something that an https page fetches over plain http.
	// What can run or restyle the page fails the step; an image warns.
	MixedContent Rule = "mixed-content"
	// CookieFlags is a session cookie without Secure, HttpOnly or SameSite, or
	// a cookie that breaks the rules of its own attributes or prefix. Secure
	// is asked for over https: a check of http://127.0.0.1 does not miss it,
	// and one of a Handler does.
	CookieFlags Rule = "cookie-flags"
	// CookieScope is a cookie that more hosts receive than should: a session
	// cookie whose Domain is wider than the host, or any cookie that a host of
	// [Config.ForeignHosts] would get.
	CookieScope Rule = "cookie-scope"
	// PersonalCaching is a page with personal data that its headers let a
	// shared cache keep, or that came out of one.
	PersonalCaching Rule = "personal-caching"
	// BrokenAsset is a script or stylesheet of a page that does not come; an
	// image that does not come warns.
	BrokenAsset Rule = "broken-asset"
	// AssetCaching is a script, stylesheet or image without a max-age. It
	// warns.
	AssetCaching Rule = "asset-caching"
	// SecurityHeaders is a security header that a page does not have. It is
	// information, told once a run.
	SecurityHeaders Rule = "security-headers"
)

var allRules = []Rule{
	ErrorPage, BlankPage, TemplateLeftover, MixedContent, CookieFlags, CookieScope,
	PersonalCaching, BrokenAsset, AssetCaching, SecurityHeaders,
}

// Allow lets the step break a rule, for the reason given. What was found is
// told all the same, as information with the reason beside it. The reason is
// required; [New] reports an empty one and a rule that does not exist.
func (s Step) Allow(rule Rule, reason string) Step {
	s.allowed = append(slices.Clip(s.allowed), allowance{rule, reason})
	return s
}

type allowance struct {
	rule   Rule
	reason string
}

// severity says what becomes of a finding.
type severity int

const (
	information severity = iota
	warning
	failure
)

// finding is one breach of a rule. Its text is not redacted yet.
type finding struct {
	rule     Rule
	severity severity
	text     string
	at       *exchange // that it was found in
}

// shown is the text with the name of the rule, which Allow takes.
func (f finding) shown() string {
	if f.severity == information {
		return f.text
	}
	return f.text + " (rule " + string(f.rule) + ")"
}

// find notes a finding of the step in hand, once.
func (s *Session) find(f finding) {
	f.at = s.last
	for _, a := range s.step.allowed {
		if a.rule == f.rule {
			f.severity, f.text = information, f.text+" (allowed: "+a.reason+")"
			break
		}
	}
	if f.rule == SecurityHeaders { // the same for every page, so one telling is enough
		if s.run.told[f.text] {
			return
		}
		s.run.told[f.text] = true
	}
	twice := slices.ContainsFunc(s.found, func(other finding) bool { return other.rule == f.rule && other.text == f.text })
	if !twice && len(s.found) < maxFindings {
		s.found = append(s.found, f)
	}
}

// maxFindings bounds what one step tells.
const maxFindings = 50

// findings returns the texts of one severity, those about the body of the
// answer first, because they explain what else went wrong.
func (s *Session) findings(of severity) []string {
	var body, rest []string
	for _, f := range s.found {
		switch {
		case f.severity != of:
		case f.rule == ErrorPage || f.rule == BlankPage || f.rule == TemplateLeftover:
			body = append(body, f.shown())
		default:
			rest = append(rest, f.shown())
		}
	}
	return append(body, rest...)
}
