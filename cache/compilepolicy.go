package cache

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/launchready/readiness/internal/route"
)

// policy is a compiled Policy.
type policy struct {
	Policy
	id        string // a digest of what decides about a page: different policies never share an entry
	tags      []route.Template
	shapes    [][]string // the texts around the wildcards of each tag
	client    string     // Cache-Control of a stored page, empty under Follow
	cdn       string     // CDN-Cache-Control of a stored page, empty where there is none
	byQuery   bool       // the key holds the whole query, as under Follow
	wildcards []string   // of the pattern, for Version
	stats     counters
}

func (c *Cache) compilePolicies(problems *cfgerr.List, cfg Config) {
	if len(cfg.Policies) == 0 && len(cfg.Loads) == 0 {
		problems.Addf("Policies", "must not be empty: without a policy nothing is decided")
	}
	entries := make([]route.Entry, len(cfg.Policies))
	for i := range cfg.Policies {
		entries[i] = route.Entry{Pattern: cfg.Policies[i].Pattern, Path: cfgerr.Index("Policies", i, "Pattern")}
		if cfg.Policies[i].Pattern == "" {
			problems.Addf(entries[i].Path, `must be set; "/" is every path`)
		}
	}
	c.table = route.New(problems, entries, route.Options{Exclusive: true, DefaultMethod: http.MethodGet})
	for i := range cfg.Policies {
		p := &policy{Policy: cfg.Policies[i]}
		p.Query, p.Vary, p.Tags = slices.Clone(p.Query), slices.Clone(p.Vary), slices.Clone(p.Tags)
		p.check(problems, func(name string) string { return cfgerr.Index("Policies", i, name) })
		for j, tag := range p.Tags {
			path := cfgerr.Index("Policies", i, "Tags") + fmt.Sprintf("[%d]", j)
			checkTag(problems, path, tag, p.Tags[:j])
			p.shapes = append(p.shapes, shapeOf(tag))
			p.tags = append(p.tags, c.table.Template(problems, path, i, tag))
		}
		p.byQuery = p.Class == Follow
		p.wildcards = wildcardsOf(p.Pattern)
		p.client, p.cdn = p.tells()
		p.id = p.digest(cfg)
		c.policies = append(c.policies, p)
	}
}

// fieldUse is one field of a Policy: whether it is set, and the classes in which
// it does something.
type fieldUse struct {
	name    string
	set     bool
	classes []Class
}

func (p *policy) uses() []fieldUse {
	timed, stored := []Class{ShortCache, Revalidate}, []Class{ShortCache, Revalidate, Follow}
	return []fieldUse{
		{"TTL", p.TTL != 0, timed},
		{"StaleWhileRevalidate", p.StaleWhileRevalidate != 0, []Class{Revalidate}},
		{"StaleIfError", p.StaleIfError != 0, []Class{Revalidate}},
		{"Version", p.Version != nil, []Class{Revalidate}},
		{"ClientTTL", p.ClientTTL != 0, timed},
		{"CDNTTL", p.CDNTTL != 0, timed},
		{"Query", len(p.Query) > 0, timed},
		{"DropOtherQuery", p.DropOtherQuery, timed},
		{"Vary", len(p.Vary) > 0, stored},
		{"Audience", p.Audience != nil, stored},
		{"Tags", len(p.Tags) > 0, stored},
		{"ExpiryOnly", p.ExpiryOnly != "", stored},
		{"SharedDespiteCookies", p.SharedDespiteCookies != "", stored},
	}
}

// check adds the problems of a policy.
func (p *policy) check(problems *cfgerr.List, field func(string) string) {
	if p.Class < NoCache || p.Class > Immutable {
		problems.Addf(field("Class"), "must be cache.NoCache, ShortCache, Revalidate, Follow or Immutable: a policy is a decision")
		return
	}
	for _, u := range p.uses() {
		if u.set && !slices.Contains(u.classes, p.Class) {
			problems.Addf(field(u.name), "has no meaning with %s; remove it, or choose %s", p.Class, inWords(u.classes))
		}
	}
	if p.Class != NoCache {
		p.checkMethod(problems, field("Pattern"))
	}
	if p.Class == ShortCache || p.Class == Revalidate {
		p.checkTimes(problems, field)
	}
	if p.CDNTTL > 0 && p.Audience != nil {
		problems.Addf(field("CDNTTL"), "contradicts Audience: a CDN does not know for whom a page is, and would hand one audience's to another; remove one of them")
	}
	if p.Class.stores() {
		checkEnd(problems, field, p.Tags, p.ExpiryOnly)
	}
	if p.SharedDespiteCookies != "" && strings.TrimSpace(p.SharedDespiteCookies) == "" {
		problems.Addf(field("SharedDespiteCookies"), "must say why the page is the same with any cookie")
	}
	p.checkQuery(problems, field)
	p.checkVary(problems, field)
}

func inWords(classes []Class) string {
	names := make([]string, len(classes))
	for i, c := range classes {
		names[i] = c.String()
	}
	return strings.Join(names, " or ")
}

