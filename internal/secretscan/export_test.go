package secretscan

import "io"

// ScanIn scans in chunks of a size of the test's own, and returns the secrets
// beside the findings.
func ScanIn(chunk int, name string, r io.Reader) ([]Finding, error) {
	s := Scanner{chunk: chunk}
	return s.Scan(name, r)
}

// Rules are the names of all rules.
func Rules() (ids []string) {
	for _, r := range load().rules {
		ids = append(ids, r.id)
	}
	return ids
}

// Keywords are the keywords of all rules.
func Keywords() (words []string) {
	for _, r := range load().rules {
		words = append(words, r.keywords...)
	}
	return words
}

// Ends returns where a keyword ends in a text, and its length.
func Ends(words []string, text []byte) (ends [][2]int) {
	table := map[string][]int{}
	for _, w := range words {
		table[w] = nil
	}
	a := newAutomaton(table)
	state, at := uint16(0), 0
	for at < len(text) {
		next, n, found := a.run(state, text[at:])
		state = next
		at += n
		if found {
			for _, w := range a.finds[state] {
				ends = append(ends, [2]int{at, w.length})
			}
		}
	}
	return ends
}

var (
	Mask        = mask
	Fingerprint = fingerprint
	Placeholder = placeholder
	Random      = random
)
