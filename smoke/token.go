package smoke

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/launchready/readiness/internal/webpage"
)

// token is a CSRF token and the way its framework wants it back.
type token struct {
	value  string
	field  string // a form field, where one is known
	header string // a header, for tokens from a meta element or a cookie
}

// cookieHeaders says under which header the token of a cookie goes back.
var cookieHeaders = []struct{ cookie, header string }{
	{"xsrf-token", "X-XSRF-TOKEN"},
	{"csrftoken", "X-CSRFToken"},
	{"csrf-token", "X-CSRF-Token"},
	{"csrf_token", "X-CSRF-Token"},
	{"_csrf", "X-CSRF-Token"},
	{"csrf", "X-CSRF-Token"},
}

// findToken looks for the token where frameworks put it: an input of the form
// itself, a meta element of the page, a cookie. The first found counts. The
// zero token means that there is none.
func findToken(p webpage.Page, form *webpage.Form, cookies []*http.Cookie) token {
	if form != nil {
		for _, c := range form.Controls {
			if webpage.IsTokenName(c.Name) && !c.Off && !c.Pressed && webpage.UsableToken(c.Value) {
				return token{value: c.Value, field: c.Name}
			}
		}
	}
	for _, name := range []string{"csrf-token", "csrf_token", "xsrf-token", "_csrf"} {
		if v := p.Meta[name]; webpage.UsableToken(v) {
			header := "X-CSRF-Token"
			if h := p.Meta["_csrf_header"]; name == "_csrf" && validHeader(h) {
				header = h
			}
			return token{value: v, field: p.Meta["csrf-param"], header: header}
		}
	}
	for _, known := range cookieHeaders {
		for _, c := range cookies {
			name := strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(c.Name, "__Host-"), "__Secure-"))
			value, err := url.PathUnescape(c.Value) // some frameworks escape it
			if name == known.cookie && err == nil && webpage.UsableToken(value) {
				return token{value: value, header: known.header}
			}
		}
	}
	return token{}
}

// validHeader guards a header's name that a page suggests.
func validHeader(name string) bool {
	return strings.HasPrefix(name, "X-") && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz-") == ""
}

// findToken finds the token for a form of a page and hides it from now on.
func (s *Session) findToken(from *Response, p webpage.Page, form *webpage.Form) token {
	t := findToken(p, form, s.jar.Cookies(from.url))
	s.run.redact.AddLong("CSRF token", t.value)
	return t
}

// send adds the token to a request.
func (t token) send(header http.Header, body *payload) {
	if t.value == "" {
		return
	}
	if t.header != "" && !strings.ContainsAny(t.value, "\r\n\x00") {
		header.Set(t.header, t.value)
	}
	if t.field != "" && !body.fields.Has(t.field) {
		body.fields.Set(t.field, t.value)
	}
}
