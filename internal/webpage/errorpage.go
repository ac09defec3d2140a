package webpage

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// weakPage is the size of a page from which on a weak sign says nothing.
	weakPage = 8 << 10
	// weakProse is how much a visitor can read on an error page: one with
	// more is about something.
	weakProse = 1000
	// tracePage is how much may stand beside a stack trace that is the page,
	// and is not quoted by it.
	tracePage = 120
)

// Unknown is the product of an error page that anybody may have made.
const Unknown = "an unknown product"

// ErrorPage names the product whose error page an answer is, and what gives
// it away; "" where it is none.
func ErrorPage(header http.Header, media string, body []byte, f Facts) (product, sign string) {
	text := strings.ToLower(string(body))
	trimmed := strings.TrimSpace(text)
	for _, s := range strongSignatures {
		if (s.bare || IsHTML(media)) && s.fits(header, body, text, trimmed) {
			return s.product, s.sign(f)
		}
	}
	switch {
	case IsHTML(media):
		return weakError(body, f)
	case media == "text/plain":
		return plainError(body, trimmed)
	}
	return "", ""
}

func (s signature) fits(header http.Header, body []byte, text, trimmed string) bool {
	switch {
	case s.header != "" && (header.Get(s.header) == "" || s.value != "" && !strings.EqualFold(header.Get(s.header), s.value)),
		s.starts != "" && !strings.HasPrefix(trimmed, s.starts),
		s.whole != "" && trimmed != s.whole,
		s.match != nil && !s.match.Match(body):
		return false
	}
	for _, part := range s.all {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

// sign is what to tell of a page besides the product.
func (s signature) sign(f Facts) string {
	switch {
	case s.header != "":
		return "the header " + s.header
	case f.Title != "":
		return fmt.Sprintf("its title is %q", f.Title)
	case len(f.Headings) > 0:
		return fmt.Sprintf("its heading is %q", f.Headings[0])
	}
	return "its text is that product's"
}

// weakError looks for what only a small page may be judged by.
func weakError(body []byte, f Facts) (product, sign string) {
	prose := squeeze(f.Prose)
	if len(body) < weakPage && len(prose) < weakProse {
		if piece := errorPiece(f.Title); piece != "" {
			return Unknown, fmt.Sprintf("its title says %q", piece)
		}
		if len(f.Headings) == 1 && weakHeading.MatchString(f.Headings[0]) {
			return Unknown, fmt.Sprintf("its heading says %q", f.Headings[0])
		}
	}
	for _, t := range weakTraces {
		if len(body) < weakPage && ownWords(t.match, f.Prose) || t.pre && len(prose) < tracePage && t.match.MatchString(f.Quoted) {
			return t.product, "the page shows the error of a program"
		}
	}
	return "", ""
}

// errorPiece returns the part of a title that is an error's, of those that
// sites put beside their own name.
func errorPiece(title string) string {
	if weakHeading.MatchString(title) {
		return title
	}
	for _, between := range []string{" | ", " - ", " – ", " — ", " · ", " :: "} {
		for piece := range strings.SplitSeq(title, between) {
			if piece = strings.TrimSpace(piece); len(piece) < len(title) && weakHeading.MatchString(piece) {
				return piece
			}
		}
	}
	return ""
}

// ownWords reports whether a text has a match that is not in quotation marks.
func ownWords(re *regexp.Regexp, text string) bool {
	for _, at := range re.FindAllStringIndex(text, 20) {
		before, _ := utf8.DecodeLastRuneInString(text[:at[0]])
		if !unicode.In(before, unicode.Pi, unicode.Pf) && !strings.ContainsRune("\"'`", before) {
			return true
		}
	}
	return false
}

// plainError judges an answer of plain text.
func plainError(body []byte, trimmed string) (product, sign string) {
	if wholePhrases.MatchString(trimmed) {
		return Unknown, "its whole text is " + fmt.Sprintf("%q", trimmed)
	}
	if len(body) >= weakPage {
		return "", ""
	}
	for _, t := range weakTraces {
		if at := t.match.FindIndex(body); at != nil && strings.TrimSpace(string(body[:at[0]])) == "" {
			return t.product, "the text is the error of a program"
		}
	}
	return "", ""
}
