package envfile

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxSize is the largest file that is read, in bytes.
const MaxSize = 1 << 20

// maxProblems bounds what one wrong file (a binary, say) can report.
const maxProblems = 50

// Error is one problem of a file.
type Error struct {
	// Line is where it was found, counted from one.
	Line int
	// Problem says what is wrong. It holds nothing of the file but a valid name.
	Problem string
}

// Error returns "line N: problem".
func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Problem) }

// Parse reads r to its end and returns the variables by name. The error joins
// every problem, each an [*Error] (one of the reader itself excepted); the map
// is nil then.
func Parse(r io.Reader) (map[string]string, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("larger than %d bytes", MaxSize)
	}
	text := strings.TrimPrefix(string(data), "\uFEFF")
	p := parser{rest: strings.ReplaceAll(text, "\r\n", "\n"), line: 1, vars: map[string]string{}, first: map[string]int{}}
	for p.rest != "" {
		p.statement()
	}
	if p.errs != nil {
		return nil, errors.Join(p.errs...)
	}
	return p.vars, nil
}

// parser walks the text once, from left to right.
type parser struct {
	rest  string // what was not read yet, from the start of a line
	line  int    // of rest
	vars  map[string]string
	first map[string]int // line on which a name was given
	errs  []error
}

func (p *parser) problem(line int, format string, args ...any) {
	switch {
	case len(p.errs) < maxProblems:
		p.errs = append(p.errs, &Error{Line: line, Problem: fmt.Sprintf(format, args...)})
	case len(p.errs) == maxProblems:
		p.errs = append(p.errs, &Error{Line: line, Problem: "and more problems from here on"})
	}
}

// statement reads one line, or the lines of one quoted value.
func (p *parser) statement() {
	line := p.line
	s := strings.TrimLeft(p.next(), " \t\r\v\f") // the end may lie inside of quotes
	if s == "" || s[0] == '#' {
		return
	}
	if after, ok := strings.CutPrefix(s, "export"); ok && after != "" && (after[0] == ' ' || after[0] == '\t') {
		s = strings.TrimLeft(after, " \t")
	}
	name, value, found := strings.Cut(s, "=")
	name = strings.TrimSpace(name)
	switch {
	case !found:
		p.problem(line, "must be NAME=VALUE, but there is no =")
		return
	case !validName(name):
		p.problem(line, "the name before = must be letters, digits and _, and not begin with a digit")
		return
	}
	if at, ok := p.first[name]; ok {
		p.problem(line, "%s is set a second time, first on line %d: keep one", name, at)
	} else {
		p.first[name] = line
	}
	trimmed := strings.TrimLeft(value, " \t")
	if trimmed != "" && (trimmed[0] == '"' || trimmed[0] == '\'') {
		value = p.quoted(line, name, trimmed)
	} else {
		value = bare(value)
	}
	p.vars[name] = value
}

// next takes one line off the rest.
func (p *parser) next() string {
	text, rest, _ := strings.Cut(p.rest, "\n")
	p.rest, p.line = rest, p.line+1
	return text
}

// bare returns a value without quotes, freed of its comment.
func bare(s string) string {
	for i := 1; i < len(s); i++ {
		if s[i] == '#' && (s[i-1] == ' ' || s[i-1] == '\t') {
			s = s[:i]
			break
		}
	}
	return strings.TrimSpace(s)
}

// quoted reads a value from its opening quote, over as many lines as it takes.
func (p *parser) quoted(line int, name, s string) string {
	quote := s[0]
	var b strings.Builder
	for s = s[1:]; ; s = p.next() {
		for i := 0; i < len(s); i++ {
			switch {
			case s[i] == quote:
				if after := strings.TrimSpace(s[i+1:]); after != "" && after[0] != '#' {
					p.problem(p.line-1, "%s has text after its closing quote: escape the quote, or put all of the value inside", name)
				}
				return b.String()
			case quote == '"' && s[i] == '\\' && i+1 < len(s):
				i++
				b.WriteString(escaped(s[i]))
			default:
				b.WriteByte(s[i])
			}
		}
		if p.rest == "" {
			p.problem(line, "%s has an opening quote that nothing closes", name)
			return ""
		}
		b.WriteByte('\n')
	}
}

// escaped returns what a backslash and c mean inside double quotes.
func escaped(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 'r':
		return "\r"
	case 't':
		return "\t"
	case '"', '\\', '$':
		return string(c)
	default:
		return `\` + string([]byte{c})
	}
}

func validName(s string) bool {
	for i, c := range []byte(s) {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != "" && len(s) <= 256
}
