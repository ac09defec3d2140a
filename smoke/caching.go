package smoke

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/redact"
	"github.com/launchready/readiness/internal/webpage"
)

// inspectCaching looks for a page that is one person's and that its headers
// give to everybody. That a page is personal is known from what stands in it:
// it sets a session, or it shows with what the person has signed in.
func (s *Session) inspectCaching(resp *Response, f webpage.Facts) {
	why := s.personal(resp, f)
	if why == "" {
		return
	}
	if how := sharedBy(resp.Header); how != "" {
		s.find(finding{rule: PersonalCaching, severity: failure, text: resp.request() + " " + why + ", and " + how})
	}
}

// personal says what makes a page one person's, "" where nothing does.
func (s *Session) personal(resp *Response, f webpage.Facts) string {
	for _, line := range resp.Header.Values("Set-Cookie") {
		if c, err := http.ParseSetCookie(line); err == nil && !takesAway(c) && isSessionCookie(c) {
			return "sets a session cookie"
		}
	}
	text := f.Prose + f.Attrs
	if !webpage.IsHTML(resp.media()) {
		text = string(resp.Body)
	}
	for _, who := range s.identity {
		if strings.Contains(text, who) {
			return "shows the name or address that the session was signed in with"
		}
	}
	return ""
}

// identify remembers with what a person signs in: the fields of a login whose
// names say that they name somebody.
func (s *Session) identify(f Form) {
	for name, template := range f.Fields {
		lower := strings.ToLower(name)
		value := s.run.expand(template, asIs)
		named := strings.Contains(lower, "user") || strings.Contains(lower, "login")
		// A plain word, such as developer, stands on pages of everybody.
		if len(value) >= redact.MinLong && (strings.Contains(value, "@") || named && strings.ContainsAny(value, "0123456789")) {
			s.identity = append(s.identity, value)
		}
	}
}

// sharedBy says how the headers of an answer give it to more than one person,
// "" where they do not.
func sharedBy(h http.Header) string {
	directives := cacheControl(h)
	_, private := directives["private"]
	_, noStore := directives["no-store"]
	_, public := directives["public"]
	switch {
	case strings.EqualFold(h.Get("Cf-Cache-Status"), "HIT"), strings.HasPrefix(strings.ToUpper(h.Get("X-Cache")), "HIT"):
		return "it came out of a shared cache"
	case positive(h.Get("Age")):
		return "its Age says that it came out of a shared cache"
	case public && !noStore:
		return "its Cache-Control says public"
	case private || noStore:
		return ""
	case positive(directives["s-maxage"]):
		return "its Cache-Control lets shared caches keep it (s-maxage)"
	case positive(directives["max-age"]):
		return "its Cache-Control lets shared caches keep it (max-age without private)"
	}
	return ""
}

func positive(number string) bool {
	n, err := strconv.Atoi(strings.TrimSpace(number))
	return err == nil && n > 0
}

// cacheControl reads the directives of an answer.
func cacheControl(h http.Header) map[string]string {
	directives := map[string]string{}
	for part := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		directives[strings.ToLower(name)] = strings.Trim(value, `"`)
	}
	return directives
}

// hasLifetime reports whether a browser may keep a file without asking again.
func hasLifetime(h http.Header, now time.Time) bool {
	directives := cacheControl(h)
	if age, found := directives["max-age"]; found {
		return positive(age)
	}
	expires, err := http.ParseTime(h.Get("Expires"))
	return err == nil && expires.After(now)
}
