package readiness

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// TextStyle says how [Report.WriteStyled] writes. The zero value is that of
// WriteText.
type TextStyle struct {
	_ [0]func()

	// All writes every finding, everything unknown, the whole launch map, what
	// is accepted and the handover. Default: one screen.
	All bool
	// Color writes the severities in colour, for a terminal. Default: none.
	Color bool
	// Command words it for who runs the command launchcheck: hints name its
	// options, and nothing is said of an earlier release, which it cannot
	// know. Default: for who reads it in a service or a test.
	Command bool
}

const (
	mostFindings = 7 // on one screen
	mostUnknown  = 3
	mostHosts    = 6
)

// WriteText writes r for people, on one screen: a line that counts, the worst
// findings, seven at most, each with its severity, code, subject and title in
// columns, below it what was seen and the fix, then how many more there are,
// what is unknown, in one line where there is one cause, and where the hosts
// point. It always says what was checked, and where the check could not look,
// whom it asked and what to try. It calls Write once, and returns its error.
func (r Report) WriteText(w io.Writer) error { return r.WriteStyled(w, TextStyle{}) }

// WriteStyled writes r like WriteText, in the style s.
func (r Report) WriteStyled(w io.Writer, s TextStyle) error {
	_, err := io.WriteString(w, r.text(s))
	return err
}

// String returns what WriteText writes.
func (r Report) String() string { return r.text(TextStyle{}) }

func (r Report) text(style TextStyle) string {
	p := printer{style: style}
	p.head(r)
	p.findings(r.Findings)
	p.unknown(r.Unknown)
	p.hosts(r.Map)
	if style.All {
		p.accepted(r.Accepted)
		p.handover(r.Handover)
	} else {
		p.rest(r)
	}
	return p.String()
}

// printer writes a report.
type printer struct {
	strings.Builder

	style TextStyle
}

// head writes the line that counts, and what was checked.
func (p *printer) head(r Report) {
	checked, c := r.checked(), r.Counts()
	clean := len(r.Findings)+len(r.Unknown) == 0
	numbers := fmt.Sprintf("%s, %d high, %d medium", count(c.Blocker, "blocker"), c.High, c.Medium)
	if c.Unknown > 0 {
		numbers += fmt.Sprintf(", %d not checked", c.Unknown)
	}
	earlier := ""
	if r.remembers && !r.earlier && r.variables > 0 && !p.style.Command {
		earlier = noEarlier
	}
	switch {
	case r.Domain != "":
		fmt.Fprintf(&p.Builder, "%s  %s  (%s, %.1f s)\n", r.Domain, numbers, count(r.lookups, "lookup"), max(r.took, 100*time.Millisecond).Seconds())
		if checked != "" {
			p.WriteString("checked: " + checked)
			if clean && r.blind() == "" {
				p.WriteString("; nothing found")
			}
			if earlier != "" {
				p.WriteString("; " + earlier)
			}
			p.WriteByte('\n')
		}
	case !clean:
		p.WriteString(numbers)
		if r.variables > 0 {
			fmt.Fprintf(&p.Builder, " (environment: %s checked)", count(r.variables, "variable"))
		}
		p.WriteByte('\n')
	case r.variables > 0:
		p.WriteString("environment: " + count(r.variables, "variable") + " checked, nothing found\n")
	case r.looked == nil || slices.Contains(r.looked, "env"):
		p.WriteString("environment: no variable is declared, nothing checked\n")
	default:
		p.WriteString("no domain is declared, nothing checked\n")
	}
	if r.Domain == "" && earlier != "" {
		p.WriteString(earlier + "\n")
	}
	if why := r.blind(); why != "" {
		fmt.Fprintf(&p.Builder, "could not look: %s\n  %s\n", why, r.lookAgain(p.style.Command))
	}
}

