package route

import (
	"strings"

	"github.com/launchready/readiness/internal/cfgerr"
)

// Template is a name made from the wildcards of one entry's pattern:
// "listing:{id}".
type Template struct {
	text  string
	parts []part
}

// part is literal text, or a wildcard's name where wild is true.
type part struct {
	text string
	wild bool
}

// Template compiles text for the entry of that index. A wildcard that the
// entry's pattern does not have, and a brace that is not closed, are added to
// problems under path.
func (t *Table) Template(problems *cfgerr.List, path string, index int, text string) Template {
	tm := Template{text: text}
	var e *entry
	for i := range t.entries {
		if t.entries[i].index == index {
			e = &t.entries[i]
		}
	}
	if e == nil {
		return tm // its pattern is malformed, which is a problem already
	}
	for left := text; left != ""; {
		before, after, braced := strings.Cut(left, "{")
		if before != "" {
			tm.parts = append(tm.parts, part{text: before})
		}
		if !braced {
			break
		}
		name, below, closed := strings.Cut(after, "}")
		if !closed {
			problems.Addf(path, "%q has a { without its }", text)
			break
		}
		if !e.has(name) {
			problems.Addf(path, "%q names {%s}, which the pattern %q does not have", text, name, e.text)
		}
		tm.parts = append(tm.parts, part{name, true})
		left = below
	}
	return tm
}

// String returns the template as it was written.
func (tm Template) String() string { return tm.text }

// Expand returns the name for a match of the template's entry. Without a
// wildcard it allocates nothing.
func (tm Template) Expand(m Match) string {
	switch {
	case len(tm.parts) == 0:
		return tm.text
	case len(tm.parts) == 1 && !tm.parts[0].wild:
		return tm.parts[0].text
	case len(tm.parts) == 2 && !tm.parts[0].wild && tm.parts[1].wild: // the common "listing:{id}"
		return tm.parts[0].text + m.Value(tm.parts[1].text)
	}
	var b strings.Builder
	for _, p := range tm.parts {
		if p.wild {
			b.WriteString(m.Value(p.text))
		} else {
			b.WriteString(p.text)
		}
	}
	return b.String()
}
