package smoke

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/launchready/readiness/internal/redact"
)

// summary names a run.
func (r Run) summary() string {
	name := r.Release
	if name == "" {
		name = "a run without a release"
	}
	return name + ", checked " + r.Started.UTC().Format("2006-01-02 15:04 UTC")
}

// label names a run in the head of a column.
func (r Run) label() string {
	if r.Release == "" {
		return r.Started.UTC().Format("01-02 15:04")
	}
	return redact.Cut(cell(r.Release), 12)
}

// figure returns what a run measured of an endpoint.
func (r Run) figure(name string, source Source) (Figure, bool) {
	for _, f := range r.Figures {
		if f.Name == name && f.Source == source && f.N > 0 {
			return f, true
		}
	}
	return Figure{}, false
}

// grid is a table of texts, its first row the head.
type grid [][]string

// beforeAndAfter is what was measured beside what the release before took.
func (r Report) beforeAndAfter() grid {
	if len(r.Figures) == 0 {
		return nil
	}
	rows := grid{{"performance", "n", "p50", "p95", "before", "change", "slow", "failed"}}
	for _, f := range r.Figures {
		before, change := "-", "-"
		if f.Before > 0 {
			before = rounded(f.Before).String()
			if f.BeforeRelease != "" {
				before += " (" + cell(f.BeforeRelease) + ")"
			}
			change = f.change()
		}
		rows = append(rows, []string{
			f.title(), fmt.Sprint(f.N), rounded(f.P50).String(), rounded(f.P95).String(), before, change, fmt.Sprint(f.Slow), fmt.Sprint(f.Failed),
		})
	}
	return rows
}

// change is how a figure has changed, in percent only where that is more than
// the noise of a network.
func (f Figure) change() string {
	ratio := float64(f.P95) / float64(f.Before)
	percent := fmt.Sprintf("%+.0f %%", 100*(ratio-1))
	switch {
	case ratio >= 3:
		percent = fmt.Sprintf("× %.0f", ratio)
	case ratio <= 1.0/3:
		percent = fmt.Sprintf("÷ %.0f", 1/max(ratio, 1e-9))
	}
	now, then := Figure{N: 1, P95: f.P95}, Figure{N: 1, P95: f.Before}
	switch {
	case baseline{p95: f.Before, found: true}.grew(now), baseline{p95: f.P95, found: true}.grew(then):
		return percent
	}
	return "none to speak of"
}

// title is the name, with a word for what is not called by the run itself.
func (f Figure) title() string {
	if f.Source == LiveTraffic {
		return f.Name + ", live"
	}
	return f.Name
}

// trend is the p95 of each endpoint over the last releases, up to this one.
func (r Report) trend() grid {
	if len(r.Figures) == 0 || len(r.Earlier) == 0 {
		return nil
	}
	runs := append(r.Earlier[max(0, len(r.Earlier)-maxReleases+1):len(r.Earlier):len(r.Earlier)], Run{Release: r.Release, Started: r.Started, Figures: r.Figures})
	head := []string{"p95 by release"}
	for _, one := range runs {
		head = append(head, one.label())
	}
	rows := grid{head}
	for _, f := range r.Figures {
		row := []string{f.title()}
		for _, one := range runs {
			text := "-"
			if was, ok := one.figure(f.Name, f.Source); ok {
				text = rounded(was.P95).String()
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	return rows
}

// notes are those of the last releases and of this one: the log of what was
// done for their speed.
func (r Report) notes() []string {
	var lines []string
	note := func(one Run) {
		if one.Note != "" {
			lines = append(lines, one.label()+" ("+one.Started.UTC().Format(time.DateOnly)+"): "+cell(one.Note))
		}
	}
	for _, one := range r.Earlier {
		note(one)
	}
	note(Run{Release: r.Release, Started: r.Started, Note: r.Note})
	return lines
}

// write writes a grid in columns, with a line before it. A strings.Builder
// cannot fail.
func (g grid) write(b *strings.Builder) {
	if len(g) == 0 {
		return
	}
	b.WriteByte('\n')
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, row := range g {
		_, _ = fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	_ = table.Flush()
}
