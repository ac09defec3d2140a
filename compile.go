package readiness

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/clientip"
	"github.com/launchready/readiness/internal/mailrecord"
	"github.com/launchready/readiness/internal/strictjson"
	"github.com/launchready/readiness/internal/webprobe"
)

// compiler turns a Config into a site and says what is wrong with it. Paths
// are those of Config; whoever reads a file respells them.
type compiler struct {
	site

	cfg  *Config
	addf func(path, format string, args ...any)
	skip func(path string) bool // was found unsound before
}

// compile returns the site of cfg, which is of use where addf was not called.
func compile(cfg *Config, addf func(path, format string, args ...any), skip func(path string) bool) site {
	if skip == nil {
		skip = func(string) bool { return false }
	}
	c := &compiler{cfg: cfg, addf: addf, skip: skip}
	c.names()
	c.mails()
	c.redirections()
	c.customs()
	c.acceptances()
	c.passOn()
	c.limits()
	c.network()
	return c.site
}

func (c *compiler) mails() {
	if c.domain != "" && len(c.cfg.Mail) == 0 && !c.skip("Mail") {
		c.mail = []mailDomain{{Mail: Mail{Domain: c.domain}, assumed: true}}
	}
	seen := map[string]int{}
	for i := range c.cfg.Mail {
		m := c.cfg.Mail[i]
		path := "Mail[" + strconv.Itoa(i) + "]"
		if c.skip(path) {
			continue
		}
		full, ok := c.full(path+".Domain", cmp.Or(m.Domain, "@"))
		if !ok {
			continue
		}
		if at, twice := seen[full]; twice {
			c.addf(path+".Domain", "%s is declared twice, first at Mail[%d]: keep one", quoteCut(full), at)
			continue
		}
		seen[full] = i
		m.Domain = full
		m.DKIMSelectors = c.words(path+".DKIMSelectors", m.DKIMSelectors, "a selector such as \"s1\", without \"._domainkey\"")
		m.Senders = c.senders(path+".Senders", m.Senders)
		if !m.Sends && len(m.DKIMSelectors)+len(m.Senders) > 0 {
			c.addf(path+".Sends", "must be true where DKIMSelectors or Senders are declared")
		}
		if m.SMTP && !m.Receives {
			c.addf(path+".Receives", "must be true where SMTP is declared: there is no mail server to connect to otherwise")
		}
		c.mail = append(c.mail, mailDomain{Mail: m})
	}
	if len(c.cfg.Mail) > maxEntries {
		c.addf("Mail", "must be at most %d, got %d", maxEntries, len(c.cfg.Mail))
	}
}

// senders compiles the services that send for a domain. One that is not known
// could never be looked for in the records.
func (c *compiler) senders(path string, names []string) []string {
	var out []string
	for i, name := range names {
		at := path + "[" + strconv.Itoa(i) + "]"
		lower := strings.ToLower(strings.TrimSpace(name))
		if _, ok := mailrecord.Sender(lower); !ok {
			how := cmp.Or(meant(lower, mailrecord.SenderNames()), "; write the name of its SPF include, such as \"spf.provider.example\"")
			c.addf(at, "%s is no service that is known%s", quoteCut(name), how)
			continue
		}
		if slices.Contains(out, lower) {
			c.addf(at, "%s is listed twice", quoteCut(name))
			continue
		}
		out = append(out, lower)
	}
	if len(names) > maxEntries {
		c.addf(path, "must be at most %d, got %d", maxEntries, len(names))
	}
	return out
}

// meant asks for the word that was likely meant; "" where none is near.
func meant(word string, known []string) string {
	if near := strictjson.Nearest(word, known); near != "" {
		return "; did you mean " + strconv.Quote(near) + "?"
	}
	return ""
}

// words compiles names that are no hosts: lower case, each once.
func (c *compiler) words(path string, words []string, what string) []string {
	var out []string
	for i, w := range words {
		at := path + "[" + strconv.Itoa(i) + "]"
		lower := strings.ToLower(w)
		switch {
		case wrongName(lower, 1) != "" || strings.HasSuffix(lower, "._domainkey"):
			c.addf(at, "must be %s, got %s", what, quoteCut(w))
		case slices.Contains(out, lower):
			c.addf(at, "%s is listed twice", quoteCut(w))
		default:
			out = append(out, lower)
		}
	}
	if len(words) > maxEntries {
		c.addf(path, "must be at most %d, got %d", maxEntries, len(words))
	}
	return out
}

