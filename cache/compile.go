package cache

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
)

func (c *Cache) compileStatus(problems *cfgerr.List, cfg Config) {
	// A token of Structured Fields, which begins with a letter (RFC 8941, section 3.3.4).
	if name := cfg.StatusName; name != "" && (!isToken(name) || name[0]|0x20 < 'a' || name[0]|0x20 > 'z') {
		problems.Addf("StatusName", "%q is not a token: a letter, then letters, digits and hyphens", name)
	}
	if cfg.HideStatus && cfg.StatusName != "" {
		problems.Addf("StatusName", "contradicts HideStatus; keep one of them")
	}
	if !cfg.HideStatus {
		c.status = statusName(cmp.Or(cfg.StatusName, defaultStatusName))
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
		c.wantsRun = cfg.Store.leases()
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

// checkTTL adds what is wrong with a TTL. where says by what it is required.
func checkTTL(problems *cfgerr.List, path string, ttl time.Duration, where string) {
	switch {
	case ttl == 0:
		problems.Addf(path, "must be set %s, for example 30 * time.Second", where)
	case ttl < 0:
		problems.Addf(path, "must be positive, got %s", ttl)
	case ttl < time.Millisecond:
		problems.Addf(path, "must be at least 1ms, got %s: give a unit such as time.Second", ttl)
	case ttl > maxTTL:
		problems.Addf(path, "must be at most %s, got %s: a purge that is lost ends with it", maxTTL, ttl)
	}
}

// checkEnd adds a problem unless there is exactly one way in which what is
// stored ends.
func checkEnd(problems *cfgerr.List, field func(string) string, tags []string, expiryOnly string) {
	switch {
	case len(tags) == 0 && strings.TrimSpace(expiryOnly) == "":
		problems.Addf(field("Tags"), "must name how it is purged, or ExpiryOnly must say why its time is enough")
	case len(tags) > 0 && expiryOnly != "":
		problems.Addf(field("ExpiryOnly"), "contradicts Tags; keep one of them")
	}
}

func checkTag(problems *cfgerr.List, path, tag string, before []string) {
	if tag == "" {
		problems.Addf(path, "must not be empty")
	} else if slices.Contains(before, tag) {
		problems.Addf(path, "%q is listed twice", tag)
	}
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
