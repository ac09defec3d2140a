package cache

import (
	"slices"
	"strings"
)

// TagText returns a tag as it stands in Cache-Tag: what a list of visible
// ASCII cannot hold is percent-encoded, and so is the percent sign. A hook
// that tells a CDN of a purge names the tag so.
func TagText(tag string) string {
	plain := func(b byte) bool { return b > ' ' && b < 0x7f && b != ',' && b != '%' }
	if !slices.ContainsFunc([]byte(tag), func(b byte) bool { return !plain(b) }) {
		return tag
	}
	const digits = "0123456789ABCDEF"
	var text strings.Builder
	for i := range len(tag) {
		if b := tag[i]; plain(b) {
			text.WriteByte(b)
		} else {
			text.Write([]byte{'%', digits[b>>4], digits[b&15]})
		}
	}
	return text.String()
}

// tags returns the tags of the visit's page, as text.
func (v *visit) tags() (list []string) {
	for _, t := range v.policy.tags {
		list = append(list, TagText(t.Expand(v.match)))
	}
	return list
}