func (c *compiler) redirections() {
	for i := range c.cfg.Redirects {
		r := c.cfg.Redirects[i]
		path := "Redirects[" + strconv.Itoa(i) + "]"
		if c.skip(path) {
			continue
		}
		for _, end := range []struct{ field, value string }{{"From", r.From}, {"To", r.To}} {
			u, err := url.Parse(end.value)
			if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
				c.addf(path+"."+end.field, "must be a whole URL such as \"https://acme.example/old\", without a user")
			}
		}
		c.redirects = append(c.redirects, r)
	}
	if len(c.cfg.Redirects) > maxEntries {
		c.addf("Redirects", "must be at most %d, got %d", maxEntries, len(c.cfg.Redirects))
	}
}

// limits compiles what bounds a check.
func (c *compiler) limits() {
	cfg := c.cfg
	c.stopOn, c.progress, c.only = cfg.StopOn, cfg.Progress, slices.Clone(cfg.Only)
	if cfg.StopOn < 0 || cfg.StopOn > Blocker {
		c.addf("StopOn", "must be Medium, High or Blocker, or left out, got %v", cfg.StopOn)
	}
	for i, f := range cfg.Only {
		if !slices.Contains(familyNames(), f) {
			c.addf("Only["+strconv.Itoa(i)+"]", "must be one of %s, got %s", some(familyNames()), quoteCut(f))
		}
	}
	c.timeout = cmp.Or(cfg.Timeout, 10*time.Second)
	if c.timeout < 0 || c.timeout > 5*time.Minute {
		c.addf("Timeout", "must be at most 5m0s and not negative, got %v", cfg.Timeout)
	}
	c.interval = cmp.Or(cfg.Interval, time.Hour)
	if c.interval < time.Minute {
		c.addf("Interval", "must be at least 1m0s, got %v", cfg.Interval)
	}
}

// network compiles where connections go.
func (c *compiler) network() {
	cfg := c.cfg
	c.roots, c.allowPrivate = cfg.RootCAs, cfg.AllowPrivate
	for i, r := range cfg.Resolvers {
		host, port, ok := hostPort(strings.ToLower(r), "53")
		if _, err := netip.ParseAddr(host); !ok || err != nil && !resolverName(host) {
			c.addf("Resolvers["+strconv.Itoa(i)+"]", "must be an address, or HOST:PORT, such as \"9.9.9.9:53\", got %s", quoteCut(r))
			continue
		}
		c.resolvers = append(c.resolvers, net.JoinHostPort(host, port))
	}
	for i, text := range cfg.ConnectTo {
		to, err := webprobe.ParseConnectTo(text)
		if err != nil {
			c.addf("ConnectTo["+strconv.Itoa(i)+"]", "%v, got %s", err, quoteCut(text))
			continue
		}
		c.connectTo = append(c.connectTo, to)
	}
	for i, text := range cfg.Origins {
		host, port, ok := hostPort(strings.ToLower(text), "443")
		addr, err := netip.ParseAddr(host)
		if !ok || err != nil && wrongName(host, 2) != "" {
			c.addf("Origins["+strconv.Itoa(i)+"]", "must be an address, or HOST:PORT, got %s", quoteCut(text))
			continue
		}
		c.origins = append(c.origins, origin{Host: host, Port: port, Addr: addr})
	}
	c.cloudflare = slices.Clone(cfg.CloudflareRanges)
	for i, p := range c.cloudflare {
		if !p.IsValid() {
			c.addf("CloudflareRanges["+strconv.Itoa(i)+"]", "must be a network such as 104.16.0.0/13")
		}
	}
	if cfg.CloudflareRanges == nil {
		c.cloudflare = clientip.Cloudflare()
	}
}

// resolverName reports whether a name server may be named so. What ends in a
// number is an address with a mistake in it.
func resolverName(host string) bool {
	host = strings.TrimSuffix(host, ".")
	return wrongName(host, 1) == "" && strings.Trim(host[strings.LastIndexByte(host, '.')+1:], "0123456789") != ""
}

// hostPort splits "HOST", "HOST:PORT", "[v6]:PORT" or a bare IPv6 address.
func hostPort(s, port string) (string, string, bool) {
	host := s
	if _, err := netip.ParseAddr(s); err != nil {
		if h, p, err := net.SplitHostPort(s); err == nil {
			host, port = h, p
		}
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return host, port, err == nil && n > 0 && host != ""
}
