package readiness

import "strings"

// What stands in for a value is told from a value in three steps, each sure of
// more than the one before, so that an ordinary value is left in peace:
//
//   - clearPlaceholder: what has no other meaning, such as change-me or
//     <your-key>. It counts anywhere, in the host of a URL too. In a path, which
//     may well be /help/change-it, only the form tells: <…>, ${…}, xxx.
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
	case unexpanded(value), v.Secret && holdsReference(value, true):
		return titleUnexpanded
	case prefixed && rest == "" && v.Secret:
		return titlePrefixOnly
	case !v.Secret && strings.HasPrefix(value, "/"):
		if pathPlaceholder(value) {
			return titlePlaceholder
		}
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

func (v *EnvVar) placeholderFinding(title string) Finding {
	return Finding{
		Code: codePlaceholder, Severity: Blocker, Subject: v.Name, Title: title,
		Detail: "It stands where a real value was to be filled in.", Fix: v.placeholderFix(title),
	}
}

// placeholderFix says which part of the value is to be filled in, where it is
// a part.
func (v *EnvVar) placeholderFix(title string) string {
	if len(v.OneOf) > 0 {
		return v.fix()
	}
	switch title {
	case titleUser:
		return "set " + v.Name + " to a URL with the real user name"
	case titlePassword:
		return "set " + v.Name + " to a URL with the real password"
	case titleHost:
		return "set " + v.Name + " to a URL with the real host"
	case titlePath:
		return "set " + v.Name + " to a URL with its real path and query"
	case titleDomain:
		if v.Format == Email {
			return "set " + v.Name + " to an e-mail address that exists, at your own domain"
		}
		return "set " + v.Name + " to the real domain"
	default:
		return v.fix()
	}
}

// urlPlaceholder looks at the parts of a URL.
func urlPlaceholder(a urlAuthority, value string) string {
	part := func(s string) bool { return clearPlaceholder(s, false) || unexpanded(s) || holdsReference(s, false) }
	if part(a.user) {
		return titleUser
	}
	if p := a.password; part(p) || holdsReference(p, true) || clearPlaceholder(p, true) || barePlaceholder(p) || weakSecret(p) {
		return titlePassword
	}
	for host := range strings.SplitSeq(a.hosts, ",") {
		if hostPlaceholder(host) {
			return titleHost
		}
	}
	rest, fragment, _ := strings.Cut(value[a.end:], "#")
	path, query, _ := strings.Cut(rest, "?")
	if pathPlaceholder(path) || pathPlaceholder(fragment) {
		return titlePath
	}
	for s := range strings.FieldsFuncSeq(query, func(r rune) bool { return strings.ContainsRune("/?&=;", r) }) {
		if part(s) {
			return titlePath
		}
	}
	return ""
}

// pathPlaceholder reports a path with a part to fill in.
func pathPlaceholder(path string) bool {
	for s := range strings.FieldsFuncSeq(path, func(r rune) bool { return strings.ContainsRune("/&=;", r) }) {
		if len(s) <= maxChecked && (shaped(s, false) || shouted(s) || unexpanded(s) || holdsReference(s, false)) {
			return true
		}
	}
	return false
}

// hostPlaceholder reports a host, with or without a port, that nobody can own
// or that is a shape to fill in.
func hostPlaceholder(host string) bool {
	if clearPlaceholder(host, false) || unexpanded(host) || holdsReference(host, false) {
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
		if clearPlaceholder(label, false) || unexpanded(label) || mayBeName([]string{label}) {
			return true
		}
	}
	return strings.HasPrefix(tld, "<") && strings.HasSuffix(tld, ">")
}
