package redact_test

import (
	"fmt"
	"strings"

	"github.com/launchready/readiness/internal/redact"
)

// hide hides one secret in a text.
func hide(name, secret, text string) string { return knows(name, secret).Text(text) }

func knows(name, secret string) *redact.Redactor {
	var r redact.Redactor
	r.Add(name, secret)
	return &r
}

// hideAll hides many values in a text, twice: before the last one is known and
// after it.
func hideAll(values []string, text string) (before, after string) {
	var r redact.Redactor
	for i, v := range values {
		if i == len(values)-1 {
			before = r.Text(text)
		}
		r.Add("V", v)
	}
	return before, r.Text(text)
}

// longSecret is a secret of n bytes of which no eight in a row come twice.
func longSecret(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "q%06dz", i)
	}
	return b.String()[:n]
}
