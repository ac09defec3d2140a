package readiness

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// EnvVar declares one environment variable. A variable that is set to the empty
// string, or to white space alone, counts as not set.
type EnvVar struct {
	_ [0]func()

	// Name is the name of the variable: letters, digits and _. It is required.
	Name string
	// Optional says that the service works without the variable; where it is
	// set, its value must still be right. Default: the variable is required.
	Optional bool
	// Secret says that the value must not be seen. No part of it, and not its
	// length, reaches a finding, a log or an error. It also makes the search
	// for placeholders stricter: "password" is an ordinary name of a field,
	// but no password.
	Secret bool
	// Format is what the value must be, such as [URL]. Default: any text.
	Format Format
	// Schemes lists the schemes that a URL may have, such as "postgres" (without
	// "://"); upper and lower case are the same. It needs Format [URL].
	// Default: any.
	Schemes []string
	// OneOf lists the values that are allowed, exactly as they must be
	// written; none of them is taken for a placeholder. It cannot go together
	// with Secret, since findings show the list. Default: any.
	OneOf []string
	// Prefix is what the value must begin with, such as "sk_live_". It is shown
	// in findings, even that of a Secret. Default: none.
	Prefix string
	// MinLength is the least number of characters (Unicode code points).
	// Default: 0, no limit.
	MinLength int
}

// variable looks at one variable and returns what is wrong with it. A value is
// checked free of the white space and quotes around it, so that one mistake
// in copying is one finding and hides no other.
func (c *Checker) variable(v *EnvVar) []Finding {
	raw, _ := c.lookup(v.Name)
	value, spaced, quoted := clean(raw)
	if value == "" {
		if !v.Optional {
			return []Finding{c.missing(v)}
		}
		if raw == "" {
			return nil
		}
	}
	var found []Finding
	if value != "" {
		found = v.check(value)
	}
	if !spaced && !quoted {
		return c.withEvidence(found, v, raw)
	}
	// The program reads the raw value: where that breaks a rule which the clean
	// one keeps, it cannot work.
	severity := Medium
	switch {
	case len(found) == 0 && value != "" && len(v.check(raw)) > 0:
		severity = Blocker
	case v.Secret:
		severity = High
	}
	if spaced {
		found = append(found, Finding{
			Code: codeWhitespace, Severity: severity, Subject: v.Name, Title: "white space or an invisible character around the value",
			Detail: "A blank, a line break or an invisible character came along when the value was copied. Keys stop matching and headers are refused.",
			Fix:    "set " + v.Name + " again without anything before or after its value; write secrets with printf %s, since echo adds a line break",
		})
	}
	if quoted {
		found = append(found, Finding{
			Code: codeQuoted, Severity: severity, Subject: v.Name, Title: "quotes around the value are part of it",
			Detail: "A shell and a .env file take quotes off, but docker run --env-file, systemd units and many dashboards do not.",
			Fix:    "set " + v.Name + " again without the quotes",
		})
	}
	return c.withEvidence(found, v, raw)
}

// withEvidence adds what may be shown of the value to every finding.
func (c *Checker) withEvidence(found []Finding, v *EnvVar, raw string) []Finding {
	for i := range found {
		found[i].Evidence = c.evidence(v, raw)
	}
	return found
}

