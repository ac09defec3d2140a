package cache

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
)

// LoadPolicy is the decision for one kind of value that [Load] keeps.
type LoadPolicy struct {
	_ [0]func()

	// Name is what [LoadKey] calls it, such as "listings of a category".
	// Required, and different from those of the other Loads.
	Name string
	// Args are the names of what makes one value different from another, such
	// as "category". A LoadKey gives their values in this order. Default
	// none: there is one value.
	Args []string
	// TTL is how long a value lives, counted from when its function began.
	// Required, at most 24 hours.
	TTL time.Duration
	// Tags are the names by which a value is purged, the same as those of
	// pages. They may use Args: "category:{category}". Required, unless
	// ExpiryOnly says why not.
	Tags []string
	// ExpiryOnly is the reason why values end by their TTL alone.
	ExpiryOnly string
}

// loadPolicy is a compiled LoadPolicy.
type loadPolicy struct {
	LoadPolicy
	id     string
	tags   [][]piece
	shapes [][]string
	types  shapes
	stats  counters
}

// piece is a part of a tag: a text, or the argument with that index.
type piece struct {
	text string
	arg  int // -1 for a text
}

func (c *Cache) compileLoads(problems *cfgerr.List, loads []LoadPolicy) {
	c.loads = map[string]*loadPolicy{}
	for i := range loads {
		field := func(name string) string { return cfgerr.Index("Loads", i, name) }
		l := &loadPolicy{LoadPolicy: loads[i]}
		l.Args, l.Tags = slices.Clone(l.Args), slices.Clone(l.Tags)
		switch {
		case strings.TrimSpace(l.Name) == "":
			problems.Addf(field("Name"), "must be set: LoadKey names it")
		case c.loads[l.Name] != nil:
			problems.Addf(field("Name"), "%q is declared twice", l.Name)
		default:
			c.loads[l.Name], c.loadNames = l, append(c.loadNames, l.Name)
		}
		for j, name := range l.Args {
			path := field("Args") + fmt.Sprintf("[%d]", j)
			if name == "" || strings.ContainsAny(name, "{}") {
				problems.Addf(path, "%q must be a name without braces", name)
			} else if slices.Contains(l.Args[:j], name) {
				problems.Addf(path, "%q is listed twice", name)
			}
		}
		checkTTL(problems, field("TTL"), l.TTL, "for a value of Load")
		checkEnd(problems, field, l.Tags, l.ExpiryOnly)
		for j, tag := range l.Tags {
			path := field("Tags") + fmt.Sprintf("[%d]", j)
			checkTag(problems, path, tag, l.Tags[:j])
			l.tags = append(l.tags, l.pieces(problems, path, tag))
			l.shapes = append(l.shapes, shapeOf(tag))
		}
		sum := sha256.Sum256(fmt.Appendf(nil, "load %q %q %d %q", l.Name, l.Args, l.TTL, l.Tags))
		l.id = string(sum[:8])
	}
}

// pieces compiles a tag.
func (l *loadPolicy) pieces(problems *cfgerr.List, path, tag string) (list []piece) {
	for left := tag; left != ""; {
		text, after, open := strings.Cut(left, "{")
		if text != "" {
			list = append(list, piece{text, -1})
		}
		if !open {
			return list
		}
		name, below, closed := strings.Cut(after, "}")
		if !closed {
			problems.Addf(path, "%q has a { without its }", tag)
			return list
		}
		arg := slices.Index(l.Args, name)
		if arg < 0 {
			problems.Addf(path, "{%s} in %q is not one of Args", name, tag)
		}
		list, left = append(list, piece{arg: arg}), below
	}
	return list
}

// names returns the generations of a value.
func (l *loadPolicy) names(args []string) []string {
	names := append(make([]string, 0, 1+len(l.tags)), everything)
	for _, pieces := range l.tags {
		var tag strings.Builder
		for _, p := range pieces {
			if p.arg >= 0 {
				tag.WriteString(args[p.arg])
			} else {
				tag.WriteString(p.text)
			}
		}
		names = append(names, tagName(tag.String()))
	}
	return names
}
