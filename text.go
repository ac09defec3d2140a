package readiness

import (
	"fmt"
	"io"
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
}

const (
	mostFindings = 7 // on one screen
	mostUnknown  = 3
	mostHosts    = 6
)

// WriteText writes r for people, on one screen: a line that counts, the worst
// findings, seven at most, each with its severity, code, subject and title in
// columns, below it what was seen and the fix, then how many more there are,
// what is unknown, and where the hosts point. Where nothing was found it says
// what was checked. It writes once, and returns the error of w.
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

// head writes the line that counts.
func (p *printer) head(r Report) {
	checked := ""
	if r.variables > 0 {
		checked = "environment: " + count(r.variables, "variable") + " checked"
	}
	c := r.Counts()
	switch {
	case r.Domain != "":
		fmt.Fprintf(&p.Builder, "%s  %s, %d high, %d medium", r.Domain, count(c.Blocker, "blocker"), c.High, c.Medium)
		if c.Unknown > 0 {
			fmt.Fprintf(&p.Builder, ", %d not checked", c.Unknown)
		}
		fmt.Fprintf(&p.Builder, "  (%s, %.1f s)\n", count(r.lookups, "lookup"), max(r.took, 100*time.Millisecond).Seconds())
		if checked != "" {
			p.WriteString(checked)
			if r.remembers && !r.earlier {
				p.WriteString(", " + noEarlier)
			}
			p.WriteByte('\n')
		}
	case len(r.Findings)+len(r.Unknown) > 0:
		fmt.Fprintf(&p.Builder, "%s, %d high, %d medium", count(c.Blocker, "blocker"), c.High, c.Medium)
		if c.Unknown > 0 {
			fmt.Fprintf(&p.Builder, ", %d not checked", c.Unknown)
		}
		if checked != "" {
			fmt.Fprintf(&p.Builder, " (%s)", checked)
		}
		p.WriteByte('\n')
	case checked == "":
		p.WriteString("environment: no variable is declared, nothing checked\n")
	default:
		p.WriteString(checked + ", nothing found\n")
	}
	if r.Domain == "" && r.remembers && !r.earlier && r.variables > 0 {
		p.WriteString(noEarlier + "\n")
	}
	if why := r.blind(); why != "" {
		fmt.Fprintf(&p.Builder, "could not look: %s\n", why)
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
		if p.style.All && f.Detail != "" {
			fmt.Fprintf(&p.Builder, "%*s  %s\n", severity, "", f.Detail)
		}
		for _, e := range f.Evidence {
			fmt.Fprintf(&p.Builder, "%*s  seen: %s\n", severity, "", e)
		}
		if f.Fix != "" {
			fmt.Fprintf(&p.Builder, "%*s  fix: %s\n", severity, "", f.Fix)
		}
	}
	if more := len(found) - len(list); more > 0 {
		fmt.Fprintf(&p.Builder, "… and %d more (launchcheck -all shows them)\n", more)
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

func (p *printer) unknown(list []Finding) {
	for i, f := range list {
		if !p.style.All && i == mostUnknown {
			fmt.Fprintf(&p.Builder, "UNKNOWN  … and %d more\n", len(list)-i)
			break
		}
		fmt.Fprintf(&p.Builder, "UNKNOWN  %s  %s  %s\n", f.Code, f.Subject, f.Title)
	}
}

func (p *printer) hosts(hosts []HostMap) {
	for i, h := range hosts {
		if !p.style.All && i == mostHosts {
			fmt.Fprintf(&p.Builder, "MAP  … and %s more\n", count(len(hosts)-i, "host"))
			break
		}
		fmt.Fprintf(&p.Builder, "MAP  %s\n", h.line())
	}
}

func (p *printer) accepted(list []Accepted) {
	for _, a := range list {
		fmt.Fprintf(&p.Builder, "ACCEPTED  %s  %s  until %s: %s\n", a.Finding.Code, a.Finding.Subject, a.Until, a.Reason)
	}
}

func (p *printer) handover(list []HandoverItem) {
	for _, h := range list {
		fmt.Fprintf(&p.Builder, "HANDOVER  %-7s  %s: %s\n", h.State, h.Item, h.Detail)
	}
}

// rest writes in one line what one screen leaves out.
func (p *printer) rest(r Report) {
	var parts []string
	if n := len(r.Accepted); n > 0 {
		parts = append(parts, count(n, "accepted risk"))
	}
	if n := len(r.Handover); n > 0 {
		done := 0
		for _, h := range r.Handover {
			if h.State == OK {
				done++
			}
		}
		parts = append(parts, fmt.Sprintf("handover: %d of %d done", done, n))
	}
	if len(parts) > 0 {
		p.WriteString(strings.Join(parts, ", ") + "\n")
	}
}
