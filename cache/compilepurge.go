package cache

import (
	"fmt"
	"slices"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/launchready/readiness/internal/route"
)

// purgeRule is a compiled Purge.
type purgeRule struct {
	Purge
	tags []route.Template
}

func (c *Cache) compilePurges(problems *cfgerr.List, purges []Purge) {
	entries := make([]route.Entry, len(purges))
	for i := range purges {
		entries[i] = route.Entry{Pattern: purges[i].Pattern, Path: cfgerr.Index("Purges", i, "Pattern")}
		if purges[i].Pattern == "" {
			problems.Addf(entries[i].Path, `must be set; "/" is every path`)
		}
		if method := methodOf(purges[i].Pattern); method != "" && safe(method) {
			problems.Addf(entries[i].Path, "has %s, which changes nothing and so purges nothing; name the method that writes", method)
		}
	}
	c.writes = route.New(problems, entries, route.Options{})
	for i := range purges {
		rule := &purgeRule{Purge: purges[i]}
		rule.Tags = slices.Clone(rule.Tags)
		if len(rule.Tags) == 0 {
			problems.Addf(cfgerr.Index("Purges", i, "Tags"), "must name at least one tag; a path of its own is purged without a rule")
		}
		for j, tag := range rule.Tags {
			path := cfgerr.Index("Purges", i, "Tags") + fmt.Sprintf("[%d]", j)
			checkTag(problems, path, tag, rule.Tags[:j])
			rule.tags = append(rule.tags, c.writes.Template(problems, path, i, tag))
			if tag != "" && !c.carried(tag) {
				problems.Addf(path, "%q is carried by no policy, so that it purges nothing; is it spelled as there?", tag)
			}
		}
		c.purges = append(c.purges, rule)
	}
	c.keepsAny = len(purges) > 0 || slices.ContainsFunc(c.policies, func(p *policy) bool { return p.Class.stores() })
}

// carried reports whether the tag of some policy can be the same text as tag.
func (c *Cache) carried(tag string) bool {
	meets := func(t string) bool { return canMeet(t, tag) }
	for _, p := range c.policies {
		if slices.ContainsFunc(p.Tags, meets) {
			return true
		}
	}
	for _, l := range c.loads {
		if slices.ContainsFunc(l.Tags, meets) {
			return true
		}
	}
	return false
}