func (p *policy) checkMethod(problems *cfgerr.List, path string) {
	switch method := methodOf(p.Pattern); method {
	case "", http.MethodGet:
	case http.MethodHead:
		problems.Addf(path, "has HEAD, and only the answer to a GET is cached; write GET, which includes HEAD")
	default:
		problems.Addf(path, "has %s, and only the answer to a GET is cached; write GET, or choose NoCache", method)
	}
}

func (p *policy) checkTimes(problems *cfgerr.List, field func(string) string) {
	checkTTL(problems, field("TTL"), p.TTL, "with "+p.Class.String())
	if p.Class == Revalidate && p.StaleWhileRevalidate == 0 && p.StaleIfError == 0 && p.Version == nil {
		problems.Addf(field("Class"), "Revalidate needs StaleWhileRevalidate, StaleIfError or Version: without one it is ShortCache")
	}
	for _, f := range []struct {
		name  string
		value time.Duration
		least time.Duration
		most  time.Duration
	}{
		{"StaleWhileRevalidate", p.StaleWhileRevalidate, time.Millisecond, maxTTL},
		{"StaleIfError", p.StaleIfError, time.Millisecond, maxTTL},
		{"ClientTTL", p.ClientTTL, time.Second, maxTTL},
		{"CDNTTL", p.CDNTTL, time.Second, maxCDNTTL},
	} {
		switch {
		case f.value < 0:
			problems.Addf(field(f.name), "must not be negative, got %s", f.value)
		case f.value > 0 && f.value < f.least:
			problems.Addf(field(f.name), "must be at least %s, got %s: give a unit such as time.Second", f.least, f.value)
		case f.value > f.most:
			problems.Addf(field(f.name), "must be at most %s, got %s", f.most, f.value)
		}
	}
}

func (p *policy) checkQuery(problems *cfgerr.List, field func(string) string) {
	if len(p.Query) > maxPairs {
		problems.Addf(field("Query"), "must list at most %d names, got %d", maxPairs, len(p.Query))
	}
	for i, name := range p.Query {
		path := field("Query") + fmt.Sprintf("[%d]", i)
		if name == "" {
			problems.Addf(path, "must not be empty")
		} else if strings.ContainsAny(name, "?&=#") {
			problems.Addf(path, "%q must be the bare name of an argument", name)
		} else if slices.Contains(p.Query[:i], name) {
			problems.Addf(path, "%q is listed twice", name)
		}
	}
}

func (p *policy) checkVary(problems *cfgerr.List, field func(string) string) {
	for i, name := range p.Vary {
		path := field("Vary") + fmt.Sprintf("[%d]", i)
		p.Vary[i] = textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case !isToken(name):
			problems.Addf(path, "%q is not a header's name", name)
		case p.Vary[i] == "Cookie":
			problems.Addf(path, "Cookie cannot be part of the key: a request with cookies passes by, unless PublicCookies or SharedDespiteCookies says otherwise")
		case p.Vary[i] == "Authorization" || p.Vary[i] == "Proxy-Authorization":
			problems.Addf(path, "%s cannot be part of the key: who asks is said by Audience", p.Vary[i])
		case slices.Contains(p.Vary[:i], p.Vary[i]):
			problems.Addf(path, "%q is listed twice", name)
		}
	}
}

// wildcardsOf returns the names of a pattern's wildcards.
func wildcardsOf(pattern string) (names []string) {
	for _, part := range strings.Split(pattern, "{")[1:] {
		name, _, _ := strings.Cut(part, "}")
		if name = strings.TrimSuffix(name, "..."); name != "" && name != "$" {
			names = append(names, name)
		}
	}
	return names
}

// tells returns what a stored page says to browsers and to a CDN.
func (p *policy) tells() (client, cdn string) {
	if p.Class == Follow {
		return "", ""
	}
	client = "no-cache"
	if p.ClientTTL > 0 {
		client = fmt.Sprintf("private, max-age=%d", p.ClientTTL/time.Second)
	}
	if p.CDNTTL > 0 {
		cdn = fmt.Sprintf("max-age=%d", p.CDNTTL/time.Second)
	}
	return client, cdn
}

// digest returns a short text that is different for policies that differ in
// what they store. It stands in every key, so that a deploy that changes a
// policy begins with no pages of the old one.
func (p *policy) digest(cfg Config) string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%q %d %d %d %d %q %q %t %t %q %t %q %q %t %q %q %t %t", p.Pattern, p.Class, p.TTL, p.StaleWhileRevalidate, p.StaleIfError,
		p.client, p.cdn, p.Version != nil, p.Audience != nil, p.Query, p.DropOtherQuery, p.Vary, p.Tags,
		p.SharedDespiteCookies != "", cfg.PublicCookies, cfg.StatusName, cfg.HideStatus, cfg.SendTags) // a hash takes every write
	return string(h.Sum(nil)[:8])
}
