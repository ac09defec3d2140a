package smoke

import (
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/launchready/readiness/internal/webpage"
)

// sessionName is how cookies that sign somebody in are called.
var sessionName = regexp.MustCompile(`(?i)^(?:__Host-|__Secure-)?(?:.*[._-])?(?:sess(?:ion)?(?:[._-]?(?:id|key|token|data))?|[a-z]*sess(?:ion)?id|sid|[a-z]+_session|auth(?:[._-]?token)?|access[._-]?token|refresh[._-]?token|id[._-]?token|jwt|remember(?:[._-]?(?:me|token))?)$`)

// isSessionCookie reports whether a cookie signs somebody in, as far as its
// name tells.
func isSessionCookie(c *http.Cookie) bool {
	return c.Value != "" && !webpage.IsTokenName(c.Name) && sessionName.MatchString(c.Name)
}

// takesAway reports whether a cookie is set to be forgotten.
func takesAway(c *http.Cookie) bool {
	return c.MaxAge < 0 || c.Value == "" || c.MaxAge == 0 && !c.Expires.IsZero() && c.Expires.Before(time.Now())
}

// inspectCookies holds the cookies of an answer against the rules that
// browsers apply, and those of a session against the ones that protect it.
func (s *Session) inspectCookies(resp *Response) {
	if s.quiet {
		return
	}
	for _, line := range resp.Header.Values("Set-Cookie") {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			s.find(finding{rule: CookieFlags, severity: failure, text: resp.request() + " sets a cookie that cannot be read"})
			continue
		}
		if takesAway(c) {
			continue
		}
		name := fmt.Sprintf("%s sets the cookie %s", resp.request(), s.run.redact.Beginning(c.Name, 100))
		for _, problem := range cookieFlags(c, resp.url.Scheme == "https") {
			s.find(finding{rule: CookieFlags, severity: failure, text: name + " " + problem})
		}
		for _, problem := range s.run.cookieScope(c, resp.url.Hostname()) {
			s.find(finding{rule: CookieScope, severity: failure, text: name + " " + problem})
		}
	}
}

// cookieFlags returns what is wrong with the attributes of a cookie. Over
// plain http nothing can be Secure.
func cookieFlags(c *http.Cookie, https bool) []string {
	var problems []string
	add := func(p string) { problems = append(problems, p) }
	lower := strings.ToLower(c.Name)
	switch {
	case strings.HasPrefix(lower, "__host-") && (!c.Secure || c.Domain != "" || c.Path != "/"):
		add("which browsers refuse: the prefix __Host- asks for Secure, Path=/ and no Domain")
	case strings.HasPrefix(lower, "__secure-") && !c.Secure:
		add("which browsers refuse: the prefix __Secure- asks for Secure")
	case c.SameSite == http.SameSiteNoneMode && !c.Secure && https:
		add("which browsers refuse: SameSite=None asks for Secure")
	case c.Partitioned && !c.Secure && https:
		add("which browsers refuse: Partitioned asks for Secure")
	}
	if !isSessionCookie(c) {
		return problems
	}
	var missing []string
	if !c.Secure && https {
		missing = append(missing, "Secure")
	}
	if !c.HttpOnly {
		missing = append(missing, "HttpOnly")
	}
	if c.SameSite == 0 || c.SameSite == http.SameSiteDefaultMode {
		missing = append(missing, "SameSite")
	}
	if len(missing) > 0 {
		add("that signs somebody in without " + strings.Join(missing, ", "))
	}
	return problems
}

// cookieScope returns who receives a cookie beyond the host that set it.
func (r *run) cookieScope(c *http.Cookie, host string) []string {
	domain := strings.ToLower(strings.TrimPrefix(c.Domain, "."))
	host = strings.ToLower(host)
	if domain == "" || net.ParseIP(host) != nil {
		return nil
	}
	if !covers(domain, host) {
		return []string{fmt.Sprintf("for the Domain %s, which browsers refuse from %s", domain, host)}
	}
	// A suffix of one label that is not on the list, such as localhost, is
	// nobody's registry.
	if suffix, listed := publicsuffix.PublicSuffix(domain); suffix == domain && (listed || strings.Contains(domain, ".")) {
		if host == domain {
			return nil // it is then kept for that host alone
		}
		return []string{fmt.Sprintf("for the Domain %s, a public suffix, which browsers refuse", domain)}
	}
	var problems []string
	needed := slices.ContainsFunc(r.target.names(), func(other string) bool { return other != host && covers(domain, other) })
	if isSessionCookie(c) && domain != host && !needed {
		problems = append(problems, fmt.Sprintf("of a session for the Domain %s, wider than the host %s; name the hosts that need it in Hosts", domain, host))
	}
	for _, foreign := range r.checker.foreignHosts {
		if covers(domain, foreign) {
			problems = append(problems, fmt.Sprintf("for the Domain %s, so %s of another environment receives it", domain, foreign))
		}
	}
	return problems
}

// covers reports whether a cookie of a Domain is sent to a host.
func covers(domain, host string) bool {
	host = strings.ToLower(host)
	return host == domain || strings.HasSuffix(host, "."+domain)
}
