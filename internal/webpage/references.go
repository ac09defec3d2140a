package webpage

import (
	"regexp"
	"strings"

	"golang.org/x/net/html/atom"
)

var (
	cssImport = regexp.MustCompile(`(?i)@import\s+(?:url\(\s*)?["']?([^"')\s;]+)`)
	cssFont   = regexp.MustCompile(`(?i)@font-face\s*\{[^{}]*`)
	cssURL    = regexp.MustCompile(`(?i)url\(\s*["']?([^"')]+)`)
)

// maxReferences bounds what is kept of one document.
const maxReferences = 2000

// refer notes what a tag makes a browser fetch, and where links lead.
func (r *factsReader) refer(tag atom.Atom, attr map[string]string) {
	active := func(address string) { r.add(Reference{Tag: tag.String(), Address: address, Active: true}) }
	passive := func(address string) { r.add(Reference{Tag: tag.String(), Address: address}) }
	switch tag {
	case atom.Script:
		if src := attr["src"]; src != "" {
			r.add(Reference{Tag: tag.String(), Address: src, Active: true, Asset: true})
		}
	case atom.Iframe, atom.Frame, atom.Embed:
		active(attr["src"])
	case atom.Object:
		active(attr["data"])
	case atom.Form:
		active(attr["action"])
	case atom.Button, atom.Input:
		active(attr["formaction"])
		if strings.EqualFold(attr["type"], "image") {
			passive(attr["src"])
		}
	case atom.Link:
		r.link(attr)
	case atom.Img:
		r.add(Reference{Tag: tag.String(), Address: attr["src"], Asset: true})
		r.srcset(tag, attr["srcset"])
	case atom.Source, atom.Audio, atom.Video, atom.Track:
		passive(attr["src"])
		passive(attr["poster"])
		r.srcset(tag, attr["srcset"])
	case atom.A, atom.Area:
		if href, ok := attr["href"]; ok && len(r.Links) < maxReferences {
			r.Links = append(r.Links, href)
		}
	case atom.Base:
		if r.Base == "" {
			r.Base = attr["href"]
		}
	case atom.Meta:
		if strings.EqualFold(attr["http-equiv"], "Content-Security-Policy") {
			r.Upgrade = r.Upgrade || Upgrades(attr["content"])
		}
	}
	if style := attr["style"]; style != "" {
		r.style(style)
	}
}

func (r *factsReader) link(attr map[string]string) {
	for rel := range strings.FieldsSeq(strings.ToLower(attr["rel"])) {
		switch rel {
		case "stylesheet":
			r.add(Reference{Tag: atom.Link.String(), Address: attr["href"], Active: true, Asset: true})
		case "modulepreload", "manifest":
			r.add(Reference{Tag: atom.Link.String(), Address: attr["href"], Active: true})
		case "preload", "prefetch":
			as := strings.ToLower(attr["as"])
			r.add(Reference{Tag: atom.Link.String(), Address: attr["href"], Active: as != "image" && as != "audio" && as != "video"})
		case "icon", "apple-touch-icon":
			r.add(Reference{Tag: atom.Link.String(), Address: attr["href"]})
		}
	}
}

// style notes what a stylesheet fetches: another stylesheet can restyle the
// page, an image cannot. A font is blocked like the former.
func (r *factsReader) style(css string) {
	imported := map[string]bool{}
	for _, m := range cssImport.FindAllStringSubmatch(css, maxReferences) {
		imported[m[1]] = true
		r.add(Reference{Tag: atom.Style.String(), Address: m[1], Active: true})
	}
	fonts := cssFont.FindAllStringIndex(css, maxReferences)
	for _, m := range cssURL.FindAllStringSubmatchIndex(css, maxReferences) {
		for len(fonts) > 0 && fonts[0][1] <= m[0] {
			fonts = fonts[1:]
		}
		if address := strings.TrimSpace(css[m[2]:m[3]]); !imported[address] {
			r.add(Reference{Tag: atom.Style.String(), Address: address, Active: len(fonts) > 0 && fonts[0][0] < m[0]})
		}
	}
}

func (r *factsReader) srcset(tag atom.Atom, set string) {
	for candidate := range strings.SplitSeq(set, ",") {
		if address, _, _ := strings.Cut(strings.TrimSpace(candidate), " "); address != "" {
			r.add(Reference{Tag: tag.String(), Address: address})
		}
	}
}

func (r *factsReader) add(ref Reference) {
	if ref.Address = strings.TrimSpace(ref.Address); ref.Address != "" && r.inDocument() && len(r.Refs) < maxReferences {
		r.Refs = append(r.Refs, ref)
	}
}

// inDocument reports whether a browser sees the tag in hand: what stands in a
// template element is there for a script.
func (r *factsReader) inDocument() bool { return !r.inTemplate }

// Upgrades reports whether a policy makes browsers use https for all of it.
func Upgrades(policy string) bool {
	for directive := range strings.SplitSeq(strings.ToLower(policy), ";") {
		if strings.TrimSpace(directive) == "upgrade-insecure-requests" {
			return true
		}
	}
	return false
}
