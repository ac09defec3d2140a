package cache

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Decision is one policy as it was compiled, to print, to review and to test.
type Decision struct {
	// Pattern is the policy's.
	Pattern string
	// Class is what was decided.
	Class Class
	// TTL is how long a page lives; 0 with NoCache.
	TTL time.Duration
	// Key is what makes one page different from another, in words; empty with
	// NoCache.
	Key string
	// Tags are the names by which a page is purged.
	Tags []string
	// Reason is what the policy gave as ExpiryOnly and as
	// SharedDespiteCookies.
	Reason string
}

// Decisions returns all policies, in the order of the Config. The caller owns
// the result.
func (c *Cache) Decisions() []Decision {
	list := make([]Decision, len(c.policies))
	for i, p := range c.policies {
		list[i] = Decision{Pattern: p.Pattern, Class: p.Class, TTL: p.TTL, Tags: slices.Clone(p.Tags), Key: p.keyInWords(), Reason: p.reason()}
	}
	return list
}

// WriteDecisions writes the table of decisions and that of purges to w, as
// text for people. The error is that of w.
func (c *Cache) WriteDecisions(w io.Writer) error {
	rows := [][]string{{"PATTERN", "CLASS", "TTL", "KEY", "TAGS", "REASON"}}
	for _, d := range c.Decisions() {
		ttl := ""
		if d.TTL != 0 {
			ttl = d.TTL.String()
		}
		rows = append(rows, []string{d.Pattern, d.Class.String(), ttl, d.Key, strings.Join(d.Tags, ", "), d.Reason})
	}
	if err := writeTable(w, rows); err != nil || len(c.purges) == 0 {
		return err
	}
	rows = [][]string{{"\nPATTERN", "PURGES"}}
	for _, rule := range c.purges {
		rows = append(rows, []string{rule.Pattern, strings.Join(rule.Tags, ", ")})
	}
	return writeTable(w, rows)
}

func writeTable(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i := range row {
			row[i] = cmp.Or(row[i], "-")
		}
		_, _ = fmt.Fprintln(t, strings.Join(row, "\t")) // Flush tells its error
	}
	return t.Flush()
}

func (p *policy) keyInWords() string {
	if p.Class != ShortCache {
		return ""
	}
	parts := []string{"host", "path"}
	for _, name := range p.Query {
		parts = append(parts, "?"+name)
	}
	parts = append(parts, p.Vary...)
	if p.DropOtherQuery {
		parts = append(parts, "other arguments dropped")
	}
	return strings.Join(parts, ", ")
}

func (p *policy) reason() string {
	var parts []string
	if p.ExpiryOnly != "" {
		parts = append(parts, p.ExpiryOnly)
	}
	if p.SharedDespiteCookies != "" {
		parts = append(parts, "shared despite cookies: "+p.SharedDespiteCookies)
	}
	return strings.Join(parts, "; ")
}
