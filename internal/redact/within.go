package redact

import (
	"encoding/base64"
	"strings"
)

// within returns what else opens something in a value: a variable often ends
// with a line break that nobody sends, and holds a whole header, of which
// a service repeats what stands behind the scheme.
func within(value string) []string {
	trimmed := strings.TrimSpace(value)
	all := []string{trimmed}
	scheme, rest, _ := strings.Cut(trimmed, " ")
	rest = strings.TrimSpace(rest)
	switch strings.ToLower(scheme) {
	case "bearer", "token":
		all = append(all, rest)
	case "basic":
		all = append(all, rest)
		if text, err := base64.StdEncoding.DecodeString(rest); err == nil {
			user, password, ok := strings.Cut(string(text), ":")
			if !ok {
				password = user
			}
			all = append(all, password)
		}
	}
	return all
}
