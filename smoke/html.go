package smoke

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// page is what a step needs of an HTML document: its forms and the values of
// its meta elements.
type page struct {
	forms []htmlForm
	meta  map[string]string
	token string // of an input with a token's name, in a form or not
}

type htmlForm struct {
	action, method string
	multipart      bool
	controls       []control
}

// control is one thing that a form may send.
type control struct {
	name, value string
	pressed     bool // a button or file: sent only when a step names it
	off         bool // disabled, or a box that is not checked
}

// parsePage reads a document to its end or to its first broken bit. It never
// fails: what is not there is not there.
func parsePage(doc []byte) page {
	p := pageParser{page: page{meta: map[string]string{}}, ids: map[string]int{}, open: -1}
	z := html.NewTokenizer(bytes.NewReader(doc))
	for {
		switch z.Next() {
		case html.ErrorToken:
			p.finish()
			return p.page
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
	page

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
	control
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
		if name := strings.ToLower(attr["name"]); name != "" && p.meta[name] == "" {
			p.meta[name] = attr["content"]
		}
	case atom.Form:
		if p.open >= 0 {
			return // forms do not nest: browsers ignore the inner one
		}
		p.open = len(p.forms)
		p.forms = append(p.forms, htmlForm{
			action: attr["action"], method: strings.ToLower(attr["method"]),
			multipart: strings.EqualFold(attr["enctype"], "multipart/form-data"),
		})
		if id := attr["id"]; id != "" {
			if _, twice := p.ids[id]; !twice {
				p.ids[id] = p.open
			}
		}
	case atom.Input:
		c := control{name: attr["name"], value: attr["value"], off: disabled}
		switch strings.ToLower(attr["type"]) {
		case "checkbox", "radio":
			_, checked := attr["checked"]
			_, hasValue := attr["value"]
			if !hasValue {
				c.value = "on"
			}
			c.off = c.off || !checked
		case "submit", "image", "reset", "button", "file":
			c.pressed = true
		}
		if p.token == "" && isTokenName(c.name) && usableToken(c.value) {
			p.token = c.value
		}
		p.place(attr["form"], c)
	case atom.Button:
		p.place(attr["form"], control{name: attr["name"], value: attr["value"], off: disabled, pressed: true})
	case atom.Textarea:
		p.area = &looseControl{form: attr["form"], control: control{name: attr["name"], off: disabled}}
		p.into = &p.area.value
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
		p.area.value = strings.TrimPrefix(p.area.value, "\n") // as browsers do
		p.place(p.area.form, p.area.control)
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
		p.place(s.form, control{name: s.name, off: true})
	}
	for _, o := range sent {
		if !o.hasValue {
			o.value = strings.Join(strings.Fields(o.text), " ")
		}
		p.place(s.form, control{name: s.name, value: o.value, off: s.disabled})
	}
}

// place puts a control into the form it belongs to.
func (p *pageParser) place(form string, c control) {
	switch {
	case c.name == "":
	case form != "":
		p.loose = append(p.loose, looseControl{form: form, control: c})
	case p.open >= 0:
		p.forms[p.open].controls = append(p.forms[p.open].controls, c)
	}
}

// finish places the controls that name their form, which may come later.
func (p *pageParser) finish() {
	for _, l := range p.loose {
		if i, ok := p.ids[l.form]; ok && l.name != "" {
			p.forms[i].controls = append(p.forms[i].controls, l.control)
		}
	}
}

// has reports whether the form has a control of that name.
func (f htmlForm) has(name string) bool {
	return slices.ContainsFunc(f.controls, func(c control) bool { return c.name == name })
}

// hasAll reports whether the form has all those names.
func (f htmlForm) hasAll(names []string) bool {
	return !slices.ContainsFunc(names, func(n string) bool { return !f.has(n) })
}

// names returns the names of the controls that a step may name.
func (f htmlForm) names() []string {
	var names []string
	seen := map[string]bool{}
	for _, c := range f.controls {
		if !seen[c.name] {
			names = append(names, c.name)
			seen[c.name] = true
		}
	}
	return names
}
