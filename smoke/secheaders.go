package smoke

import "strings"

// inspectSecurity tells of the headers that browsers protect a page by, where
// they are not there. None is needed for the page to work, so this is
// information, and no more.
func (s *Session) inspectSecurity(resp *Response) {
	policy := strings.ToLower(strings.Join(resp.Header.Values("Content-Security-Policy"), ";"))
	tell := func(missing bool, header, effect string) {
		if missing {
			s.find(finding{rule: SecurityHeaders, severity: information, text: "no " + header + ": " + effect})
		}
	}
	has := func(header string) bool { return resp.Header.Get(header) != "" }
	tell(policy == "", "Content-Security-Policy", "a script that somebody smuggles in would run")
	tell(!strings.EqualFold(resp.Header.Get("X-Content-Type-Options"), "nosniff"), "X-Content-Type-Options: nosniff", "browsers may take a file for a script")
	tell(!strings.Contains(policy, "frame-ancestors") && !has("X-Frame-Options"), "frame-ancestors or X-Frame-Options", "any site may frame the pages")
	tell(!has("Referrer-Policy"), "Referrer-Policy", "the origin is told to every site that is linked")
	if resp.url.Scheme == "https" && !loopback(resp.url.Hostname()) {
		tell(!has("Strict-Transport-Security"), "Strict-Transport-Security", "a visitor's first request may go over plain http")
	}
}
