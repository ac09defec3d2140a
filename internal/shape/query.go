package shape

import (
	"net/url"
	"slices"
	"strings"
)

// maxFields bounds how many fields of a form, a query or an object are
// looked at.
const maxFields = 40

// QueryKeys returns the keys of a raw query, each once and in order, as
// [Name] shows them. What stands in a query without a "=" is a value for all
// anybody knows, and shown by its length. It reads at most 40 fields.
func QueryKeys(raw string) []string {
	var keys []string
	for key := range fields(raw) {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// fields yields the fields of a query or of a URL-encoded form: the name as
// it may be shown, and the value.
func fields(raw string) func(yield func(name, value string) bool) {
	return func(yield func(string, string) bool) {
		seen := 0
		for field := range strings.SplitSeq(raw, "&") {
			if field == "" {
				continue
			}
			if seen++; seen > maxFields {
				return
			}
			key, value, named := strings.Cut(field, "=")
			if !named {
				key, value = "", key
			}
			if name := shown(key, value, named); !yield(name, unescaped(value)) {
				return
			}
		}
	}
}

func shown(key, value string, named bool) string {
	if !named {
		return hidden(value)
	}
	return Name(unescaped(key))
}

// unescaped returns s as it is where it cannot be unescaped.
func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}
