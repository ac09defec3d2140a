package cache

import (
	"cmp"
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
	id   string // a digest of what decides about a page: different policies never share an entry
	tags []route.Template
	// shapes are the texts around the wildcards of each tag.
	shapes [][]string
	stats  counters
}

func (c *Cache) compilePolicies(problems *cfgerr.List, cfg Config) {
	if len(cfg.Policies) == 0 {
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
		field := func(name string) string { return cfgerr.Index("Policies", i, name) }
		switch p.Class {
		case NoCache:
			p.checkNoCache(problems, field)
		case ShortCache:
			p.checkShortCache(problems, field)
		default:
			problems.Addf(field("Class"), "must be cache.NoCache or cache.ShortCache: a policy is a decision")
		}
		for j, tag := range p.Tags {
			path := field("Tags") + fmt.Sprintf("[%d]", j)
			checkTag(problems, path, tag, p.Tags[:j])
			p.shapes = append(p.shapes, shapeOf(tag))
			p.tags = append(p.tags, c.table.Template(problems, path, i, tag))
		}
		p.id = p.digest(cfg.PublicCookies)
		c.policies = append(c.policies, p)
	}
}

// checkNoCache adds a problem for each field that would do nothing.
func (p *policy) checkNoCache(problems *cfgerr.List, field func(string) string) {
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"TTL", p.TTL != 0},
		{"Query", len(p.Query) > 0},
		{"DropOtherQuery", p.DropOtherQuery},
		{"Vary", len(p.Vary) > 0},
		{"Tags", len(p.Tags) > 0},
		{"ExpiryOnly", p.ExpiryOnly != ""},
		{"SharedDespiteCookies", p.SharedDespiteCookies != ""},
	} {
		if f.set {
			problems.Addf(field(f.name), "has no meaning with NoCache; remove it, or choose ShortCache")
		}
	}
}

func (p *policy) checkShortCache(problems *cfgerr.List, field func(string) string) {
	switch method := methodOf(p.Pattern); method {
	case "", http.MethodGet:
	case http.MethodHead:
		problems.Addf(field("Pattern"), "has HEAD, and only the answer to a GET is stored; write GET, which includes HEAD")
	default:
		problems.Addf(field("Pattern"), "has %s, and only the answer to a GET is stored; write GET, or choose NoCache", method)
	}
	switch {
	case p.TTL == 0:
		problems.Addf(field("TTL"), "must be set with ShortCache, for example 30 * time.Second")
	case p.TTL < 0:
		problems.Addf(field("TTL"), "must be positive, got %s", p.TTL)
	case p.TTL < time.Millisecond:
		problems.Addf(field("TTL"), "must be at least 1ms, got %s: give a unit such as time.Second", p.TTL)
	case p.TTL > maxTTL:
		problems.Addf(field("TTL"), "must be at most %s, got %s: a purge that is lost ends with it", maxTTL, p.TTL)
	}
	hasReason := strings.TrimSpace(p.ExpiryOnly) != ""
	switch {
	case len(p.Tags) == 0 && !hasReason:
		problems.Addf(field("Tags"), "must name how a page is purged, or ExpiryOnly must say why its TTL is enough")
	case len(p.Tags) > 0 && p.ExpiryOnly != "":
		problems.Addf(field("ExpiryOnly"), "contradicts Tags; keep one of them")
	}
	if p.SharedDespiteCookies != "" && strings.TrimSpace(p.SharedDespiteCookies) == "" {
		problems.Addf(field("SharedDespiteCookies"), "must say why the page is the same with any cookie")
	}
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
	for i, name := range p.Vary {
		path := field("Vary") + fmt.Sprintf("[%d]", i)
		p.Vary[i] = textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case !isToken(name):
			problems.Addf(path, "%q is not a header's name", name)
		case p.Vary[i] == "Cookie":
			problems.Addf(path, "Cookie cannot be part of the key: a request with cookies passes by, unless PublicCookies or SharedDespiteCookies says otherwise")
		case p.Vary[i] == "Authorization" || p.Vary[i] == "Proxy-Authorization":
			problems.Addf(path, "%s cannot be part of the key: a request with it passes by", p.Vary[i])
		case slices.Contains(p.Vary[:i], p.Vary[i]):
			problems.Addf(path, "%q is listed twice", name)
		}
	}
}

