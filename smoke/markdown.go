package smoke

import (
	"fmt"
	"io"
	"strings"

	"github.com/launchready/readiness/internal/markdown"
	"github.com/launchready/readiness/internal/redact"
)

// maxMarkdown is what fits into a comment on a pull request, in bytes.
const maxMarkdown = 60_000

// maxRows bounds a table of Markdown.
const maxRows = 60

// WriteMarkdown writes the report as Markdown that fits into a comment on a
// pull request: the failures first, then the performance, and every step in a
// part that is folded away. Of very many failures the last ones are left out,
// and it says so. It writes once, and returns the error of w.
func (r Report) WriteMarkdown(w io.Writer) error {
	_, err := io.WriteString(w, r.markdown())
	return err
}

func (r Report) markdown() string {
	var b strings.Builder
	// add appends a part that fits.
	add := func(name string, write func(*strings.Builder)) {
		var part strings.Builder
		write(&part)
		if b.Len()+part.Len() > maxMarkdown {
			fmt.Fprintf(&b, "\nThe %s is too long for a comment: see the table or the JSON.\n", name)
			return
		}
		b.WriteString(part.String())
	}
	state := "passed"
	switch {
	case !r.Reached:
		state = "could not look"
	case r.Err() != nil:
		state = "FAILED"
	}
	fmt.Fprintf(&b, "### Smoke check %s\n\n%s\n", state, plain(redact.Cut(r.summary(), 1000)))
	if r.LastGreen != nil {
		fmt.Fprintf(&b, "\n**Last green:** %s\n", plain(redact.Cut(r.LastGreen.summary(), 500)))
	}
	b.WriteString(r.failures(maxMarkdown / 2))
	add("table of what was measured", func(b *strings.Builder) { r.beforeAndAfter().markdown(b) })
	add("trend", func(b *strings.Builder) { r.trend().markdown(b) })
	if notes := r.notes(); len(notes) > 0 {
		b.WriteString("\n**Notes**\n\n")
		bullets(&b, notes, 11)
	}
	if lines := r.remarks(); len(lines) > 0 {
		add("list of warnings", func(b *strings.Builder) {
			b.WriteString("\n**Beside that**\n\n")
			bullets(b, lines, 30)
		})
	}
	add("list of all steps", func(b *strings.Builder) {
		steps := grid{{"", "step", "time", "owner", ""}}
		for _, s := range r.Steps {
			steps = append(steps, []string{s.Outcome.mark(), s.title(), rounded(s.Duration).String(), s.Owner, s.Verdict})
		}
		fmt.Fprintf(b, "\n<details><summary>All %d steps</summary>\n", len(r.Steps))
		steps.markdown(b)
		b.WriteString("\n</details>\n")
	})
	return b.String()
}

// plain is text that names nobody: an @ would call whoever has that name.
func plain(s string) string { return strings.ReplaceAll(markdown.Plain(s), "@", "@\u200b") }

// failures are the failed steps with their details, as many as fit.
func (r Report) failures(limit int) string {
	var b strings.Builder
	left := 0
	for _, s := range r.Steps {
		if s.Outcome != Failed {
			continue
		}
		owner := ""
		if s.Owner != "" {
			owner = " (owner: " + plain(s.Owner) + ")"
		}
		text := fmt.Sprintf("\n#### FAILED %s%s\n\n%s\n", plain(s.title()), owner, plain(s.Verdict))
		if s.Detail != "" {
			text += "\n<details><summary>Request and answer</summary>\n\n" + markdown.Fence(s.Detail) + "\n</details>\n"
		}
		if b.Len()+len(text) > limit {
			left++
			continue
		}
		b.WriteString(text)
	}
	if left > 0 {
		fmt.Fprintf(&b, "\n%d more failures are too long for a comment: see the table or the JSON.\n", left)
	}
	return b.String()
}

// bullets writes lines as a list, of very many the first.
func bullets(b *strings.Builder, lines []string, most int) {
	for _, line := range lines[:min(len(lines), most)] {
		b.WriteString("- " + plain(redact.Cut(line, 500)) + "\n")
	}
	if more := len(lines) - most; more > 0 {
		fmt.Fprintf(b, "- … and %d more\n", more)
	}
}

// markdown writes a grid as a table of Markdown.
func (g grid) markdown(b *strings.Builder) {
	for i, row := range g {
		if i == 0 {
			b.WriteByte('\n')
		}
		if i == maxRows {
			fmt.Fprintf(b, "\n%d more rows are left out.\n", len(g)-i)
			break
		}
		for _, text := range row {
			b.WriteString("| " + plain(redact.Cut(text, 300)) + " ")
		}
		b.WriteString("|\n")
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
}
