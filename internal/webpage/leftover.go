package webpage

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// leftovers are what a template or a failed formatting leaves in a text. What
// is loose is what people write about, too, in the middle of a sentence.
var leftovers = []struct {
	what  string
	loose bool
	match *regexp.Regexp
}{
	{action, false, regexp.MustCompile(`\{\{-?\s*(?:\.[A-Za-z]|\$\.|\$[A-Za-z]\w*\s*[.|,:=]|end\b|else\b|(?:if|range|with|template|block|define|include|partial)\s+[-"$.(A-Za-z` + "`" + `])[^{}]{0,200}\}\}`)},
	{action, false, regexp.MustCompile(`\{\{-?\s*\$[A-Za-z]\w*\s*-?\}\}`)},
	{action, false, regexp.MustCompile(`\{%-?\s*(?:if|for|endif|endfor|block|endblock|extends|include|load|set|url|csrf_token)\b[^{}]{0,200}%\}`)},
	{action, false, regexp.MustCompile(`<%[=-]?\s*[A-Za-z@][^<>]{0,200}%>`)},
	{"a failed formatting", false, regexp.MustCompile(`%!(?:[a-zA-Z]\((?:[*\[\]\w.{}]+=|MISSING\)|BADINDEX\))|\((?:EXTRA |NOVERB\)|BADWIDTH\)|BADPREC\)))`)},
	{"a missing value", true, regexp.MustCompile(`<no value>`)},
	{"an object without a text", true, regexp.MustCompile(`\[object Object\]`)},
}

const action = "a template action"

// unsafeValue is what html/template puts in place of what it refuses.
const unsafeValue = "ZgotmplZ"

// ofScript are actions that a script which takes the page over understands,
// and Go's templates hardly ever have: a variable of a script's framework, or
// one that happens to be called "end".
var ofScript = regexp.MustCompile(`^\{\{\s*(?:\$[a-z]\w*\s*[.(\[]\s*['"a-z]|\$(?:t|tc|te|d|n|route|router|store|i18n|attrs|props|refs|data|root|parent|options|slots|index)\b|end\s*\}\})`)

// Leftover returns what is left of a template on a page, "" for nothing. What
// a page quotes, as code or in quotation marks, is its subject.
func Leftover(f Facts) (what, text string) {
	if strings.Contains(f.Attrs, unsafeValue) || strings.Contains(f.Prose, unsafeValue) {
		return "a value that html/template refused", unsafeValue
	}
	titles := append([]string{f.Title}, f.Headings...)
	for _, l := range leftovers {
		about := func(title string) bool { return subject(l.match, title) && (l.loose || l.match.MatchString(f.Quoted)) }
		if slices.ContainsFunc(titles, about) {
			continue
		}
		if m := l.match.FindString(f.Title); m != "" {
			return l.what, squeeze(m)
		}
		if f.Scripted && l.what == action {
			continue // a script fills it in
		}
		for _, at := range l.match.FindAllStringIndex(f.Prose, maxMatches) {
			m := f.Prose[at[0]:at[1]]
			if l.loose && mentioned(f.Prose, at[0], at[1]) || l.what == action && f.Script && ofScript.MatchString(m) {
				continue
			}
			return l.what, squeeze(m)
		}
	}
	return "", ""
}

// Blank reports whether a page shows nothing to a visitor. Only what is
// declared to be a page can be blank: a probe answers with an empty body, too.
func Blank(media string, f Facts) bool {
	return IsHTML(media) && !f.Shows && nothing(f.Prose) && nothing(f.Quoted)
}

// nothing reports whether a text is white space, or what is as wide as nothing:
// a byte order mark and the signs that join words or let them break.
func nothing(text string) bool {
	return strings.TrimFunc(text, func(c rune) bool {
		return unicode.IsSpace(c) || strings.ContainsRune("\ufeff\u200b\u200c\u200d\u2060", c)
	}) == ""
}
