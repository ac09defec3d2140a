package webpage

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html/atom"
)

// shape follows how a document is built: how much of it is the page itself,
// what of it is hidden, and which elements are still open at its end.
type shape struct {
	size    int
	drawing int // svg elements that are open
	raw     atom.Atom
	hider   atom.Atom // the outermost hidden element, 0 for none
	depth   int       // elements of its name in it, itself too
	html    bool      // the document says where it begins
	ended   bool      // and where it ends
	open    map[atom.Atom]int
}

// maxTag is how much of a tag counts as markup. What is longer carries a
// drawing, a style or data.
const maxTag = 200

var (
	// rawTags hold what no visitor reads.
	rawTags = []atom.Atom{atom.Script, atom.Style}
	// mustClose are elements whose end tag may not be left out, and that not
	// even minifiers leave out.
	mustClose = []atom.Atom{
		atom.A, atom.Article, atom.Aside, atom.Button, atom.Div, atom.Footer, atom.Form, atom.Header, atom.Main, atom.Nav,
		atom.Ol, atom.Script, atom.Section, atom.Select, atom.Span, atom.Style, atom.Table, atom.Textarea, atom.Title, atom.Ul,
	}
	voidTags = []atom.Atom{
		atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta, atom.Source, atom.Track, atom.Wbr,
	}
)

func (s *shape) start(tag atom.Atom, attr map[string]string, closed bool, length int) {
	s.count(min(length, maxTag))
	switch {
	case tag == atom.Html:
		s.html = true
	case tag == atom.Svg && !closed:
		s.drawing++
	case slices.Contains(rawTags, tag):
		s.raw = tag
	}
	if s.html && slices.Contains(mustClose, tag) && s.drawing == 0 && !closed {
		if s.open == nil {
			s.open = map[atom.Atom]int{}
		}
		s.open[tag]++
	}
	switch {
	case closed || tag == 0:
	case s.hider == 0 && tag != atom.Html && tag != atom.Body && !slices.Contains(voidTags, tag) && hides(tag, attr):
		s.hider, s.depth = tag, 1
	case s.hider == tag:
		s.depth++
	}
}

func (s *shape) end(tag atom.Atom, length int) {
	switch {
	case tag == atom.Svg:
		s.drawing = max(0, s.drawing-1)
	case tag == atom.Html || tag == atom.Body:
		s.ended = true
	case tag == s.raw:
		s.raw = 0
	}
	s.count(min(length, maxTag))
	if s.open[tag] > 0 {
		s.open[tag]--
	}
	if s.hider == tag && tag != 0 {
		if s.depth--; s.depth == 0 {
			s.hider = 0
		}
	}
}

func (s *shape) text(length int) { s.count(length) }

func (s *shape) count(length int) {
	if s.drawing == 0 && s.raw == 0 {
		s.size += length
	}
}

// unseen reports whether what comes next is hidden until a script shows it.
func (s *shape) unseen() bool { return s.hider != 0 }

// hides reports whether an element is hidden by itself.
func hides(tag atom.Atom, attr map[string]string) bool {
	_, hidden := attr["hidden"]
	_, open := attr["open"]
	if hidden || tag == atom.Dialog && !open || strings.EqualFold(attr["aria-hidden"], "true") {
		return true
	}
	style := attr["style"]
	if strings.Contains(style, "none") && strings.Contains(strings.ReplaceAll(strings.ToLower(style), " ", ""), "display:none") {
		return true
	}
	for class := range strings.FieldsSeq(attr["class"]) {
		if class == "hidden" || class == "d-none" || class == "modal" {
			return true
		}
	}
	return false
}

// cut reports whether a whole document ends where no author would end it: it
// says where it begins, does not say where it ends, and an element is open
// that has to be closed, or even a tag.
func (s *shape) cut(doc []byte) bool {
	if !s.html || s.ended {
		return false
	}
	for _, n := range s.open {
		if n > 0 {
			return true
		}
	}
	rest := doc[bytes.LastIndexByte(doc, '>')+1:]
	at := bytes.IndexByte(rest, '<')
	return at >= 0 && at+1 < len(rest) && (rest[at+1] == '/' || 'a' <= rest[at+1]|0x20 && rest[at+1]|0x20 <= 'z')
}

// runs reports whether a script element of that type runs, and does not just
// hold data.
func runs(kind string) bool {
	kind = strings.ToLower(kind)
	return kind == "" || kind == "module" || strings.Contains(kind, "javascript") || strings.Contains(kind, "babel")
}
