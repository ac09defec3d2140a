package webpage

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// quoteReach is how far before a text its quotation mark may be.
	quoteReach = 200
	// maxMatches bounds how many matches are looked at.
	maxMatches = 20
)

var (
	// asks begins a title or sentence that is about what follows.
	asks = regexp.MustCompile(`(?i)^\s*(?:why|how|what (?:is|are|do|does|to|means?)|fix(?:ing)?|understanding|troubleshooting|debugging|solved)\b`)
	// names ends what leads to something that is talked about.
	names = regexp.MustCompile(`(?i)\b(?:shows?|showing|says?|saying|prints?|printing|printed|reads?|appears? as|displays?|instead of|means?|the (?:text|words?|string|value|message|error)|literal(?:ly)?)[:,]?\s*$`)
)

// mentioned reports whether a match in a text is one that a page talks about:
// in quotation marks, or led to by a word such as "says".
func mentioned(text string, from, to int) bool {
	start := max(0, from-quoteReach)
	for start < from && !utf8.RuneStart(text[start]) {
		start++
	}
	before := text[start:from]
	before = before[strings.LastIndexByte(before, '\n')+1:]
	end := min(len(text), to+quoteReach)
	after, _, _ := strings.Cut(text[to:end], "\n")
	if r, _ := utf8.DecodeLastRuneInString(before); isQuote(r) {
		return true
	}
	// A quotation that began earlier in the sentence and goes on.
	if opened := strings.LastIndexAny(before, "“„«"); opened >= 0 && opened >= strings.LastIndexAny(before, "”»") && strings.ContainsAny(after, "”“»") {
		return true
	}
	if strings.Count(before, `"`)%2 == 1 && strings.Contains(after, `"`) {
		return true
	}
	return asks.MatchString(before) || names.MatchString(before)
}

func isQuote(r rune) bool {
	return unicode.In(r, unicode.Pi, unicode.Pf) || r == '"' || r == '\'' || r == '`' || r == '„' || r == '‚'
}

// ownWords reports whether a text has a match that it does not just mention.
func ownWords(re *regexp.Regexp, text string) bool {
	for _, at := range re.FindAllStringIndex(text, maxMatches) {
		if !mentioned(text, at[0], at[1]) {
			return true
		}
	}
	return false
}

// subject reports whether a title or heading is about a match in it, rather
// than broken by it.
func subject(re *regexp.Regexp, title string) bool {
	at := re.FindStringIndex(title)
	return at != nil && (asks.MatchString(title) || mentioned(title, at[0], at[1]))
}
