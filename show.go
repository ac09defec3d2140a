package readiness

import (
	"net/url"
	"strings"
	"unicode"
)

// evidence returns what may be shown of the value of v: nothing where it is
// empty, a Secret, or may hold one.
func (c *Checker) evidence(v *EnvVar, value string) []string {
	if v.Secret || value == "" || len(value) > maxChecked {
		return nil
	}
	shown, ok := showable(value)
	if !ok {
		return nil
	}
	// A value that was put into the wrong variable must stay out as well.
	for i := range c.env {
		if !c.env[i].Secret {
			continue
		}
		secret, _ := c.lookup(c.env[i].Name)
		if inner, _, _ := clean(secret); inner != "" && strings.Contains(value, inner) {
			return nil
		}
	}
	return []string{quoteCut(shown)}
}

// showable returns what may be shown of a value that is not declared as a
// secret, and whether anything may. Of a URL that is its scheme and host.
// Whatever may be an address, a query, or a password or key that went into the
// wrong variable stays out: to show too little costs a look at the
// environment, to show too much costs a new password.
func showable(value string) (string, bool) {
	a, isURL := authority(value)
	if !isURL {
		return value, !strings.ContainsAny(value, "@?=#&") && !looksSecret(value)
	}
	name := scheme(value)
	if name == "" {
		return "", false
	}
	// An @ behind the host says that a password with a / or # in it was
	// mistaken for the end of the host.
	u, err := url.Parse(name + "://" + a.hosts)
	if err != nil || strings.Contains(value[a.end:], "@") || looksSecret(u.Host) {
		return name + "://…", true
	}
	if a.hostsAt > len(name)+len("://") || a.end < len(value) {
		return name + "://" + u.Host + " (the rest is not shown)", true
	}
	return name + "://" + u.Host, true
}

// looksSecret reports values with the looks of a key: those that begin like
// the keys of well-known services, and long ones of letters and digits mixed.
func looksSecret(value string) bool {
	for _, prefix := range [...]string{"sk_", "rk_", "pk_", "whsec_", "sk-", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xox", "AKIA", "ASIA", "AIza", "eyJ", "SG.", "-----BEGIN"} {
		if strings.HasPrefix(value, prefix) {
			return true
		}
	}
	for word := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == '.' || unicode.IsSpace(r) }) {
		if len(word) >= 20 && strings.ContainsFunc(word, unicode.IsLetter) && strings.ContainsFunc(word, unicode.IsDigit) {
			return true
		}
	}
	return false
}
