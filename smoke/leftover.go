package smoke

import (
	"regexp"
	"strings"
)

// leftovers are what a template or a failed formatting leaves in a text.
var leftovers = []struct {
	what  string
	match *regexp.Regexp
}{
	{"a template action", regexp.MustCompile(`\{\{-?\s*(?:\.[A-Za-z]|\$[a-z]|(?:end|else|if|range|with|template|block|define|include|partial)\b)[^{}]{0,200}\}\}`)},
	{"a template action", regexp.MustCompile(`\{%-?\s*(?:if|for|endif|endfor|block|endblock|extends|include|load|set|url|csrf_token)\b[^{}]{0,200}%\}`)},
	{"a template action", regexp.MustCompile(`<%[=-]?\s*[A-Za-z@][^<>]{0,200}%>`)},
	{"a failed formatting", regexp.MustCompile(`%!(?:[a-zA-Z]\((?:[*\[\]\w.{}]+=|MISSING\)|BADINDEX\))|\((?:EXTRA |NOVERB\)|BADWIDTH\)|BADPREC\)))`)},
	{"a missing value", regexp.MustCompile(`<no value>`)},
	{"an object without a text", regexp.MustCompile(`\[object Object\]`)},
}

// unsafeValue is what html/template puts in place of what it refuses.
const unsafeValue = "ZgotmplZ"

// leftover returns what is left of a template on a page, "" for nothing. What
// a page quotes as code is its subject.
func leftover(f facts) (what, text string) {
	if strings.Contains(f.attrs, unsafeValue) || strings.Contains(f.prose, unsafeValue) {
		return "a value that html/template refused", unsafeValue
	}
	for _, l := range leftovers {
		for _, where := range []string{f.title, f.prose} {
			if f.scripted && l.what == "a template action" && where == f.prose {
				continue // a script fills it in
			}
			if m := l.match.FindString(where); m != "" {
				return l.what, squeeze(m)
			}
		}
	}
	return "", ""
}

// blank reports whether a visitor would see nothing on a page.
func blank(media string, body []byte, f facts) bool {
	if len(strings.TrimSpace(string(body))) == 0 {
		return true
	}
	return isHTML(media) && !f.shows && squeeze(f.prose) == "" && squeeze(f.quoted) == ""
}
