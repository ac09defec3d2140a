package webpage

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Page is what it takes to use an HTML document: its forms and the values of
// its meta elements.
type Page struct {
	Forms []Form
	Meta  map[string]string
	Token string // of an input with a token's name, in a form or not
}

// Form is a form of a page. Its method is in lower case.
type Form struct {
	Action, Method string
	Multipart      bool
	Controls       []Control
}

// Control is one thing that a form may send.
type Control struct {
	Name, Value string
	Pressed     bool // a button or file: sent only when it is named
	Off         bool // disabled, or a box that is not checked
}

// Parse reads a document to its end or to its first broken bit. It never
// fails: what is not there is not there.
func Parse(doc []byte) Page {
	p := pageParser{Page: Page{Meta: map[string]string{}}, ids: map[string]int{}, open: -1}
	z := html.NewTokenizer(bytes.NewReader(doc))
	for {
		switch z.Next() {
		case html.ErrorToken:
			p.finish()
			return p.Page
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			if tag := atom.Lookup(name); slices.Contains(formTags, tag) {
				p.start(tag, attributes(z))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			p.end(atom.Lookup(name))
		case html.TextToken:
			// A textarea is one text; the bound is for an option that is
			// never closed and swallows the rest of a page.
			if p.into != nil && len(*p.into) < maxOption {
				*p.into += z.Token().Data
			}
		}
	}
}

// maxOption bounds the text of an option, from which on no more is added.
const maxOption = 1 << 10

// formTags are the elements that a page is read for.
var formTags = []atom.Atom{atom.Meta, atom.Form, atom.Input, atom.Button, atom.Textarea, atom.Select, atom.Option}

// attributes reads those of the tag in hand. Of two with the same name the
// first counts.
func attributes(z *html.Tokenizer) map[string]string {
	attr := map[string]string{}
	for more := true; more; {
		var name, value []byte
		name, value, more = z.TagAttr()
		if _, twice := attr[string(name)]; !twice && len(name) > 0 {
			attr[string(name)] = string(value)
		}
	}
	return attr
}

// pageParser holds what is open while a document is read.
type pageParser struct {
	Page

	ids    map[string]int // of forms
	open   int            // the form that is open, -1 for none
	loose  []looseControl // to be placed at the end
	area   *looseControl  // the textarea that is open
	into   *string        // where text goes
	choice *selection
}

// looseControl belongs to the form that its form attribute names.
type looseControl struct {
	form string
	Control
}

type selection struct {
	name, form string
	disabled   bool
	multiple   bool
	options    []option
}

type option struct {
	value, text     string
	hasValue        bool
	selected, wrong bool
}

func (p *pageParser) start(tag atom.Atom, attr map[string]string) {
	_, disabled := attr["disabled"]
	switch tag {
	case atom.Meta:
		if name := strings.ToLower(attr["name"]); name != "" && p.Meta[name] == "" {
			p.Meta[name] = attr["content"]
		}
	case atom.Form:
		if p.open >= 0 {
			return // forms do not nest: browsers ignore the inner one
		}
		p.open = len(p.Forms)
		p.Forms = append(p.Forms, Form{
			Action: attr["action"], Method: strings.ToLower(attr["method"]),
			Multipart: strings.EqualFold(attr["enctype"], "multipart/form-data"),
		})
		if id := attr["id"]; id != "" {
			if _, twice := p.ids[id]; !twice {
				p.ids[id] = p.open
			}
		}
	case atom.Input:
		c := Control{Name: attr["name"], Value: attr["value"], Off: disabled}
		switch strings.ToLower(attr["type"]) {
		case "checkbox", "radio":
			_, checked := attr["checked"]
			_, hasValue := attr["value"]
			if !hasValue {
				c.Value = "on"
			}
			c.Off = c.Off || !checked
		case "submit", "image", "reset", "button", "file":
			c.Pressed = true
		}
		if p.Token == "" && IsTokenName(c.Name) && UsableToken(c.Value) {
			p.Token = c.Value
		}
		p.place(attr["form"], c)
	case atom.Button:
		p.place(attr["form"], Control{Name: attr["name"], Value: attr["value"], Off: disabled, Pressed: true})
	case atom.Textarea:
		p.area = &looseControl{form: attr["form"], Control: Control{Name: attr["name"], Off: disabled}}
		p.into = &p.area.Value
	case atom.Select:
		_, multiple := attr["multiple"]
		p.choice = &selection{name: attr["name"], form: attr["form"], disabled: disabled, multiple: multiple}
	case atom.Option:
		if p.choice == nil {
			return
		}
		_, selected := attr["selected"]
		value, hasValue := attr["value"]
		p.choice.options = append(p.choice.options, option{value: value, hasValue: hasValue, selected: selected, wrong: disabled})
		p.into = &p.choice.options[len(p.choice.options)-1].text
	}
}

func (p *pageParser) end(tag atom.Atom) {
	switch tag {
	case atom.Form:
		p.open = -1
	case atom.Textarea:
		if p.area == nil {
			return
		}
		p.area.Value = strings.TrimPrefix(p.area.Value, "\n") // as browsers do
		p.place(p.area.form, p.area.Control)
		p.area, p.into = nil, nil
	case atom.Option:
		p.into = nil
	case atom.Select:
		p.into = nil
		if p.choice != nil {
			p.choose(*p.choice)
			p.choice = nil
		}
	}
}

// choose places what a list sends as it stands: the selected options, or in a
// drop-down list the first one.
func (p *pageParser) choose(s selection) {
	sent := slices.DeleteFunc(slices.Clone(s.options), func(o option) bool { return !o.selected })
	if len(sent) == 0 && !s.multiple {
		if i := slices.IndexFunc(s.options, func(o option) bool { return !o.wrong }); i >= 0 {
			sent = s.options[i : i+1]
		}
	}
	if len(sent) == 0 { // a name to be filled in all the same
		p.place(s.form, Control{Name: s.name, Off: true})
	}
	for _, o := range sent {
		if !o.hasValue {
			o.value = strings.Join(strings.Fields(o.text), " ")
		}
		p.place(s.form, Control{Name: s.name, Value: o.value, Off: s.disabled})
	}
}

// place puts a Control into the form it belongs to.
func (p *pageParser) place(form string, c Control) {
	switch {
	case c.Name == "":
	case form != "":
		p.loose = append(p.loose, looseControl{form: form, Control: c})
	case p.open >= 0:
		p.Forms[p.open].Controls = append(p.Forms[p.open].Controls, c)
	}
}

// finish places the controls that name their form, which may come later.
func (p *pageParser) finish() {
	for _, l := range p.loose {
		if i, ok := p.ids[l.form]; ok && l.Name != "" {
			p.Forms[i].Controls = append(p.Forms[i].Controls, l.Control)
		}
	}
}

// has reports whether the form has a Control of that name.
func (f Form) has(name string) bool {
	return slices.ContainsFunc(f.Controls, func(c Control) bool { return c.Name == name })
}

// HasAll reports whether the form has all those names.
func (f Form) HasAll(names []string) bool {
	return !slices.ContainsFunc(names, func(n string) bool { return !f.has(n) })
}

// Names returns the names of the controls, each once.
func (f Form) Names() []string {
	var names []string
	seen := map[string]bool{}
	for _, c := range f.Controls {
		if !seen[c.Name] {
			names = append(names, c.Name)
			seen[c.Name] = true
		}
	}
	return names
}
