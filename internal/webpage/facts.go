package webpage

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Facts is what there is to know of a document, read in one pass.
type Facts struct {
	Title       string      // of the first title element
	Headings    []string    // the text of each h1 that is not hidden
	Subheadings []string    // the text of each h2 that is not hidden
	Prose       string      // what a visitor reads, without what is quoted
	Quoted      string      // the text of code, quotations and text areas
	Size        int         // bytes of markup and text, without what only dresses the page up
	Shows       bool        // an element that puts something on the page by itself
	Asks        bool        // an element that a visitor fills in
	Script      bool        // an element that runs a script
	Scripted    bool        // attributes by which a script fills in the page later
	Cut         bool        // it ends in the middle of its markup
	Refs        []Reference // what a browser fetches to show the page
	Links       []string    // href of a and area elements
	Base        string      // of the base element
	Upgrade     bool        // a meta element asks for upgrade-insecure-requests
	Attrs       string      // values of attributes that templates fill in
}

// Reference is something that a browser fetches to show the page.
type Reference struct {
	Tag     string // in lower case, such as "img"; "style" for what a style names
	Address string
	Active  bool // it can run or restyle the page
	Asset   bool // a file that a browser would keep: script, stylesheet, image
}

const (
	// maxProse bounds each text that is gathered of one document.
	maxProse = 64 << 10
	// maxHeadings bounds the headings.
	maxHeadings = 100
)

var (
	codeTags  = []atom.Atom{atom.Pre, atom.Code, atom.Samp, atom.Kbd, atom.Textarea, atom.Blockquote, atom.Q, atom.Xmp, atom.Var}
	unseen    = []atom.Atom{atom.Script, atom.Style, atom.Template, atom.Noscript}
	shownTags = []atom.Atom{
		atom.Script, atom.Img, atom.Svg, atom.Video, atom.Audio, atom.Canvas, atom.Iframe, atom.Frame,
		atom.Object, atom.Embed, atom.Input, atom.Button, atom.Select, atom.Textarea, atom.Picture, atom.Math,
	}
)

// factsReader holds what is open while a document is read.
type factsReader struct {
	Facts

	prose, quoted, attrs strings.Builder
	code, hidden         int
	inTitle              bool
	titles               int
	heading              strings.Builder
	headingTag           atom.Atom // that is open, 0 for none
	inStyle              bool
	inTemplate           bool
	shape                shape
}

// Read reads a document to its end or to its first broken bit. It never
// fails: what is not there is not there.
func Read(doc []byte) Facts {
	var r factsReader
	z := html.NewTokenizer(bytes.NewReader(doc))
	z.SetMaxBuf(max(len(doc), 1) + 1) // a text is never longer than the document
	for {
		kind := z.Next()
		raw := len(z.Raw()) // before the token is taken apart
		switch kind {
		case html.ErrorToken:
			r.closeHeading()
			r.Size, r.Cut = r.shape.size, r.shape.cut(doc)
			r.Prose, r.Quoted, r.Attrs = r.prose.String(), r.quoted.String(), r.attrs.String()
			return r.Facts
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			tag, attr := atom.Lookup(name), attributes(z)
			r.shape.start(tag, attr, kind == html.SelfClosingTagToken, raw)
			r.start(tag, string(name), attr)
		case html.EndTagToken:
			name, _ := z.TagName()
			r.shape.end(atom.Lookup(name), raw)
			r.end(atom.Lookup(name))
		case html.TextToken:
			r.shape.text(raw)
			r.text(string(z.Text())) // which the tokenizer has unescaped
		}
	}
}

func (r *factsReader) start(tag atom.Atom, name string, attr map[string]string) {
	if _, novalue := attr["value"]; novalue && name == "no" && len(attr) == 1 {
		write(&r.prose, "<no value>") // what Go's text/template prints reads like a tag
	}
	switch {
	case slices.Contains(unseen, tag):
		r.hidden++
		r.inStyle = tag == atom.Style
		r.inTemplate = r.inTemplate || tag == atom.Template
	case slices.Contains(codeTags, tag):
		r.code++
	case tag == atom.Title:
		r.titles++
		r.inTitle = r.titles == 1
	case tag == atom.H1 || tag == atom.H2:
		r.closeHeading()
		if r.hidden == 0 && !r.shape.unseen() {
			r.headingTag = tag
		}
	}
	r.Script = r.Script || tag == atom.Script && runs(attr["type"])
	r.Asks = r.Asks || r.hidden == 0 && (tag == atom.Textarea || tag == atom.Select || tag == atom.Input && !strings.EqualFold(attr["type"], "hidden"))
	refresh := tag == atom.Meta && strings.EqualFold(attr["http-equiv"], "refresh") // a redirect, in its way
	r.Shows = r.Shows || refresh || slices.Contains(shownTags, tag) && (r.hidden == 0 || tag == atom.Script)
	for key, value := range attr {
		if strings.HasPrefix(key, "v-") || strings.HasPrefix(key, "ng-") || strings.HasPrefix(key, "data-ng-") ||
			strings.HasPrefix(key, "x-") || strings.HasPrefix(key, ":") || strings.HasPrefix(key, "@") || key == "data-v-app" {
			r.Scripted = true
		}
		if key == "href" || key == "src" || key == "action" || key == "alt" || key == "content" || key == "value" {
			write(&r.attrs, value)
		}
	}
	if !inSentence(tag) {
		write(&r.prose, "") // a break between the texts of two blocks
	}
	r.refer(tag, attr)
}

// inSentence reports whether a tag stands in the middle of a sentence.
func inSentence(tag atom.Atom) bool {
	return slices.Contains([]atom.Atom{atom.A, atom.B, atom.I, atom.Em, atom.Strong, atom.Span, atom.Small, atom.U, atom.Font}, tag)
}

func (r *factsReader) end(tag atom.Atom) {
	switch {
	case slices.Contains(unseen, tag):
		r.hidden = max(0, r.hidden-1)
		r.inStyle = false
		r.inTemplate = r.inTemplate && tag != atom.Template
	case slices.Contains(codeTags, tag):
		r.code = max(0, r.code-1)
	case tag == atom.Title:
		r.inTitle = false
	case tag == atom.H1 || tag == atom.H2:
		r.closeHeading()
	}
}

func (r *factsReader) closeHeading() {
	text := squeeze(r.heading.String())
	switch {
	case len(r.Headings)+len(r.Subheadings) >= maxHeadings:
	case r.headingTag == atom.H1:
		r.Headings = append(r.Headings, text)
	case r.headingTag == atom.H2:
		r.Subheadings = append(r.Subheadings, text)
	}
	r.heading.Reset()
	r.headingTag = 0
}

func (r *factsReader) text(text string) {
	switch {
	case r.inTitle:
		r.Title += squeeze(text)
		return
	case r.inStyle:
		r.style(text)
		return
	case r.hidden > 0:
		return
	}
	if r.headingTag != 0 && r.heading.Len() < maxOption {
		r.heading.WriteString(text)
	}
	if r.code > 0 {
		write(&r.quoted, text)
	} else if r.prose.Len() < maxProse {
		r.prose.WriteString(text)
	}
}

// write adds a text and a line break to one that is bounded.
func write(b *strings.Builder, text string) {
	if b.Len() < maxProse {
		b.WriteString(text[:min(len(text), maxProse)])
		b.WriteByte('\n')
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// IsHTML reports whether a media type is that of a page.
func IsHTML(media string) bool { return media == "text/html" || media == "application/xhtml+xml" }
