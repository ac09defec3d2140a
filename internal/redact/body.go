package redact

import (
	"regexp"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/secretscan"
)

const (
	// Mask stands in place of a value whose name nobody knows.
	Mask = "«hidden»"
	// sentence is how much of a value is searched for the words of one.
	sentence = 200
)

var (
	tag        = regexp.MustCompile(`(?i)<(?:input|meta|button|param|option|textarea)\b[^>]*>`)
	tagName    = regexp.MustCompile(`(?i)\s(?:name|id|property|type)\s*=\s*["']?([^"'\s>]+)`)
	tagValue   = regexp.MustCompile(`(?i)(\s(?:value|content)\s*=\s*)("[^"]*"|'[^']*'|[^\s>]+)`)
	element    = regexp.MustCompile(`<([A-Za-z_][A-Za-z0-9_:.-]*)>([^<>]+)</`)
	jwt        = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)*`)
	authScheme = regexp.MustCompile(`(?i)\b((?:bearer|basic|token)(?:\s|%20|\+)+)[A-Za-z0-9._~+/%=-]{16,}`)
	userInfo   = regexp.MustCompile(`(://[^\s/?#:@"'<>]*:)[^\s/"'<>«]+@`)
	pemBlock   = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY[A-Z ]*-----[^<"]*?(?:-----END [A-Z ]*-----|$|["<])`)
	longWord   = regexp.MustCompile(`[A-Za-z0-9_][A-Za-z0-9_.=+/-]{15,}`)

	// aboutValue are words of a sentence about a value, such as the one that a
	// form has about a password.
	aboutValue = regexp.MustCompile(`(?i)(?:^|\s)(?:is|are|was|must|may|has|have|be|not|no|the|your|too|cannot|can't|invalid|required|blank|missing|wrong|incorrect|failed|expired|short|weak|unknown|denied|true|false|null|none)[.,!]?(?:\s|$)`)
)

// Body is the beginning of an answer's body. Besides what is known to be
// secret, it hides what the names of values and the shapes of tokens tell.
func (r *Redactor) Body(s string, limit int) string {
	return Cut(r.Text(Tokens(withoutValues(r.head(s, limit)))), limit)
}

// withoutValues hides the values of names that open something.
func withoutValues(s string) string {
	s = tag.ReplaceAllStringFunc(s, func(t string) string {
		for _, m := range tagName.FindAllStringSubmatch(t, -1) {
			if Opens(m[1]) {
				return tagValue.ReplaceAllStringFunc(t, func(v string) string {
					m := tagValue.FindStringSubmatch(v)
					if Hides("", m[2]) {
						return m[1] + `"` + Mask + `"`
					}
					return v
				})
			}
		}
		return t
	})
	s = element.ReplaceAllStringFunc(s, func(e string) string {
		if m := element.FindStringSubmatch(e); Hides(m[1], m[2]) {
			return "<" + m[1] + ">" + Mask + "</"
		}
		return e
	})
	return withoutPairs(s)
}

// Hides reports whether a name and its value are such that the value opens
// something. A code, a key and a state are often none of that, and a form has
// sentences about its passwords.
func Hides(name, value string) bool {
	value = strings.Trim(value, `"'[]() `)
	switch {
	case value == "" || strings.HasPrefix(value, "«") || strings.HasPrefix(value, "{"), aboutValue.MatchString(value[:min(len(value), sentence)]):
		return false
	case name == "":
		return true
	case slices.Contains([]string{"code", "key", "state"}, strings.ToLower(name)):
		return len(value) >= 16 && strings.ContainsAny(value, "0123456789") && !strings.ContainsAny(value, " \n")
	}
	return Opens(name)
}

// Tokens hides what has the shape of a token or of a key.
func Tokens(s string) string {
	s = pemBlock.ReplaceAllString(s, Mask)
	s = jwt.ReplaceAllString(s, Mask)
	s = authScheme.ReplaceAllString(s, "${1}"+Mask)
	s = userInfo.ReplaceAllString(s, "${1}"+Mask+"@")
	var scanner secretscan.Scanner
	return longWord.ReplaceAllStringFunc(s, func(word string) string {
		if !strings.ContainsAny(word, "0123456789") {
			return word
		}
		if found, err := scanner.Scan("", strings.NewReader(word)); err != nil || len(found) > 0 {
			return Mask
		}
		return word
	})
}
