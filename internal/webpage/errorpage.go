package webpage

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Unknown is the product of an error page that anybody may have made.
const Unknown = "an unknown product"

// ErrorPage names the product whose error page an answer is, and what gives
// it away; "" where it is none.
func ErrorPage(header http.Header, media string, body []byte, f Facts) (product, sign string) {
	text := strings.ToLower(string(body))
	trimmed := strings.TrimSpace(text)
	little := f.Size < weakPage && len(squeeze(f.Prose)) < weakProse && len(f.Quoted) < weakProse
	for _, s := range strongSignatures {
		if (s.bare || IsHTML(media)) && (little || !s.small) && s.fits(header, body, text, trimmed) {
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
		s.whole != "" && trimmed != s.whole:
		return false
	}
	for _, part := range s.all {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return s.match == nil || s.match.Match(body) // last, because it takes longest
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
	if sign := genericError(f); sign != "" {
		return Unknown, sign
	}
	if phrase := lastLine(body); f.Cut && plain(phrase) {
		return Unknown, fmt.Sprintf("it breaks off with %q", phrase)
	}
	prose := squeeze(f.Prose)
	rest, titles := len(prose), []string{f.Title}
	for _, h := range f.Headings {
		rest -= len(h)
		titles = append(titles, h)
	}
	// A page that is small only without its styles has to be short as well.
	small := len(body) < weakPage || f.Size < weakPage && len(prose) < weakProse
	for _, t := range weakTraces {
		// With a text of some length below it, a trace in a title is its subject.
		own := small && ownWords(t.match, f.Prose) && (rest < sparse || !slices.ContainsFunc(titles, t.match.MatchString))
		if own || t.pre && len(prose) < sparse && t.match.MatchString(f.Quoted) {
			return t.product, "the page shows the error of a program"
		}
	}
	return "", ""
}

// lastLine is what stands behind the last tag of a page, where a handler that
// fails half way writes its error.
func lastLine(body []byte) string {
	line := string(body[max(0, len(body)-200):])
	line = line[strings.LastIndexByte(line, '>')+1:]
	line = strings.TrimSpace(line)
	return line[strings.LastIndexByte(line, '\n')+1:]
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
