package mailrecord

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Severity hints at how much a problem matters to somebody about to launch.
// Who knows more (whether another record makes up for it) may change it.
// Severities compare.
type Severity uint8

// The severities. Info is worth knowing and no risk.
const (
	Info Severity = iota + 1
	Medium
	High
	Blocker
)

// String names the severity in lower case, "?" where it is none.
func (s Severity) String() string {
	switch s {
	case Info:
		return "info"
	case Medium:
		return "medium"
	case High:
		return "high"
	case Blocker:
		return "blocker"
	default:
		return "?"
	}
}

// Problem is one thing wrong with a record.
type Problem struct {
	// Code is stable and one of [Rules], such as "spf.multiple".
	Code string
	// Severity is the rule's own, or what this case makes of it.
	Severity Severity
	// Name is the DNS name of the record, in lower case without the last
	// dot. A parser, which does not know it, leaves it empty; a walk sets it.
	Name string
	// At counts the terms or tags of the record from one, the version not
	// counted in SPF; 0 means the record as a whole.
	At int
	// Term is the term or tag, fit to be shown: cut to 80 characters, without
	// control characters or the local part of an address.
	Term string
	// Detail says what is wrong and what follows from it, in one sentence.
	Detail string
	// Fix says what to do; it is empty where Detail says it all.
	Fix string
	// Ref is the section of the standard, such as "RFC 7208 section 4.5".
	Ref string
}

// fault is a problem before its place is known.
type fault struct {
	code, detail, fix string
	severity          Severity // 0: the rule's own
}

// lint collects the problems of one record.
type lint struct {
	name string
	out  []Problem
	seen map[kindOf]int
}

// kindOf is what the bound counts: a mild problem that fills it must not hide
// a severe one of the same code.
type kindOf struct {
	code     string
	severity Severity
}

// mostOfACode bounds the problems of one record, by code and severity: a
// hostile one could have thousands, and the first of each kind says as much.
const mostOfACode = 8

func (l *lint) add(f fault, at int, term string) {
	r := rule(f.code)
	if f.severity == 0 {
		f.severity = r.Severity
	}
	if l.seen == nil {
		l.seen = map[kindOf]int{}
	}
	kind := kindOf{f.code, f.severity}
	if l.seen[kind]++; l.seen[kind] > mostOfACode {
		return
	}
	l.out = append(l.out, Problem{f.code, f.severity, l.name, at, Show(term), f.detail, f.fix, r.Ref})
}

// blocked reports whether a problem at or above a blocker was found.
func (l *lint) blocked() bool {
	for _, p := range l.out {
		if p.Severity == Blocker {
			return true
		}
	}
	return false
}

// named sets the name of each problem.
func named(problems []Problem, name string) []Problem {
	for i := range problems {
		problems[i].Name = name
	}
	return problems
}

// Show makes a record or a part of one fit to be shown: the local part of
// every e-mail address becomes "…", control and undecodable characters are
// escaped, and it is cut to 80 characters.
func Show(s string) string { return cut(Mask(s), 80) }

// Mask replaces the local part of every e-mail address in s by "…".
func Mask(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	var b strings.Builder
	parts := strings.Split(s, "@")
	for i, p := range parts {
		if i == len(parts)-1 {
			b.WriteString(p)
			break
		}
		// An address starts after what cannot stand in one unquoted, or after
		// the scheme of its URI.
		bare := p
		if local, ok := strings.CutSuffix(p, `"`); ok { // "first last"@
			bare = local[:strings.LastIndexByte(local, '"')+1]
		}
		b.WriteString(bare[:strings.LastIndexAny(bare, " \t,;:<>\"=")+1])
		b.WriteString("…@")
	}
	return b.String()
}

func cut(s string, most int) string {
	runes := 0
	for i := range s {
		if runes++; runes > most {
			s = s[:i] + "…"
			break
		}
	}
	if utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return s
	}
	q := strconv.Quote(s)
	return q[1 : len(q)-1]
}

// quote is Show in quotes, for a sentence.
func quote(s string) string { return `"` + Show(s) + `"` }
