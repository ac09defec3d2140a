package webpage

import "strings"

// maxToken bounds what is taken for a token.
const maxToken = 4 << 10

// IsTokenName reports whether an input of that name holds a CSRF token.
func IsTokenName(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "csrf") || strings.Contains(name, "xsrf") || name == "_token" ||
		name == "authenticity_token" || name == "__requestverificationtoken"
}

// UsableToken reports whether a value may be a token.
func UsableToken(value string) bool { return value != "" && len(value) <= maxToken }
