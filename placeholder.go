package readiness

import "strings"

// What stands in for a value is told from a value in three steps, each sure of
// more than the one before, so that an ordinary value is left in peace:
//
//   - clearPlaceholder: a shape with no other meaning, such as change-me or
//     <your-key>. It counts anywhere, in the host and path of a URL too.
//   - barePlaceholder: a word such as TODO, as the whole value of any variable.
//     The path of a URL may well be /todo.
//   - weakSecret: a word such as "password" or 123456, where a secret belongs.

// The titles of the findings of env.placeholder.
const (
	titlePlaceholder = "a placeholder, no real value"
	titleUnexpanded  = "a reference that nothing replaced with its value"
	titlePrefixOnly  = "nothing follows the prefix"
	titleUser        = "a placeholder for the user name in the URL"
	titlePassword    = "a placeholder for the password in the URL"
	titleHost        = "a placeholder for the host in the URL"
	titlePath        = "a placeholder in the path or query of the URL"
	titleDomain      = "a placeholder for the domain"
)

// placeholder returns the title of a finding where value is no real value, and
// "" where it may be one.
func (v *EnvVar) placeholder(value string) string {
	if len(value) > maxChecked {
		return ""
	}
	if a, ok := authority(value); ok && scheme(value) != "" {
		return urlPlaceholder(a, value)
	}
	rest, prefixed := value, false
	if v.Prefix != "" {
		rest, prefixed = strings.CutPrefix(value, v.Prefix)
	}
	switch {
	case unexpanded(value):
		return titleUnexpanded
	case prefixed && rest == "" && v.Secret:
		return titlePrefixOnly
	case clearPlaceholder(value, v.Secret), barePlaceholder(value), prefixed && clearPlaceholder(rest, v.Secret):
		return titlePlaceholder
	case v.Secret && (weakSecret(value) || prefixed && (weakSecret(rest) || barePlaceholder(rest))):
		return titlePlaceholder
	case v.Format == Email:
		local, domain := "", value
		if at := strings.LastIndexByte(value, '@'); at >= 0 {
			local, domain = value[strings.LastIndexByte(value[:at], '<')+1:at], value[at+1:]
		}
		if !strings.HasPrefix(domain, "<") { // Name <local@domain>, not local@<domain>
			domain = strings.TrimSuffix(domain, ">")
		}
		if clearPlaceholder(local, false) || hostPlaceholder(domain) {
			return titleDomain
		}
	case !v.Secret && strings.Contains(value, ".") && hostPlaceholder(value):
		return titleDomain
	}
	return ""
}

// urlPlaceholder looks at the parts of a URL.
func urlPlaceholder(a urlAuthority, value string) string {
	part := func(s string) bool { return clearPlaceholder(s, false) || unexpanded(s) }
	if part(a.user) {
		return titleUser
	}
	if p := a.password; part(p) || clearPlaceholder(p, true) || barePlaceholder(p) || weakSecret(p) {
		return titlePassword
	}
	for host := range strings.SplitSeq(a.hosts, ",") {
		if hostPlaceholder(host) {
			return titleHost
		}
	}
	for s := range strings.FieldsFuncSeq(value[a.end:], func(r rune) bool { return strings.ContainsRune("/?&=#;", r) }) {
		if part(s) {
			return titlePath
		}
	}
	return ""
}

// hostPlaceholder reports a host, with or without a port, that nobody can own
// or that is a shape to fill in.
func hostPlaceholder(host string) bool {
	if clearPlaceholder(host, false) || unexpanded(host) {
		return true
	}
	host = strings.ToLower(host)
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		if port := host[i+1:]; port == "port" || clearPlaceholder(port, false) || unexpanded(host[i+1:]) {
			return true
		}
		host = host[:i]
	}
	host = strings.TrimSuffix(host, ".")
	switch host {
	case "host", "hostname", "undefined", "domain.com", "mydomain.com", "domain.tld":
		return true
	}
	for _, reserved := range [...]string{"example.com", "example.net", "example.org"} { // RFC 2606 section 3
		if before, ok := strings.CutSuffix(host, reserved); ok && (before == "" || before[len(before)-1] == '.') {
			return true
		}
	}
	labels, tld := host, ""
	if i := strings.LastIndexByte(host, '.'); i >= 0 {
		labels, tld = host[:i], host[i+1:] // .xxx is a top-level domain
	}
	for label := range strings.SplitSeq(labels, ".") {
		if clearPlaceholder(label, false) || unexpanded(label) {
			return true
		}
	}
	return strings.HasPrefix(tld, "<") && strings.HasSuffix(tld, ">")
}
