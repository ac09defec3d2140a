package secretscan

import (
	"math"
)

// entropy is the Shannon entropy of s in bits per byte: how evenly it uses its
// characters. At the most it is the logarithm of the length.
func entropy(s string) float64 {
	var count [256]int
	for _, c := range []byte(s) {
		count[c]++
	}
	bits, n := 0.0, float64(len(s))
	for _, k := range count {
		if k > 0 {
			p := float64(k) / n
			bits -= p * math.Log2(p)
		}
	}
	return bits
}
