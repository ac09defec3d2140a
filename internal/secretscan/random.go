package secretscan

import (
	"math"
	"strings"
)

// random reports whether s looks drawn by lot, as keys are, and not written by
// a person: letters and digits, mixed throughout, but not as evenly as somebody
// mixes them who makes a key up. Chance makes about six of ten neighbours differ
// in kind, in hexadecimal about five: hardly ever all of them.
func random(s string) bool {
	letters, digits, changes := 0, 0, 0
	hexOnly := true
	kind, before := 0, 0
	for _, c := range []byte(s) {
		switch {
		case digit(c):
			kind = 1
			digits++
		case lower(c):
			kind = 2
			letters++
		case upper(c):
			kind = 3
			letters++
		default:
			kind = 0
		}
		if kind != 0 {
			if before != 0 && kind != before {
				changes++
			}
			before = kind
		}
		hexOnly = hexOnly && hexByte(c)
	}
	n := letters + digits
	if letters == 0 || n*10 < len(s)*8 && !marked(s, n) || !enoughDigits(n, digits, changes) {
		return false
	}
	if hexOnly {
		return n >= minHex && changes*4 >= n && changes*4 < (n-1)*3 && entropy(s) >= 3
	}
	return changes*4 >= n && changes*10 < (n-1)*9 && entropy(s) >= min(3.5, 0.85*math.Log2(float64(len(s))))
}

// minHex is how long hexadecimal is, at the least.
const minHex = 24

// enoughDigits asks for as many digits as chance has. One of sixteen characters
// is one nearly always; fewer are enough where the kinds change as often as
// chance changes them, which words do not.
func enoughDigits(n, digits, changes int) bool {
	const least = 20
	return digits >= 2 && digits*16 >= n || digits >= 1 && n >= least && changes*100 >= n*45
}

// marked reports a password with so many marks as a program draws: of all that
// there are, and not those that a pattern or a path repeats.
func marked(s string, n int) bool {
	const least, kinds = 20, 4
	if len(s) < least || n*10 < len(s)*6 || s[0] == '/' || template(s) {
		return false
	}
	for _, w := range []string{"a-z", "A-Z", "0-9", "(?", ")?", "]+", "]*", "]{", "()", "==", "&&", "||", "${", "#{", "</", "/>", "::", "->", "=>"} {
		if strings.Contains(s, w) {
			return false
		}
	}
	var seen [128]bool
	marks := 0
	for _, c := range []byte(s) {
		if alnum(c) {
			continue
		}
		if c <= ' ' || c > '~' {
			return false
		}
		if !seen[c] {
			seen[c] = true
			marks++
		}
	}
	return marks >= kinds
}
