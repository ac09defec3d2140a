package cache

import (
	"net/http"

	"github.com/dunglas/httpsfv"
)

// What one response may name (RFC 9875, section 2, asks for at least 32
// groups of 32 characters).
const (
	maxGroups = 64
	maxGroup  = 128 // bytes
)

// groups reads a Cache-Groups or Cache-Group-Invalidation field: a List of
// Strings of Structured Fields. ok is false for one that is malformed, names
// something else, or more than is kept track of: such a page could not be
// found when its group is purged.
func groups(lines []string) (names []string, ok bool) {
	if len(lines) == 0 {
		return nil, true
	}
	list, err := httpsfv.UnmarshalList(lines)
	if err != nil || len(list) > maxGroups {
		return nil, false
	}
	for _, member := range list {
		item, isItem := member.(httpsfv.Item)
		name, isString := item.Value.(string)
		if !isItem || !isString || len(name) > maxGroup {
			return nil, false
		}
		names = append(names, name)
	}
	return names, true
}

// groupsPurged returns the generations that the response to an unsafe request
// says are to be purged (RFC 9875, section 3).
func groupsPurged(host string, h http.Header) []string {
	purged, _ := groups(h["Cache-Group-Invalidation"])
	if len(purged) == 0 {
		return nil
	}
	names := make([]string, 0, len(purged)+1)
	for _, name := range purged {
		names = append(names, groupName(host, name))
	}
	return append(names, anyGroup)
}
