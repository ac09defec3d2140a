package cachecontrol_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/cachecontrol"
)

// The grammar of a Cache-Control line (RFC 9111, section 5.2; RFC 9110,
// sections 5.6.1 to 5.6.4), but that a token has no single quote.
const (
	token     = "[-_.!#$%&*+^`|~0-9A-Za-z]+"
	quoted    = `"(?:[^"\\]|\\.)*"`
	directive = token + `(?:=(?:` + token + `|` + quoted + `))?`
)

var (
	wellFormed = regexp.MustCompile(`(?s)^[ \t]*(?:` + directive + `)?(?:[ \t]*,[ \t]*(?:` + directive + `)?)*[ \t]*$`)
	parts      = regexp.MustCompile(`(?s)` + directive)
	arguments  = regexp.MustCompile(`(?s)=` + quoted + `[ \t]*(,|$)`)
)

// restrictions are the flags that forbid, by name.
func restrictions(d directives) map[string]bool {
	return map[string]bool{
		"no-store": d.NoStore, "no-cache": d.NoCache, "private": d.Private, "must-revalidate": d.MustRevalidate,
		"proxy-revalidate": d.ProxyRevalidate, "no-transform": d.NoTransform, "only-if-cached": d.OnlyIfCached,
	}
}

// byGrammar reads a well-formed line with regular expressions.
func byGrammar(line string) (d directives) {
	for _, part := range parts.FindAllString(line, -1) {
		name, argument, has := strings.Cut(part, "=")
		if strings.HasPrefix(argument, `"`) {
			argument = argument[1 : len(argument)-1]
		}
		d.Set(name, argument, has)
	}
	return d
}

// bySplitting names what someone who knows no grammar sees in a line: words
// between commas, semicolons and space, in lower case and without arguments.
// Quoted arguments are taken out where that leaves no quote behind.
func bySplitting(line string) (names []string) {
	if bare := arguments.ReplaceAllString(line, "$1"); !strings.Contains(bare, `"`) {
		line = bare
	}
	for word := range strings.FieldsFuncSeq(line, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`,;"`, r) }) {
		name, _, _ := strings.Cut(word, "=")
		names = append(names, strings.ToLower(name))
	}
	return names
}

// A well-formed line means what the grammar says. In any other, whatever
// restrictive directive a simple splitter sees, Parse sees too. And no line,
// however malformed, hides what is appended to it.
func FuzzParse(f *testing.F) {
	for _, line := range []string{
		"no-store", "public, max-age=1, Private", `private="a,b",max-age="60"`, `x="no-store"`, "max-age=0;no-store", `x="\"", no-store`,
		`x="a, no-store, y="b"`, `x="a, private, b", y="c`, "max-stale, MAX-STALE=5", "min-fresh=99999999999, s-maxage=x", `="a, no-store"`, "'no-cache'",
	} {
		f.Add(line, "max-age=60")
	}
	f.Fuzz(func(t *testing.T, line, other string) {
		got := cachecontrol.Parse([]string{line})
		if wellFormed.MatchString(line) {
			if want := byGrammar(line); got != want {
				t.Fatalf("%q:\ngot  %+v\nwant %+v", line, got, want)
			}
		}
		seen := bySplitting(line)
		for name, is := range restrictions(got) {
			if !is && slices.Contains(seen, name) {
				t.Fatalf("%q says %s", line, name)
			}
			if is && !strings.Contains(strings.ToLower(line), name) {
				t.Fatalf("%q does not say %s", line, name)
			}
		}
		appended := cachecontrol.Parse([]string{line + ", private, max-age=60"})
		if !appended.Private || !appended.MaxAge.Set || appended.MaxAge.Value != 0 && appended.MaxAge != of(60) {
			t.Fatalf("%q hides what is appended: %+v", line, appended)
		}
		both, turned := cachecontrol.Parse([]string{line, other}), cachecontrol.Parse([]string{other, line})
		if both != turned {
			t.Fatalf("the order of %q and %q counts:\n%+v\n%+v", line, other, both, turned)
		}
		for name, is := range restrictions(got) {
			if is && !restrictions(both)[name] {
				t.Fatalf("%q takes the %s of %q back", other, name, line)
			}
		}
		for _, s := range []seconds{both.MaxAge, both.SMaxAge, both.MinFresh, both.MaxStale, both.StaleWhileRevalidate, both.StaleIfError} {
			if s.Value < 0 || s.Value > cachecontrol.Longest || !s.Set && s.Value != 0 {
				t.Fatalf("%q, %q: %+v", line, other, s)
			}
		}
	})
}
