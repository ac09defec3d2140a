package strictjson

import (
	"strings"
)

// Nearest returns the known word that key was likely meant to be, or "".
// Spelling apart from case and separators counts as the same; otherwise up to
// two letters may differ, and at most a third of the word.
func Nearest(key string, known []string) string {
	if len(key) > 64 {
		return ""
	}
	best, distance := "", 3
	for _, k := range known {
		d := edits(plain(key), plain(k))
		if d < distance && 3*d <= len(k) {
			best, distance = k, d
		}
	}
	return best
}

// plain folds the spellings minLength, min-length and MIN_LENGTH into one.
func plain(s string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(s))
}

// edits counts the letters to insert, remove, change or swap with their
// neighbour to get from a to b (optimal string alignment).
func edits(a, b string) int {
	before, last := []int(nil), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
