package webprobe

import (
	"bytes"
	"html"
	"iter"
	"strings"
)

// tag is a start tag of a page: its name in lower case, and its attributes
// where rules ask about them. One without a name is the text in between; the
// one end tag is that of a form, "/form".
type tag struct {
	name  string
	attrs map[string]string
	text  []byte
}

// asked are the tags whose attributes are kept.
func asked(name string) bool { return name == "meta" || name == "input" }

// maxAttrs bounds the attributes of one tag that are read.
const maxAttrs = 64

// rawText are the elements whose content is no markup.
var rawText = map[string]bool{"script": true, "style": true, "textarea": true, "title": true, "template": true, "iframe": true, "xmp": true, "noembed": true}

// tags yields the start tags of a page, and the text between them. It is no
// HTML parser:
// it leaves out comments and the content of scripts and the like, builds no
// tree, and goes over each byte a fixed number of times.
func tags(page []byte) iter.Seq[tag] {
	return func(yield func(tag) bool) {
		for len(page) > 0 {
			open := bytes.IndexByte(page, '<')
			if open < 0 {
				open = len(page)
			}
			if open > 0 && !yield(tag{text: page[:open]}) {
				return
			}
			if page = page[open:]; len(page) < 2 {
				return
			}
			switch {
			case bytes.HasPrefix(page, []byte("<!--")):
				page = after(page[2:], "-->") // <!--> is a whole comment
			case isEndOfForm(page):
				if !yield(tag{name: "/form"}) {
					return
				}
				page = after(page, ">")
			case page[1] == '!' || page[1] == '?' || page[1] == '/':
				page = after(page, ">")
			case !isLetter(page[1]):
				page = page[1:] // a lone "<" is text
			default:
				t, rest := startTag(page[1:])
				if !yield(t) {
					return
				}
				if page = rest; rawText[t.name] {
					page = afterEnd(page, t.name)
				}
			}
		}
	}
}

// isEndOfForm reports whether a page begins with </form>, blanks and all.
func isEndOfForm(page []byte) bool {
	const end = "</form"
	return len(page) > len(end) && strings.EqualFold(string(page[:len(end)]), end) && strings.IndexByte(blanks+"/>", page[len(end)]) >= 0
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// after returns what follows the first end, or nothing.
func after(page []byte, end string) []byte {
	i := bytes.Index(page, []byte(end))
	if i < 0 {
		return nil
	}
	return page[i+len(end):]
}

// afterEnd returns what follows the content of a raw text element: its end
// tag, or nothing.
func afterEnd(page []byte, name string) []byte {
	for {
		i := bytes.Index(page, []byte("</"))
		if i < 0 {
			return nil
		}
		if page = page[i+2:]; len(page) >= len(name) && strings.EqualFold(string(page[:len(name)]), name) {
			return page[len(name):]
		}
	}
}

const blanks = " \t\r\n\f"

// startTag reads a tag behind its "<". One that does not end takes the rest.
func startTag(page []byte) (tag, []byte) {
	n := bytes.IndexAny(page, blanks+"/>")
	if n < 0 {
		return tag{name: strings.ToLower(string(page))}, nil
	}
	t := tag{name: strings.ToLower(string(page[:n]))}
	page = page[n:]
	for {
		page = bytes.TrimLeft(page, blanks+"/")
		if len(page) == 0 {
			return t, nil
		}
		if page[0] == '>' {
			return t, page[1:]
		}
		var key, value []byte
		key, value, page = attribute(page)
		if !asked(t.name) {
			continue
		}
		if name := strings.ToLower(string(key)); len(t.attrs) < maxAttrs {
			if t.attrs == nil {
				t.attrs = map[string]string{}
			}
			if _, twice := t.attrs[name]; !twice { // the first counts
				t.attrs[name] = html.UnescapeString(string(value))
			}
		}
	}
}

// attribute reads name, name=value, name="value" or name='value'. It takes
// one byte at least.
func attribute(page []byte) (key, value, rest []byte) {
	n := bytes.IndexAny(page[1:], blanks+"/>=")
	if n < 0 {
		return page, nil, nil
	}
	key, page = page[:n+1], page[n+1:]
	behind := bytes.TrimLeft(page, blanks)
	if len(behind) == 0 || behind[0] != '=' {
		return key, nil, page
	}
	page = bytes.TrimLeft(behind[1:], blanks)
	if len(page) == 0 {
		return key, nil, nil
	}
	if quote := page[0]; quote == '"' || quote == '\'' {
		if n = bytes.IndexByte(page[1:], quote); n < 0 {
			return key, page[1:], nil
		}
		return key, page[1 : n+1], page[n+2:]
	}
	if n = bytes.IndexAny(page, blanks+">"); n < 0 {
		return key, page, nil
	}
	return key, page[:n], page[n:]
}
