package shape

import (
	"fmt"
	"strings"
)

// The bounds of a name that is shown. Few tokens of twenty or more random
// characters, which is what secrets are made of, stay within: they have more
// digits, shorter words or more capitals, or nobody can pronounce them.
const (
	maxName       = 40
	maxDigits     = 2
	maxWord       = 20
	maxConsonants = 5  // "strengths"
	shortName     = 12 // up to here words may be short, as in "x_id"
	letterAWord   = 4  // beyond, so many on average,
	letterAVowel  = 4  // so many for each vowel,
	letterACap    = 3  // and so many for each capital,
	maxCapsWord   = 12 // or capitals alone, as in "AUTHENTICITY_TOKEN",
	maxRare       = 1  // with so many of the letters that few words have
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
	var vowels, capitals, rare, longest int
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
			longest = max(longest, word)
			if c <= 'Z' {
				capitals++
			}
			switch consonants++; {
			case strings.IndexByte("aeiouyAEIOUY", c) >= 0:
				vowels, consonants = vowels+1, 0
			case word > 1 && strings.IndexByte("jqxzJQXZ", c) >= 0: // "X-…" is usual
				rare++
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
	if len(name) <= shortName {
		return letters > 0
	}
	if capitals == letters { // as in base32
		return digits == 0 && longest <= maxCapsWord && rare <= maxRare && letters <= letterAVowel*vowels
	}
	return letters >= letterAWord*words && letters >= letterACap*capitals && rare <= maxRare && letters <= letterAVowel*vowels
}
