package mailrecord

import (
	"slices"
	"strconv"
	"strings"
)

// specFault says what is wrong with a domain-spec (RFC 7208, section 7.1),
// nil where nothing is. Where fatal is set, a name that cannot exist is an
// error for every receiver; elsewhere the term just never matches.
func specFault(spec string, fatal bool) *fault {
	if spec == "" {
		return syntax("the name is missing")
	}
	parts, err := macros(spec)
	if err != "" {
		return syntax(err)
	}
	last := parts[len(parts)-1]
	// The text after the last macro must end in a dot and a top label; a
	// macro may also end it.
	if !last.macro {
		literal := strings.TrimSuffix(last.text, ".")
		top := literal[strings.LastIndexByte(literal, '.')+1:]
		switch {
		case glued(literal):
			return &fault{code: "spf.missing-blank", detail: "the next term follows without a blank", fix: "put a blank before it"}
		case len(parts) == 1 && !strings.Contains(literal, "."):
			return syntax("the name has no dot: a full domain name is needed")
		case !toplabel(top) || !strings.Contains(literal, "."):
			return syntax("the name does not end in a top-level domain")
		}
	}
	if len(parts) > 1 || last.macro {
		return nil // what it becomes depends on the message
	}
	if err := nameFault(spec); err != "" {
		f := &fault{code: "spf.bad-name", detail: err}
		if fatal {
			f.severity = Blocker
		}
		return f
	}
	return nil
}

// glued reports whether the next term seems to stand in s, without a blank.
func glued(s string) bool {
	low := asciiLower(s)
	for _, all := range []string{"-all", "~all", "?all", "+all"} {
		// No top-level domain ends so.
		if strings.HasSuffix(low, all) && len(low) > len(all) {
			return true
		}
	}
	for _, name := range []string{"include:", "ip4:", "ip6:", "mx:", "a:", "exists:", "ptr:", "redirect=", "exp="} {
		if strings.Contains(low, name) {
			return true
		}
	}
	return false
}

// part is a piece of a macro-string: literal text, or one macro.
type part struct {
	text   string
	macro  bool
	letter byte // in lower case
	keep   int  // how many labels from the right; 0: all
	turn   bool // reversed
	split  string
}

// macros splits a macro-string and says what is wrong with it, "" where
// nothing is.
func macros(s string) (parts []part, wrong string) {
	literal := 0
	flush := func(end int) {
		if literal < end {
			parts = append(parts, part{text: s[literal:end]})
		}
	}
	for i := 0; i < len(s); {
		if s[i] != '%' {
			i++
			continue
		}
		flush(i)
		if i+1 == len(s) {
			return nil, "a % at the end: write %% for the character itself"
		}
		switch s[i+1] {
		case '%', '_', '-':
			parts = append(parts, part{text: map[byte]string{'%': "%", '_': " ", '-': "%20"}[s[i+1]]})
			i += 2
		case '{':
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				return nil, "a macro without its closing }"
			}
			p, err := macro(s[i+2 : i+end])
			if err != "" {
				return nil, err
			}
			parts = append(parts, p)
			i += end + 1
		default:
			return nil, "a % that starts no macro: write %% for the character itself"
		}
		literal = i
	}
	flush(len(s))
	return parts, ""
}

// macro reads what stands between %{ and }.
func macro(s string) (part, string) {
	if s == "" || !strings.Contains("slodiphcrtv", asciiLower(s[:1])) {
		return part{}, "an unknown macro: %{" + cut(s, 40) + "}"
	}
	p := part{macro: true, letter: s[0] | 0x20, split: "."}
	if strings.IndexByte("crt", p.letter) >= 0 {
		return part{}, "the macro %{" + s[:1] + "} is only for explanations"
	}
	rest := s[1:]
	n := 0
	for n < len(rest) && isDigit(rest[n]) {
		n++
	}
	if n > 0 {
		var err error
		if p.keep, err = strconv.Atoi(rest[:n]); err != nil || p.keep == 0 || p.keep > 1<<16 {
			return part{}, "the number in a macro must be at least 1: %{" + cut(s, 40) + "}"
		}
		rest = rest[n:]
	}
	if rest != "" && rest[0]|0x20 == 'r' {
		p.turn, rest = true, rest[1:]
	}
	if strings.Trim(rest, ".-+,/_=") != "" {
		return part{}, "a macro that cannot be read: %{" + cut(s, 40) + "}"
	}
	if rest != "" {
		p.split = rest
	}
	return p, ""
}

// expand returns the name that a domain-spec means at a domain. It is not ok
// where that depends on a message: only %{d} does not.
func expand(spec, domain string) (name string, ok bool) {
	parts, wrong := macros(spec)
	if wrong != "" {
		return "", false
	}
	var b strings.Builder
	for _, p := range parts {
		if !p.macro {
			b.WriteString(p.text)
			continue
		}
		if p.letter != 'd' {
			return "", false
		}
		labels := strings.FieldsFunc(domain, func(r rune) bool { return strings.ContainsRune(p.split, r) })
		if p.turn {
			slices.Reverse(labels)
		}
		if p.keep > 0 && p.keep < len(labels) {
			labels = labels[len(labels)-p.keep:]
		}
		b.WriteString(strings.Join(labels, "."))
	}
	name = normal(b.String())
	for len(name) > 253 { // labels go from the left until it fits (section 7.3)
		i := strings.IndexByte(name, '.')
		if i < 0 {
			return "", false
		}
		name = name[i+1:]
	}
	return name, true
}
