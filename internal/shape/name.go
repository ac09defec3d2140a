package shape

import (
	"fmt"
	"strings"
)

// The bounds of a name that is shown. A token of twenty or more random
// characters, which is what secrets are made of, has more digits or shorter
// words than this, or letters that nobody can pronounce.
const (
	maxName       = 40
	maxDigits     = 2
	maxWord       = 20
	maxConsonants = 5  // "strengths"
	shortName     = 12 // up to here words may be short, as in "x_id"
	letterAWord   = 4  // beyond, so many on average
)

// Name returns name where it reads like the name of a field, such as
// "user[address][0]" or "sessionToken", and its length otherwise, such as
// "<32 bytes>": a client that puts a token, an address or a whole text where
// a name belongs must not find it in a log. It cannot know a word that is a
// password from a word that is a name.
func Name(name string) string {
	if readsLikeAName(name) {
		return name
	}
	return fmt.Sprintf("<%d bytes>", len(name))
}

func readsLikeAName(name string) bool {
	if name == "" || len(name) > maxName || name[0] >= '0' && name[0] <= '9' {
		return false
	}
	var digits, letters, words, word, consonants int
	var before byte
	for i := range len(name) {
		c := name[i]
		switch {
		case c >= '0' && c <= '9':
			if digits++; digits > maxDigits {
				return false
			}
			word, consonants = 0, 0
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			if word == 0 || c <= 'Z' && before >= 'a' { // camelCase
				words, word, consonants = words+1, 0, 0
			}
			letters, word = letters+1, word+1
			if consonants++; strings.IndexByte("aeiouyAEIOUY", c) >= 0 {
				consonants = 0
			}
			if word > maxWord || consonants > maxConsonants {
				return false
			}
		case strings.IndexByte("_-.[]", c) >= 0:
			word, consonants = 0, 0
		default:
			return false
		}
		before = c
	}
	return letters > 0 && (len(name) <= shortName || letters >= letterAWord*words)
}
