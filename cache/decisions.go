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

// Decision is one policy, or one LoadPolicy, as it was compiled, to print, to review and to test.
type Decision struct {
	// Pattern is the policy's.
	Pattern string
	// Class is what was decided.
	Class Class
	// TTL is how long a page is fresh; 0 with NoCache and Immutable, and with
	// Follow, where the response says it.
	TTL time.Duration
	// ClientTTL and CDNTTL are how long a browser and a CDN may keep it
	// without asking; 0 where they ask each time, or where the response says
	// it (Follow).
	ClientTTL, CDNTTL time.Duration
	// Beyond is what else may be done with it after its TTL, in words.
	Beyond string
	// Key is what makes one page different from another, in words; empty
	// where nothing is stored.
	Key string
	// Tags are the names by which a page is purged.
	Tags []string
	// Reason is what the policy gave as ExpiryOnly and as
	// SharedDespiteCookies.
	Reason string
}

// Decisions returns all policies, in the order of the Config, and then its
// Loads, whose Class prints as "Load". The caller owns the result.
func (c *Cache) Decisions() []Decision {
	list := make([]Decision, 0, len(c.policies)+len(c.loadNames))
	for _, p := range c.policies {
		d := Decision{
			Pattern: p.Pattern, Class: p.Class, TTL: p.TTL, ClientTTL: p.ClientTTL, CDNTTL: p.CDNTTL, Beyond: p.beyond(),
			Tags: slices.Clone(p.Tags), Key: p.keyInWords(), Reason: p.reason(),
		}
		if p.Class == Immutable {
			d.ClientTTL, d.CDNTTL = immutableTTL, immutableTTL
		}
		list = append(list, d)
	}
	for _, name := range c.loadNames {
		l := c.loads[name]
		key := strings.Join(append([]string{"type"}, l.Args...), ", ")
		list = append(list, Decision{Pattern: l.Name, Class: value, TTL: l.TTL, Tags: slices.Clone(l.Tags), Key: key, Reason: l.ExpiryOnly})
	}
	return list
}

// WriteDecisions writes the table of decisions and that of purges to w, as
// text for people. The error is that of w.
func (c *Cache) WriteDecisions(w io.Writer) error {
	rows := [][]string{{"PATTERN", "CLASS", "TTL", "BROWSER", "CDN", "BEYOND", "KEY", "TAGS", "REASON"}}
	for _, d := range c.Decisions() {
		rows = append(rows, []string{
			d.Pattern, d.Class.String(), d.time(d.TTL), d.time(d.ClientTTL), d.time(d.CDNTTL), d.Beyond,
			d.Key, strings.Join(d.Tags, ", "), d.Reason,
		})
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

// time returns one of the decision's times for the table.
func (d *Decision) time(t time.Duration) string {
	switch {
	case d.Class == Follow:
		return "as it says"
	case t == 0:
		return ""
	default:
		return t.String()
	}
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
	if !p.Class.stores() {
		return ""
	}
	parts := []string{"host", "path"}
	if p.byQuery {
		parts = append(parts, "query")
	}
	for _, name := range p.Query {
		parts = append(parts, "?"+name)
	}
	parts = append(parts, p.Vary...)
	if p.byQuery {
		parts = append(parts, "the response's Vary")
	}
	if p.Audience != nil {
		parts = append(parts, "audience")
	}
	if p.DropOtherQuery {
		parts = append(parts, "other arguments dropped")
	}
	return strings.Join(parts, ", ")
}

// beyond says what may be done with a page whose TTL has ended.
func (p *policy) beyond() string {
	var parts []string
	if p.StaleWhileRevalidate > 0 {
		parts = append(parts, fmt.Sprintf("while it is made anew %s", p.StaleWhileRevalidate))
	}
	if p.StaleIfError > 0 {
		parts = append(parts, fmt.Sprintf("on error %s", p.StaleIfError))
	}
	if p.Version != nil {
		parts = append(parts, "while its version is the same")
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