// check returns the findings of a value that is set, without evidence.
func (v *EnvVar) check(value string) []Finding {
	if len(v.OneOf) > 0 {
		if slices.Contains(v.OneOf, value) {
			return nil
		}
		if title := v.placeholder(value); title != "" {
			return []Finding{v.placeholderFinding(title)}
		}
		detail := ""
		if slices.ContainsFunc(v.OneOf, func(s string) bool { return strings.EqualFold(s, value) }) {
			detail = "It differs from an allowed value in upper and lower case alone."
		}
		return []Finding{{
			Code: codeOneOf, Severity: Blocker, Subject: v.Name, Title: "none of the values that are allowed", Detail: detail, Fix: v.fix(),
		}}
	}
	var found []Finding
	if title := v.placeholder(value); title != "" {
		found = append(found, v.placeholderFinding(title))
		if name := scheme(value); v.Format == URL && name != "" && !v.allows(name) {
			found = append(found, v.schemeFinding())
		}
		return found // a length or a prefix of what is no value says nothing
	}
	if v.Format != "" {
		if why := v.Format.wrong(value, v.Schemes); why != "" {
			found = append(found, Finding{
				Code: codeFormat, Severity: Blocker, Subject: v.Name, Title: v.Format.title(), Detail: why, Fix: v.fix(), Ref: v.Format.ref(),
			})
		} else if v.Format == URL && !v.allows(scheme(value)) {
			found = append(found, v.schemeFinding())
		}
	}
	if !strings.HasPrefix(value, v.Prefix) {
		found = append(found, Finding{
			Code: codePrefix, Severity: Blocker, Subject: v.Name, Title: "does not begin as it must",
			Detail: "A value of another kind or of another environment, such as a test key, does not work here.", Fix: v.fix(),
		})
	}
	if v.MinLength > 0 && utf8.RuneCountInString(value) < v.MinLength {
		found = append(found, Finding{
			Code: codeTooShort, Severity: Blocker, Subject: v.Name, Title: fmt.Sprintf("shorter than %s", count(v.MinLength, "character")), Fix: v.fix(),
		})
	}
	return found
}

// allows reports whether a URL may have the scheme.
func (v *EnvVar) allows(scheme string) bool {
	return len(v.Schemes) == 0 || slices.ContainsFunc(v.Schemes, func(s string) bool { return strings.EqualFold(s, scheme) })
}

func (c *Checker) missing(v *EnvVar) Finding {
	title := "not set"
	if c.inProcess {
		title = "not set in this process"
	}
	return Finding{
		Code: codeMissing, Severity: Blocker, Subject: v.Name, Title: title,
		Detail: "The variable is required. An empty value counts as not set.", Fix: v.fix(),
	}
}

func (v *EnvVar) schemeFinding() Finding {
	return Finding{
		Code: codeScheme, Severity: Blocker, Subject: v.Name, Title: "a URL of another scheme than those allowed",
		Fix: v.fix(), Ref: "RFC 3986 section 3.1",
	}
}

// fix says what to set the variable to, from its declaration alone.
func (v *EnvVar) fix() string {
	to := " in the environment of the service"
	switch {
	case len(v.OneOf) > 0:
		to = " to one of " + some(v.OneOf)
	case v.Format == URL && len(v.Schemes) > 0:
		to = " to a URL that begins with " + strings.Join(each(v.Schemes, func(s string) string { return strings.ToLower(s) + "://" }), " or ")
	case v.Format != "":
		to = " to " + v.Format.want()
	case v.Prefix == "" && v.Secret && v.MinLength > 0:
		return fmt.Sprintf("set %s to at least %s, such as the output of: openssl rand -hex %d", v.Name, count(v.MinLength, "random character"), max(16, (v.MinLength+1)/2))
	case v.Prefix != "":
		to = " to the value that begins with " + quoteCut(v.Prefix)
	case v.MinLength > 0:
		to = " to at least " + count(v.MinLength, "character")
	}
	if v.Prefix != "" && v.Format != "" && len(v.OneOf) == 0 {
		to += ", beginning with " + quoteCut(v.Prefix)
	}
	return "set " + v.Name + to
}

// clean returns the value without the white space, invisible characters and
// quotes around it, and which of the two there was.
func clean(raw string) (value string, spaced, quoted bool) {
	value = strings.TrimFunc(raw, invisible)
	spaced = len(value) != len(raw)
	for _, q := range [...][2]string{{`"`, `"`}, {"'", "'"}, {"`", "`"}, {"“", "”"}, {"‘", "’"}} {
		inner, ok := strings.CutPrefix(value, q[0])
		if !ok || len(value) < len(q[0])+len(q[1]) || !strings.HasSuffix(inner, q[1]) {
			continue
		}
		inner = strings.TrimSuffix(inner, q[1])
		if strings.Contains(inner, q[0]) || strings.Contains(inner, q[1]) {
			break // "a","b" is a list, no value in quotes
		}
		trimmed := strings.TrimFunc(inner, invisible)
		return trimmed, spaced || len(trimmed) != len(inner), true
	}
	return value, spaced, false
}

// invisible reports white space and what does not print but is copied along.
func invisible(r rune) bool {
	switch r {
	case '\u200B', '\u200C', '\u200D', '\u2060', '\uFEFF':
		return true
	}
	return unicode.IsSpace(r)
}
