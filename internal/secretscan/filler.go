package secretscan

import "strings"

// keyFillers are more words that fill the place of a key.
var keyFillers = []string{"privatekey", "goeshere", "keyhere", "notakey", "fakekey", "yourkey"}

// filledIn reports a long secret in base64 that holds the words of one to be
// filled in. In a key of thousands of characters each word of four letters
// stands by chance once in some hundred keys. So the longer a word is, the
// fewer times it has to stand there: all together, chance does that to less
// than one of a million keys of 4096 bits.
func filledIn(s string) bool {
	small := strings.ToLower(s)
	for _, w := range fillers {
		if !wordOf64(w) {
			continue
		}
		least := 1
		switch {
		case len(w) < 5:
			least = 3
		case len(w) < 7:
			least = 2
		}
		if strings.Count(small, w) >= least {
			return true
		}
	}
	for _, w := range keyFillers {
		if strings.Contains(small, w) {
			return true
		}
	}
	return false
}

// wordOf64 reports a word of the letters and digits of base64: others, such as
// >, may stand between the lines.
func wordOf64(w string) bool {
	for i := range len(w) {
		if !alnum(w[i]) {
			return false
		}
	}
	return true
}
