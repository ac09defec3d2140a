package cache

import (
	"net/http"
	"strconv"

	"github.com/dunglas/httpsfv"

	"github.com/launchready/readiness/internal/cachecontrol"
)

// said returns what a response says to a shared cache, and its Expires where
// that counts: the directives of CDN-Cache-Control where it has a valid one
// that is not empty, else those of Cache-Control (RFC 9213, section 2.2).
func said(h http.Header) (d cachecontrol.Directives, expires []string) {
	if lines := h["Cdn-Cache-Control"]; len(lines) > 0 {
		if d, ok := targeted(lines); ok {
			return d, nil
		}
	}
	return cachecontrol.Parse(h["Cache-Control"]), h["Expires"]
}

// targeted reads a targeted field, a Dictionary of Structured Fields. ok is
// false for one that is malformed or empty, which counts for nothing.
func targeted(lines []string) (d cachecontrol.Directives, ok bool) {
	dictionary, err := httpsfv.UnmarshalDictionary(lines)
	if err != nil || len(dictionary.Names()) == 0 {
		return d, false
	}
	for _, name := range dictionary.Names() {
		member, _ := dictionary.Get(name)
		item, isItem := member.(httpsfv.Item)
		if !isItem {
			continue // an inner list: no directive has one
		}
		switch value := item.Value.(type) {
		case bool:
			if value {
				d.Set(name, "", false)
			}
		case int64:
			d.Set(name, strconv.FormatInt(value, 10), true)
		case string:
			d.Set(name, value, true)
		case httpsfv.Token:
			d.Set(name, string(value), true)
		}
	}
	return d, true
}
