package readiness

import "strings"

// unexpanded reports the name of a variable in the marks of a shell, a
// template or a manifest, as the whole of s.
func unexpanded(s string) bool {
	if len(s) < 4 {
		return false
	}
	if strings.HasPrefix(s, "${{") && strings.HasSuffix(s, "}}") {
		return true
	}
	if inner, ok := strings.CutPrefix(s, "{{"); ok && strings.HasSuffix(s, "}}") && strings.HasPrefix(strings.TrimLeft(inner, "- "), ".Values.") {
		return true // of a Helm chart; {{.Message}} may well be the format of a log
	}
	var name string
	switch last := s[len(s)-1]; {
	case s[0] == '$' && (s[1] == '{' && last == '}' || s[1] == '(' && last == ')'):
		name, _, _ = strings.Cut(s[2:len(s)-1], ":-")
	case s[0] == '%' && last == '%', s[0] == '@' && last == '@':
		name = s[1 : len(s)-1]
	case s[0] == '$':
		name = s[1:]
	}
	return name == strings.ToUpper(name) && validEnvName(name)
}

// holdsReference reports ${NAME}, and {{…}} and $(NAME) where strict, anywhere
// in s. Nothing else that a secret is made of looks like it.
func holdsReference(s string, strict bool) bool {
	for rest := s; ; {
		_, after, ok := strings.Cut(rest, "${")
		if !ok {
			break
		}
		inner, _, closed := strings.Cut(after, "}")
		if !closed {
			break
		}
		name, _, _ := strings.Cut(inner, ":-")
		if validEnvName(name) && (strict || name == strings.ToUpper(name)) {
			return true
		}
		rest = after
	}
	if !strict {
		return false
	}
	if _, after, ok := strings.Cut(s, "{{"); ok && strings.Contains(after, "}}") {
		return true
	}
	_, after, _ := strings.Cut(s, "$(")
	inner, _, closed := strings.Cut(after, ")")
	return closed && validEnvName(inner)
}
