package redact

import "strings"

// chain holds for each spelling the one that it begins with, which may begin
// with another again. As a stranger may have made them all, that is a long way
// to walk for each byte of a text: so each also knows one further off.
type chain struct {
	within []int32 // the longest of the others that it begins with, -1 for none
	far    []int32 // one of those that this begins with, -1 for none
}

// chainOf links spellings that are in order.
func chainOf(list []hidden) chain {
	c := chain{make([]int32, len(list)), make([]int32, len(list))}
	depth := make([]int32, len(list))
	above := int32(-1)
	for i, h := range list {
		for above >= 0 && !strings.HasPrefix(h.text, list[above].text) {
			above = c.within[above]
		}
		c.within[i], c.far[i] = above, above
		if above >= 0 {
			depth[i] = depth[above] + 1
			// Two steps of the same width become one, so the way is as long as
			// the number of digits of the depth.
			if f := c.far[above]; f >= 0 && c.far[f] >= 0 && depth[above]-depth[f] == depth[f]-depth[c.far[f]] {
				c.far[i] = c.far[f]
			}
		}
		above = int32(i)
	}
	return c
}

// longest returns the longest of a spelling and those that it begins with which
// is no longer than n, -1 for none.
func (c chain) longest(list []hidden, i int32, n int) int32 {
	for i >= 0 && len(list[i].text) > n {
		if f := c.far[i]; f >= 0 && len(list[f].text) > n {
			i = f
		} else {
			i = c.within[i]
		}
	}
	return i
}

// common is how many bytes two texts begin with that are the same.
func common(a, b string) int {
	const block = 64 // are compared at once
	n, at := min(len(a), len(b)), 0
	for at+block <= n && a[at:at+block] == b[at:at+block] {
		at += block
	}
	for at < n && a[at] == b[at] {
		at++
	}
	return at
}
