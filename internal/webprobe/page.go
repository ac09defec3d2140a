package webprobe

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// searchEngines are the crawlers whose rules decide what the public finds.
var searchEngines = []string{"robots", "googlebot", "bingbot"}

// Page is what the tags of a page say.
type Page struct {
	// NoIndex says that a robots meta tag keeps the page out of search engines.
	NoIndex bool
	// AsksPassword says that the page has a field to log in with.
	AsksPassword bool
	// Refresh is where a meta refresh leads, as written; empty where there is none.
	Refresh string
	// Scripted says that the page shows next to nothing without its scripts, so
	// that what a person sees is unknown.
	Scripted bool
	// Text says that there is more to read than a login page has.
	Text bool
}

// ReadPage reads the tags of a page, of which the beginning is enough.
func ReadPage(body []byte) Page {
	var p Page
	letters, scripts := 0, 0
	var beside, inside int // the letters beside forms, and inside
	inForm := false
	for t := range tags(body) {
		switch t.name {
		case "":
			n := lettersOf(t.text)
			letters += n
			if inForm {
				inside += n
			} else {
				beside += n
			}
		case "script":
			scripts++
		case "img", "video", "form", "table":
			letters += shows // something is to be seen
			inForm = inForm || t.name == "form"
		case "/form":
			inForm = false
		case "meta":
			p.meta(t.attrs)
		case "input":
			p.AsksPassword = p.AsksPassword || isLogin(t.attrs)
		}
	}
	p.Scripted = scripts > 0 && letters < shows
	p.Text = beside >= 2*shows || inside >= 5*shows // some frameworks put the whole page into one form
	return p
}

// lettersOf counts the letters of a text.
func lettersOf(text []byte) int {
	letters := 0
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if text = text[n:]; unicode.IsLetter(r) {
			letters++
		}
	}
	return letters
}

// shows is how many letters outside of scripts make a page that says
// something: more than "You need to enable JavaScript to run this app."
const shows = 80

func (p *Page) meta(attrs map[string]string) {
	content := strings.ToLower(attrs["content"])
	switch name := strings.ToLower(strings.TrimSpace(attrs["name"])); {
	case slices.Contains(searchEngines, name):
		if slices.ContainsFunc(strings.Split(content, ","), keepsOut) {
			p.NoIndex = true
		}
	case strings.EqualFold(strings.TrimSpace(attrs["http-equiv"]), "refresh"):
		_, target, _ := strings.Cut(attrs["content"], ";")
		target = strings.TrimSpace(target)
		if len(target) > 4 && strings.EqualFold(target[:4], "url=") {
			p.Refresh = strings.Trim(strings.TrimSpace(target[4:]), `"'`)
		}
	}
}

// keepsOut reports whether a robots directive forbids to list a page.
func keepsOut(directive string) bool {
	directive = strings.TrimSpace(directive)
	return strings.EqualFold(directive, "noindex") || strings.EqualFold(directive, "none")
}

// isLogin reports whether a field is for a password, or for the name that a
// password, a passkey or a mailed link will follow.
func isLogin(attrs map[string]string) bool {
	if strings.EqualFold(strings.TrimSpace(attrs["type"]), "password") {
		return true
	}
	for word := range strings.FieldsSeq(strings.ToLower(attrs["autocomplete"])) {
		if word == "username" || word == "current-password" || word == "one-time-code" || word == "webauthn" {
			return true
		}
	}
	return false
}

var (
	// loginWords are those that mean nothing else in a path. Not among them are
	// auth, cas and session: pages behind a login, and public ones, have them too.
	loginWords = []string{"login", "log-in", "log_in", "logon", "signin", "sign-in", "sign_in", "oauth", "oauth2", "authorize", "authorise", "authenticate", "sso", "sso-api", "saml", "saml2", "oidc", "openid"}
	loginHosts = []string{"cloudflareaccess.com", "auth0.com", "okta.com", "oktapreview.com", "login.microsoftonline.com", "accounts.google.com", "onelogin.com", "duosecurity.com", "amazoncognito.com"}
)

// LooksLikeLogin reports whether a URL looks like the address of a login
// page, or of a service that is one. Only the page itself can prove it.
func LooksLikeLogin(rawURL string) bool {
	u, err := url.Parse(rawURL)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	first, _, _ := strings.Cut(host, ".")
	if slices.Contains([]string{"login", "signin", "auth", "sso", "accounts", "id", "idp"}, first) {
		return true
	}
	if slices.ContainsFunc(loginHosts, func(h string) bool { return host == h || strings.HasSuffix(host, "."+h) }) {
		return true
	}
	return LoginPath(rawURL)
}

// LoginPath is LooksLikeLogin for the path alone, whatever the host.
func LoginPath(rawURL string) bool {
	u, err := url.Parse(rawURL)
	if err != nil {
		return false
	}
	for part := range strings.SplitSeq(strings.ToLower(u.Path), "/") {
		part, _, _ = strings.Cut(part, ".") // login.php
		if slices.Contains(loginWords, part) {
			return true
		}
	}
	return strings.Contains(u.Path, "/cdn-cgi/access/")
}