// findings writes the worst findings in columns.
func (p *printer) findings(found []Finding) {
	list := found
	if !p.style.All {
		list = list[:min(len(list), mostFindings)]
	}
	severity, code, subject := 0, 0, 0
	for _, f := range list {
		severity = max(severity, utf8.RuneCountInString(f.Severity.String()))
		code = max(code, utf8.RuneCountInString(f.Code))
		subject = max(subject, utf8.RuneCountInString(f.Subject))
	}
	for _, f := range list {
		word := fmt.Sprintf("%-*s", severity, strings.ToUpper(f.Severity.String()))
		if p.style.Color {
			word = color(f.Severity) + word + "\x1b[0m"
		}
		fmt.Fprintf(&p.Builder, "%s  %-*s  %-*s  %s\n", word, code, f.Code, subject, f.Subject, f.Title)
		switch {
		case p.style.All && f.Detail != "":
			fmt.Fprintf(&p.Builder, "%*s  %s\n", severity, "", f.Detail)
		case f.lapsed != "": // the detail says so too
			fmt.Fprintf(&p.Builder, "%*s  was accepted until %s, which is over\n", severity, "", f.lapsed)
		}
		for _, e := range f.Evidence {
			fmt.Fprintf(&p.Builder, "%*s  seen: %s\n", severity, "", e)
		}
		if f.Fix != "" {
			fmt.Fprintf(&p.Builder, "%*s  fix: %s\n", severity, "", f.Fix)
		}
	}
	if more := len(found) - len(list); more > 0 {
		fmt.Fprintf(&p.Builder, "… and %d more", more)
		if p.style.Command {
			p.WriteString(" (-all shows them)")
		}
		p.WriteByte('\n')
	}
}

// color returns the sequence that a terminal shows s in.
func color(s Severity) string {
	switch s {
	case Blocker:
		return "\x1b[1;31m"
	case High:
		return "\x1b[33m"
	default:
		return "\x1b[36m"
	}
}

// cause returns the last part of what a title says of why.
func cause(f Finding) string {
	if i := strings.LastIndex(f.Title, ": "); i >= 0 {
		return f.Title[i+len(": "):]
	}
	return f.Title
}

// unknown writes what could not be looked at. On one screen one cause takes
// one line.
func (p *printer) unknown(list []Finding) {
	const most = 3
	if !p.style.All && len(list) > 1 && !slices.ContainsFunc(list, func(f Finding) bool { return cause(f) != cause(list[0]) }) {
		names := each(list[:min(len(list), most)], func(f Finding) string { return f.Code + " " + f.Subject })
		if len(list) > most {
			names = append(names, "…")
		}
		fmt.Fprintf(&p.Builder, "UNKNOWN  %d things could not be looked at (%s): %s\n", len(list), cause(list[0]), strings.Join(names, ", "))
		return
	}
	for i, f := range list {
		if !p.style.All && i == mostUnknown {
			fmt.Fprintf(&p.Builder, "UNKNOWN  … and %d more\n", len(list)-i)
			break
		}
		fmt.Fprintf(&p.Builder, "UNKNOWN  %s  %s  %s\n", f.Code, f.Subject, f.Title)
		if f.Code == codeMemory { // there is something to do
			fmt.Fprintf(&p.Builder, "         fix: %s\n", f.Fix)
		}
	}
}

func (p *printer) hosts(hosts []HostMap) {
	for i, h := range hosts {
		if !p.style.All && i == mostHosts {
			fmt.Fprintf(&p.Builder, "MAP  … and %s more\n", count(len(hosts)-i, "host"))
			break
		}
		line := h.line()
		if p.style.All {
			line += ", TTL " + h.keeps()
		}
		fmt.Fprintf(&p.Builder, "MAP  %s\n", line)
	}
}

func (p *printer) accepted(list []Accepted) {
	for _, a := range list {
		what := a.Finding.Code
		if a.Finding.Subject != "" {
			what += "  " + a.Finding.Subject
		}
		fmt.Fprintf(&p.Builder, "ACCEPTED  %s  until %s: %s\n", what, a.Until, a.Reason)
		if a.Note != "" {
			fmt.Fprintf(&p.Builder, "          %s\n", a.Note)
		}
	}
}

func (p *printer) handover(list []HandoverItem) {
	for _, h := range list {
		if p.style.Command && h.Detail == noEarlier {
			continue
		}
		fmt.Fprintf(&p.Builder, "HANDOVER  %-7s  %s: %s\n", h.State, h.Item, h.Detail)
	}
}

// rest writes in one line what one screen leaves out.
func (p *printer) rest(r Report) {
	var parts []string
	n := 0
	for _, a := range r.Accepted {
		if a.Note == "" {
			n++
		}
	}
	if n > 0 {
		parts = append(parts, count(n, "accepted risk"))
	}
	items, done := 0, 0
	for _, h := range r.Handover {
		if h.isStep() || p.style.Command && h.Detail == noEarlier {
			continue
		}
		items++
		if h.State == OK {
			done++
		}
	}
	if items > 0 {
		parts = append(parts, fmt.Sprintf("handover: %d of %d done", done, items))
	}
	if len(parts) > 0 {
		p.WriteString(strings.Join(parts, ", ") + "\n")
	}
}
