package readiness

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// WriteText writes r for people: a line that counts, then each finding with
// its severity, code, subject and title in columns, below it what was seen and
// the fix. Where nothing was found it says what was checked. It writes once,
// and returns the error of w.
func (r Report) WriteText(w io.Writer) error {
	_, err := io.WriteString(w, r.String())
	return err
}

// String returns what WriteText writes.
func (r Report) String() string {
	if len(r.Findings) == 0 {
		if r.variables == 0 {
			return "environment: no variable is declared, nothing checked\n"
		}
		return fmt.Sprintf("environment: %s checked, nothing found\n", count(r.variables, "variable"))
	}
	var b strings.Builder
	c := r.Counts()
	fmt.Fprintf(&b, "%s, %d high, %d medium", count(c.Blocker, "blocker"), c.High, c.Medium)
	if r.variables > 0 {
		fmt.Fprintf(&b, " (environment: %s checked)", count(r.variables, "variable"))
	}
	b.WriteByte('\n')
	severity, code, subject := 0, 0, 0
	for _, f := range r.Findings {
		severity = max(severity, utf8.RuneCountInString(f.Severity.String()))
		code = max(code, utf8.RuneCountInString(f.Code))
		subject = max(subject, utf8.RuneCountInString(f.Subject))
	}
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%-*s  %-*s  %-*s  %s\n", severity, strings.ToUpper(f.Severity.String()), code, f.Code, subject, f.Subject, f.Title)
		for _, e := range f.Evidence {
			fmt.Fprintf(&b, "%*s  seen: %s\n", severity, "", e)
		}
		if f.Fix != "" {
			fmt.Fprintf(&b, "%*s  fix: %s\n", severity, "", f.Fix)
		}
	}
	return b.String()
}