func (c *Cache) compileBounds(problems *cfgerr.List, cfg Config) {
	c.publicCookies = slices.Clone(cfg.PublicCookies)
	for i, name := range cfg.PublicCookies {
		path := cfgerr.Index("PublicCookies", i, "")
		if !isToken(name) {
			problems.Addf(path, "%q is not a cookie's name", name)
		} else if strings.Contains(name, "*") {
			problems.Addf(path, "%q is compared letter by letter: list every name, a * stands for nothing", name)
		} else if slices.Contains(cfg.PublicCookies[:i], name) {
			problems.Addf(path, "%q is listed twice", name)
		}
	}
	maxBytes := cmp.Or(cfg.MaxBytes, defaultMaxBytes)
	c.maxBody = cmp.Or(cfg.MaxBody, min(defaultMaxBody, maxBytes/2))
	switch {
	case cfg.MaxBody < 0:
		problems.Addf("MaxBody", "must be positive, got %d", cfg.MaxBody)
	case cfg.MaxBody > maxMaxBody:
		problems.Addf("MaxBody", "must be at most %d, got %d", maxMaxBody, cfg.MaxBody)
	case cfg.Store == nil && cfg.MaxBytes >= 0 && cfg.MaxBody > maxBytes/2:
		problems.Addf("MaxBody", "must be at most half of MaxBytes (%d), got %d: one page would push out all others", maxBytes, cfg.MaxBody)
	}
	switch {
	case cfg.Store != nil && cfg.MaxBytes != 0:
		problems.Addf("MaxBytes", "bounds the in-process store, and Store is set; leave it 0")
	case cfg.MaxBytes < 0:
		problems.Addf("MaxBytes", "must be positive, got %d", cfg.MaxBytes)
	}
	if cfg.Store != nil {
		cfg.Store.check(problems)
		c.store = cfg.Store
		c.maxBody = cmp.Or(cfg.MaxBody, defaultMaxBody)
	} else if cfg.MaxBytes >= 0 {
		store, err := newMemory(maxBytes)
		if err != nil {
			problems.Addf("MaxBytes", "the in-process store cannot be made: %w", err)
		}
		c.store = store
	}
}

func checkTag(problems *cfgerr.List, path, tag string, before []string) {
	if tag == "" {
		problems.Addf(path, "must not be empty")
	} else if slices.Contains(before, tag) {
		problems.Addf(path, "%q is listed twice", tag)
	}
}

// digest returns a short text that is different for policies that differ in
// what they store. It stands in every key, so that a deploy that changes a
// policy begins with no pages of the old one.
func (p *policy) digest(publicCookies []string) string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%q %d %d %q %t %q %q %t %q", p.Pattern, p.Class, p.TTL, p.Query, p.DropOtherQuery, p.Vary, p.Tags,
		p.SharedDespiteCookies != "", publicCookies) // a hash takes every write
	return string(h.Sum(nil)[:8])
}

// methodOf returns the method of a ServeMux pattern, empty where it has none.
func methodOf(pattern string) string {
	if i := strings.IndexAny(pattern, " \t"); i >= 0 {
		return pattern[:i]
	}
	return ""
}

// safe reports whether a request with that method changes nothing (RFC 9110,
// section 9.2.1).
func safe(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	default:
		return false
	}
}

// isToken reports whether s is a token of RFC 9110, section 5.6.2.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		switch {
		case '0' <= r && r <= '9', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
			return false
		default:
			return !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
		}
	})
}
