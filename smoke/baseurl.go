package smoke

import (
	"net/url"
	"strings"
	"unicode"
)

// baseURL parses the address of a target, which is an origin and no more.
func baseURL(s string) (*url.URL, bool) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, false
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}, true
}

// foreignLetters says what is wrong with a host that is not written as it goes
// over the wire, "" for nothing. Redirects and cookies name it in that form.
func foreignLetters(address string) string {
	u, err := url.Parse(address)
	if err != nil || !strings.ContainsFunc(u.Host, func(c rune) bool { return c > unicode.MaxASCII }) {
		return ""
	}
	return "must name the host in its ASCII form, xn--…, as a browser copies it from its address bar"
}
