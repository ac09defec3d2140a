package webpage

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

// Leftover returns what is left of a template on a page, "" for nothing. What
// a page quotes as code is its subject.
func Leftover(f Facts) (what, text string) {
	if strings.Contains(f.Attrs, unsafeValue) || strings.Contains(f.Prose, unsafeValue) {
		return "a value that html/template refused", unsafeValue
	}
	for _, l := range leftovers {
		for _, where := range []string{f.Title, f.Prose} {
			if f.Scripted && l.what == "a template action" && where == f.Prose {
				continue // a script fills it in
			}
			if m := l.match.FindString(where); m != "" {
				return l.what, squeeze(m)
			}
		}
	}
	return "", ""
}

// Blank reports whether a visitor would see nothing on a page.
func Blank(media string, body []byte, f Facts) bool {
	if len(strings.TrimSpace(string(body))) == 0 {
		return true
	}
	return IsHTML(media) && !f.Shows && squeeze(f.Prose) == "" && squeeze(f.Quoted) == ""
}
