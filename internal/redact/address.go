package redact

import (
	"net/url"
	"strings"
)

// Path is the path and query of an address as they may be shown.
func Path(u *url.URL) string {
	if u.RawQuery == "" {
		return u.EscapedPath()
	}
	return u.EscapedPath() + "?" + Query(u.RawQuery)
}

// address is a whole address as it may be shown. What cannot be parsed is
// not shown at all.
func address(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "«unreadable»"
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	u.RawQuery = Query(u.RawQuery)
	return u.String()
}

// Query hides the values whose names say that they open something, those in an
// address within the query too.
func Query(query string) string {
	parts := strings.Split(query, "&")
	for i, part := range parts {
		name, value, _ := strings.Cut(part, "=")
		switch {
		case value == "":
		case Opens(name):
			parts[i] = name + "=" + Mask
		default:
			parts[i] = name + "=" + withoutPairs(value)
		}
	}
	return strings.Join(parts, "&")
}
