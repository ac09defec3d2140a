package smoke

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// cut shortens a text to at most limit bytes and an ellipsis, between runes.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}

// shownPath is the path and query of an address as they may be shown.
func shownPath(u *url.URL) string {
	if u.RawQuery == "" {
		return u.EscapedPath()
	}
	return u.EscapedPath() + "?" + maskQuery(u.RawQuery)
}

// shownURL is a whole address as it may be shown. What cannot be parsed is
// not shown at all.
func shownURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "«unreadable»"
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	u.RawQuery = maskQuery(u.RawQuery)
	return u.String()
}

// maskQuery hides the values whose names say that they open something.
func maskQuery(query string) string {
	parts := strings.Split(query, "&")
	for i, part := range parts {
		name, value, _ := strings.Cut(part, "=")
		if value != "" && opensSomething(name) {
			parts[i] = name + "=«hidden»"
		}
	}
	return strings.Join(parts, "&")
}

func opensSomething(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"token", "secret", "passw", "signature", "session", "csrf"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return slices.Contains([]string{"code", "key", "sig", "auth", "ticket", "pwd", "otp", "state"}, name) || strings.HasSuffix(name, "key")
}
