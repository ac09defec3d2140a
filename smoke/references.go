package smoke

import (
	"regexp"
	"strings"

	"golang.org/x/net/html/atom"
)

var (
	cssImport = regexp.MustCompile(`(?i)@import\s+(?:url\(\s*)?["']?([^"')\s;]+)`)
	cssURL    = regexp.MustCompile(`(?i)url\(\s*["']?([^"')]+)`)
)

// maxReferences bounds what is kept of one document.
const maxReferences = 2000

// refer notes what a tag makes a browser fetch, and where links lead.
func (r *factsReader) refer(tag atom.Atom, attr map[string]string) {
	active := func(address string) { r.add(reference{tag: tag, address: address, active: true}) }
	passive := func(address string) { r.add(reference{tag: tag, address: address}) }
	switch tag {
	case atom.Script:
		if src := attr["src"]; src != "" {
			r.add(reference{tag: tag, address: src, active: true, asset: true})
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
		r.add(reference{tag: tag, address: attr["src"], asset: true})
		r.srcset(tag, attr["srcset"])
	case atom.Source, atom.Audio, atom.Video, atom.Track:
		passive(attr["src"])
		passive(attr["poster"])
		r.srcset(tag, attr["srcset"])
	case atom.A, atom.Area:
		if href, ok := attr["href"]; ok && len(r.links) < maxReferences {
			r.links = append(r.links, href)
		}
	case atom.Base:
		if r.base == "" {
			r.base = attr["href"]
		}
	case atom.Meta:
		if strings.EqualFold(attr["http-equiv"], "Content-Security-Policy") {
			r.upgrade = r.upgrade || upgrades(attr["content"])
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
			r.add(reference{tag: atom.Link, address: attr["href"], active: true, asset: true})
		case "modulepreload", "manifest":
			r.add(reference{tag: atom.Link, address: attr["href"], active: true})
		case "preload", "prefetch":
			as := strings.ToLower(attr["as"])
			r.add(reference{tag: atom.Link, address: attr["href"], active: as != "image" && as != "audio" && as != "video"})
		case "icon", "apple-touch-icon":
			r.add(reference{tag: atom.Link, address: attr["href"]})
		}
	}
}

// style notes what a stylesheet fetches: another stylesheet can restyle the
// page, an image cannot.
func (r *factsReader) style(css string) {
	imported := map[string]bool{}
	for _, m := range cssImport.FindAllStringSubmatch(css, maxReferences) {
		imported[m[1]] = true
		r.add(reference{tag: atom.Style, address: m[1], active: true})
	}
	for _, m := range cssURL.FindAllStringSubmatch(css, maxReferences) {
		if address := strings.TrimSpace(m[1]); !imported[address] {
			r.add(reference{tag: atom.Style, address: address})
		}
	}
}

func (r *factsReader) srcset(tag atom.Atom, set string) {
	for candidate := range strings.SplitSeq(set, ",") {
		if address, _, _ := strings.Cut(strings.TrimSpace(candidate), " "); address != "" {
			r.add(reference{tag: tag, address: address})
		}
	}
}

func (r *factsReader) add(ref reference) {
	if ref.address = strings.TrimSpace(ref.address); ref.address != "" && r.inDocument() && len(r.refs) < maxReferences {
		r.refs = append(r.refs, ref)
	}
}

// inDocument reports whether a browser sees the tag in hand: what stands in a
// template element is there for a script.
func (r *factsReader) inDocument() bool { return !r.inTemplate }

// upgrades reports whether a policy makes browsers use https for all of it.
func upgrades(policy string) bool {
	for directive := range strings.SplitSeq(strings.ToLower(policy), ";") {
		if strings.TrimSpace(directive) == "upgrade-insecure-requests" {
			return true
		}
	}
	return false
}
