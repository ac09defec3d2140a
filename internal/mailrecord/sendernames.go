package mailrecord

import (
	"maps"
	"slices"
)

// SenderNames returns the words for providers that [Sender] knows, sorted.
func SenderNames() []string {
	names := slices.Collect(maps.Keys(senders))
	names = slices.AppendSeq(names, maps.Keys(alias))
	slices.Sort(names)
	return names
}
