package readiness

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/markdown"
)

// WriteMarkdown writes r in full as a Markdown document: the risks, what is
// unknown, the launch map, and the handover with a box to tick for each item.
// It holds what Config.Handover declares, names and addresses of people
// included. It writes once, and returns the error of w.
func (r Report) WriteMarkdown(w io.Writer) error {
	_, err := io.WriteString(w, r.markdown())
	return err
}

func (r Report) markdown() string {
	var b strings.Builder
	c := r.Counts()
	title := r.Domain
	if title == "" {
		title = "the environment"
	}
	fmt.Fprintf(&b, "# Launch check of %s\n\n%s, %d high, %d medium, %d not checked.\n", markdown.Plain(title), count(c.Blocker, "blocker"), c.High, c.Medium, c.Unknown)
	if r.remembers && !r.earlier && r.variables > 0 {
		b.WriteString("As for the environment, " + noEarlier + ".\n")
	}
	if why := r.blind(); why != "" {
		fmt.Fprintf(&b, "\n**The check could not look**: %s.\n\n%s.\n", markdown.Plain(why), markdown.Plain(r.lookAgain(false)))
	}
	if len(r.Findings) > 0 {
		b.WriteString("\n## Risks\n\n")
		for _, f := range r.Findings {
			fmt.Fprintf(&b, "- [ ] **%s** %s: %s (`%s`)\n", f.Severity, markdown.Plain(f.Subject), markdown.Plain(f.Title), f.Code)
			for _, line := range []struct{ name, text string }{{"", f.Detail}, {"Fix: ", f.Fix}, {"Reference: ", f.Ref}} {
				if line.text != "" {
					fmt.Fprintf(&b, "  %s%s\n", line.name, markdown.Plain(line.text))
				}
			}
			for _, e := range f.Evidence {
				fmt.Fprintf(&b, "  - seen: %s\n", markdown.Plain(e))
			}
		}
	}
	if len(r.Unknown) > 0 {
		b.WriteString("\n## Not checked\n\n")
		for _, f := range r.Unknown {
			fmt.Fprintf(&b, "- %s: %s (`%s`)\n", markdown.Plain(f.Subject), markdown.Plain(f.Title), f.Code)
		}
	}
	if len(r.Map) > 0 {
		b.WriteString("\n## Launch map\n\n| host | leads to | addresses | provider | redirects to | certificate | TTL |\n|---|---|---|---|---|---|---|\n")
		for _, h := range r.Map {
			b.WriteString(h.row())
		}
	}
	if len(r.Accepted) > 0 {
		b.WriteString("\n## Accepted risks\n\n")
		for _, a := range r.Accepted {
			if a.Note != "" {
				fmt.Fprintf(&b, "- %s, until %s: %s\n", strings.TrimSpace("`"+a.Finding.Code+"` "+markdown.Plain(a.Finding.Subject)), a.Until, markdown.Plain(a.Note))
				continue
			}
			fmt.Fprintf(&b, "- %s: %s (`%s`), until %s: %s\n", markdown.Plain(a.Finding.Subject), markdown.Plain(a.Finding.Title), a.Finding.Code, a.Until, markdown.Plain(a.Reason))
		}
	}
	if len(r.Handover) > 0 {
		b.WriteString("\n## Handover\n\n")
		for _, h := range r.Handover {
			box := " "
			if h.State == OK {
				box = "x"
			}
			note := ""
			if h.State == Unclear {
				note = " (unknown)"
			}
			fmt.Fprintf(&b, "- [%s] %s%s: %s\n", box, markdown.Plain(h.Item), note, markdown.Plain(h.Detail))
		}
	}
	return b.String()
}

// row returns h as a row of a table.
func (h HostMap) row() string {
	provider := h.Provider
	if h.Proxied {
		provider = strings.TrimPrefix(provider+", proxied", ", ")
	}
	certificate := h.CertificateIssuer
	if !h.CertificateEnds.IsZero() {
		certificate += " until " + h.CertificateEnds.UTC().Format(time.DateOnly)
	}
	addrs := strings.Join(each(h.Addresses, netip.Addr.String), ", ")
	if addrs == "" {
		addrs = strings.TrimPrefix(h.lacks, "?")
	}
	cells := []string{
		h.Name, strings.Join(h.Chain, " → "), addrs, provider, h.Redirect,
		strings.TrimSpace(certificate), h.keeps(),
	}
	return "| " + strings.Join(each(cells, markdown.Plain), " | ") + " |\n"
}
