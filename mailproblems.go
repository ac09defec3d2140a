package readiness

import (
	"fmt"
	"strings"

	"github.com/launchready/readiness/internal/dnsq"
	"github.com/launchready/readiness/internal/mailrecord"
)

// recordCodes are the rules that one record, or a walk from it, can break: the
// rows of mailrecord that are risks and whose code begins so.
func recordCodes(prefix string) []codeRow {
	var rows []codeRow
	for _, r := range mailrecord.Rules() {
		if s := severityOf(r.Severity); s != 0 && strings.HasPrefix(r.Code, prefix) {
			rows = append(rows, codeRow{r.Code, s, r.Title, r.Ref})
		}
	}
	return rows
}

// severityOf returns the severity of a problem, 0 for one that is no risk.
func severityOf(s mailrecord.Severity) Severity {
	switch s {
	case mailrecord.Blocker:
		return Blocker
	case mailrecord.High:
		return High
	case mailrecord.Medium:
		return Medium
	default:
		return 0
	}
}

// report makes a finding of every problem that is a risk. Subject is where the
// problem has no name of its own; records show what was read there.
func (d *mailLook) report(problems []mailrecord.Problem, subject string, records ...string) {
	for _, p := range problems {
		if severityOf(p.Severity) == 0 {
			continue
		}
		at := subject
		if p.Name != "" {
			at = p.Name
		}
		var evidence []string
		if p.Term != "" && p.At > 0 {
			evidence = append(evidence, fmt.Sprintf("part %d: %s", p.At, p.Term))
		} else if p.Term != "" {
			evidence = append(evidence, p.Term)
		}
		evidence = append(evidence, records...)
		fix := p.Fix
		if fix == "" {
			fix = "correct the record: " + p.Detail
		}
		d.find(p.Code, at, detail{Severity: severityOf(p.Severity), Detail: sentence(p.Detail), Evidence: evidence, Fix: fix})
	}
}

// sentence gives a clause its capital and its full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}

// absent reports whether it is a fact that there is no record.
func absent(a dnsq.Answer) bool { return a.Status == dnsq.NoData || a.Status == dnsq.NXDomain }

// txtStrings returns the strings of the TXT records of an answer, as they lie in them.
func txtStrings(a dnsq.Answer) [][]string {
	var out [][]string
	for _, r := range a.Of() {
		out = append(out, r.Text)
	}
	return out
}

// recordLines writes TXT records for evidence, without the names in their
// e-mail addresses.
func recordLines(name string, txts [][]string) []string {
	return each(txts, func(txt []string) string { return name + ` TXT "` + mailrecord.Mask(strings.Join(txt, `" "`)) + `"` })
}
