package readiness

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// names compiles everything that names hosts.
func (c *compiler) names() {
	cfg := c.cfg
	c.registration = cfg.Registration
	c.domain = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(cfg.Domain)), ".")
	if c.domain == "" {
		if cfg.Canonical != "" {
			c.addf("Canonical", "needs Domain")
		}
		if cfg.Registration {
			c.addf("Registration", "needs Domain")
		}
	} else if why := wrongName(c.domain, 2); why != "" {
		c.addf("Domain", "must be a domain such as \"acme.example\"%s, got %s", why, quoteCut(cfg.Domain))
		c.domain = "" // its hosts cannot be judged
		return
	}
	declared := c.list("Hosts", cfg.Hosts)
	c.proxied = c.list("Proxied", cfg.Proxied)
	c.dnsOnly = c.list("DNSOnly", cfg.DNSOnly)
	c.private = c.list("Private", cfg.Private)
	for i, name := range c.dnsOnly {
		if slices.Contains(c.proxied, name) {
			c.addf("DNSOnly["+strconv.Itoa(i)+"]", "%s is in Proxied too: it cannot be both", quoteCut(name))
		}
	}
	if c.domain == "" {
		return
	}
	www := "www." + c.domain
	switch strings.ToLower(cfg.Canonical) {
	case "":
	case "@", c.domain:
		c.canonical = c.domain
	case "www", www:
		c.canonical = www
	default:
		c.addf("Canonical", "must be \"@\" or \"www\", got %s", quoteCut(cfg.Canonical))
	}
	all := []string{c.domain}
	if registrable, err := publicsuffix.EffectiveTLDPlusOne(c.domain); err == nil && registrable == c.domain || c.canonical == www {
		all = append(all, www)
	}
	named := slices.Concat(declared, c.proxied, c.dnsOnly, c.private, []string{c.canonical})
	for _, name := range all {
		if !slices.Contains(named, name) {
			c.implied = append(c.implied, name)
		}
	}
	for _, name := range slices.Concat(declared, c.proxied, c.dnsOnly, c.private) {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	if len(all) > maxHosts {
		c.addf("Hosts", "must be at most %d hosts in all, got %d", maxHosts, len(all))
	}
	c.hosts = all
}

const (
	maxHosts   = 200
	maxEntries = 100
)

// list compiles a list of hosts; wrong ones are left out.
func (c *compiler) list(field string, names []string) []string {
	var out []string
	for i, name := range names {
		path := field + "[" + strconv.Itoa(i) + "]"
		full, ok := c.full(path, name)
		switch {
		case !ok:
		case slices.Contains(out, full):
			c.addf(path, "%s is listed twice", quoteCut(name))
		default:
			out = append(out, full)
		}
	}
	return out
}

// full returns the full name of a host; see Config.
func (c *compiler) full(path, name string) (string, bool) {
	lower := strings.ToLower(name)
	absolute := strings.HasSuffix(lower, ".")
	full := strings.TrimSuffix(lower, ".")
	if !absolute {
		switch {
		case c.domain == "":
			if c.cfg.Domain == "" { // one that is wrong is named already
				c.addf(path, "needs Domain")
			}
			return "", false
		case full == "@":
			return c.domain, true
		case full != c.domain && !strings.HasSuffix(full, "."+c.domain):
			if c.elsewhere(full) {
				c.addf(path, "%s looks like a host of another domain: write \"%s.\", with a dot at the end, where it is one, and \"%s.%s\" where it lies in Domain", quoteCut(name), full, full, c.domain)
				return "", false
			}
			full += "." + c.domain
		}
	}
	if why := wrongName(full, 2); name == "" || why != "" {
		c.addf(path, "must be a host such as \"app\", or \"@\" for Domain itself%s, got %s", why, quoteCut(name))
		return "", false
	}
	return full, true
}

// elsewhere reports whether a name looks like the full one of another domain:
// it ends like Domain, or as no label would be chosen. Words such as "app" and
// "dev" are endings of domains and labels alike.
func (c *compiler) elsewhere(name string) bool {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return false
	}
	ending := name[i+1:]
	if strings.HasSuffix(c.domain, "."+ending) || slices.Contains([]string{"com", "net", "org"}, ending) {
		return true
	}
	_, official := publicsuffix.PublicSuffix(name)
	return official && len(ending) == 2 && strings.Count(name, ".") > 1 // shop.other.io
}

// wrongName returns "" for a host name of at least so many labels, and
// otherwise what is wrong with it, to go behind "must be …".
func wrongName(name string, labels int) string {
	for _, r := range name {
		switch {
		case r == '/' || r == ':':
			return " alone, without a scheme, port or path"
		case r > 127:
			return " in its ASCII form (xn--…)"
		}
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return ", not an address"
	}
	if len(name) > 253 || strings.Count(name, ".")+1 < labels {
		return " of at most 253 characters, with its ending"
	}
	for label := range strings.SplitSeq(name, ".") {
		if !validLabel(label) {
			return ", labels of letters, digits and hyphens"
		}
	}
	return ""
}

func validLabel(s string) bool {
	ok := s != "" && len(s) <= 63 && s[0] != '-' && s[len(s)-1] != '-'
	for _, c := range []byte(s) {
		ok = ok && (c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || c == '_')
	}
	return ok
}
