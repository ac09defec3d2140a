package smoke

import (
	"regexp"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/secretscan"
)

const mask = "«hidden»"

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

// body is the beginning of an answer's body. Besides what is known to be
// secret, it hides what the names of values and the shapes of tokens tell.
func (r *redactor) body(s string, limit int) string {
	s = r.replace(s)
	if len(s) > 8*limit {
		s = s[:8*limit]
		s = s[:len(s)-len(emailEnd.FindString(s[7*limit:]))]
	}
	return cut(r.text(withoutTokens(withoutValues(s))), limit)
}

// withoutValues hides the values of names that open something.
func withoutValues(s string) string {
	s = tag.ReplaceAllStringFunc(s, func(t string) string {
		for _, m := range tagName.FindAllStringSubmatch(t, -1) {
			if opensSomething(m[1]) {
				return tagValue.ReplaceAllStringFunc(t, func(v string) string {
					m := tagValue.FindStringSubmatch(v)
					if opens("", m[2]) {
						return m[1] + `"` + mask + `"`
					}
					return v
				})
			}
		}
		return t
	})
	s = element.ReplaceAllStringFunc(s, func(e string) string {
		if m := element.FindStringSubmatch(e); opens(m[1], m[2]) {
			return "<" + m[1] + ">" + mask + "</"
		}
		return e
	})
	return withoutPairs(s)
}

// opens reports whether a name and its value are such that the value opens
// something. A code, a key and a state are often none of that, and a form has
// sentences about its passwords.
func opens(name, value string) bool {
	value = strings.Trim(value, `"'[]() `)
	switch {
	case value == "" || strings.HasPrefix(value, "«") || strings.HasPrefix(value, "{"), aboutValue.MatchString(value[:min(len(value), shownValue)]):
		return false
	case name == "":
		return true
	case slices.Contains([]string{"code", "key", "state"}, strings.ToLower(name)):
		return len(value) >= 16 && strings.ContainsAny(value, "0123456789") && !strings.ContainsAny(value, " \n")
	}
	return opensSomething(name)
}

// withoutTokens hides what has the shape of a token or of a key.
func withoutTokens(s string) string {
	s = pemBlock.ReplaceAllString(s, mask)
	s = jwt.ReplaceAllString(s, mask)
	s = authScheme.ReplaceAllString(s, "${1}"+mask)
	s = userInfo.ReplaceAllString(s, "${1}"+mask+"@")
	var scanner secretscan.Scanner
	return longWord.ReplaceAllStringFunc(s, func(word string) string {
		if !strings.ContainsAny(word, "0123456789") {
			return word
		}
		if found, err := scanner.Scan("", strings.NewReader(word)); err != nil || len(found) > 0 {
			return mask
		}
		return word
	})
}
