package smoke

import (
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/launchready/readiness/internal/cfgerr"
)

// checkEntries reports every [Signup.Entry] that no person can be sent to.
// What was written is not repeated: it may hold a password.
func checkEntries(problems *cfgerr.List, c *Checker) {
	for i, s := range c.steps {
		if s.kind != kindSignup {
			continue
		}
		if _, problem := c.entry(s); problem != "" {
			problems.Addf(cfgerr.Index("Steps", i, ""), "%s: Entry %s", s.title(), problem)
		}
	}
}

// entry returns the origin that a person types for a step, or what is wrong
// with it. Without a target there is nothing to say: New reports that.
func (c *Checker) entry(s Step) (*url.URL, string) {
	base := c.base
	if c.handler != nil {
		base = &url.URL{Scheme: "https", Host: inProcessHost, Path: "/"}
	}
	if base == nil {
		return nil, ""
	}
	declared := []*url.URL{base}
	for _, u := range c.hosts {
		declared = append(declared, u)
	}
	if s.signup.Entry != "" {
		u, ok := baseURL(strings.ReplaceAll(s.signup.Entry, hostRef, base.Hostname()))
		switch {
		case !ok:
			return nil, "must be http:// or https:// with a host, and no user, path, query or fragment, such as http://market.example or http://{host}"
		case !mayBeTyped(u, declared):
			return nil, "must be the target, one of Hosts, or plain http on a host of theirs, such as http://{host}: no other is ever contacted; declare its host in Hosts"
		}
		return u, ""
	}
	home := base
	if u := c.hosts[s.host]; u != nil {
		home = u
	}
	if c.handler != nil || !onDefaultPort(home) {
		return home, ""
	}
	host := home.Hostname()
	// A step that is sent On a host is about that one. So is a target such as
	// staging.market.example, whose apex is the site of production.
	if apex, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil && s.host == "" && declaresHTTPS(declared, apex) {
		host = apex
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return &url.URL{Scheme: "http", Host: host, Path: "/"}, ""
}

// mayBeTyped reports whether an origin is declared, or is plain http in front
// of one that is.
func mayBeTyped(u *url.URL, declared []*url.URL) bool {
	for _, d := range declared {
		if allowedFrom(d, u) == "" || u.Scheme == "http" && d.Scheme == "https" && strings.EqualFold(u.Hostname(), d.Hostname()) {
			return true
		}
	}
	return false
}

func declaresHTTPS(declared []*url.URL, host string) bool {
	for _, d := range declared {
		if onDefaultPort(d) && strings.EqualFold(d.Hostname(), host) {
			return true
		}
	}
	return false
}

// onDefaultPort reports whether an origin is https as people type it: only
// there does plain http stand in front of it.
func onDefaultPort(u *url.URL) bool { return u.Scheme == "https" && portOf(u) == "443" }
