package readiness

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hostOf returns the host of a URL in lower case, without port.
func hostOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

// showURL returns a URL without what may be somebody's secret: user, query,
// fragment, and parts of the path that look like an e-mail address or a token.
// It says that there was something. Of an address such as mailto: it shows the
// scheme only.
func showURL(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "(not a URL)"
	}
	if u.Opaque != "" {
		return u.Scheme + ":…"
	}
	parts := strings.Split(u.EscapedPath(), "/")
	for i, part := range parts {
		if isPersonal(part) {
			parts[i] = "…"
		}
	}
	path := strings.Join(parts, "/")
	if u.RawQuery != "" {
		path += "?…"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host}).String() + path
}

// isPersonal reports whether a part of a path may be somebody's: it holds an
// @, or 16 characters and more of words in which letters and digits mix, as
// tokens and UUIDs have them and the words of a title do not.
func isPersonal(part string) bool {
	if text, err := url.PathUnescape(part); err == nil {
		part = text
	}
	if strings.Contains(part, "@") {
		return true
	}
	mixed := 0
	for word := range strings.FieldsFuncSeq(part, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if strings.ContainsFunc(word, unicode.IsLetter) && strings.ContainsFunc(word, unicode.IsDigit) {
			mixed += utf8.RuneCountInString(word)
		}
	}
	return mixed >= 16
}

// subjectOf names a URL as the subject of a finding: host and path.
func subjectOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "(not a URL)"
	}
	return strings.ToLower(u.Hostname()) + u.EscapedPath()
}
