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

// cacheTag returns the Cache-Tag of the visit's page: the handler's own and
// its tags, as text. It is empty where none are sent.
func (v *visit) cacheTag(own []string) string {
	if !v.cache.sendTags {
		return ""
	}
	tags := make([]string, 0, len(v.policy.tags))
	for _, t := range v.policy.tags {
		tags = append(tags, TagText(t.Expand(v.match)))
	}
	return strings.Join(merged(own, tags), ",")
}
