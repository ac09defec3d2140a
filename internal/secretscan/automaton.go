package secretscan

import (
	"maps"
	"slices"
)

// automaton finds all keywords in one pass over a text, in any case of its
// ASCII letters (Aho and Corasick, 1975), as a table of states by classes of
// bytes: most bytes stand in no keyword and share one class.
type automaton struct {
	class  [256]uint8
	shift  uint
	next   []uint16 // by state<<shift | class
	finds  [][]word // by state: the keywords that end there
	ending []bool   // by state: whether there are any
}

// word is a keyword that ends where the automaton stands.
type word struct {
	length int
	rules  []int
}

func newAutomaton(words map[string][]int) *automaton {
	a := &automaton{}
	classes := 1 // 0 is every other byte
	keys := slices.Sorted(maps.Keys(words))
	for _, k := range keys {
		for _, c := range []byte(k) {
			if a.class[c] == 0 {
				a.class[c] = uint8(classes)
				classes++
			}
		}
	}
	for c := byte('a'); c <= 'z'; c++ {
		a.class[c-'a'+'A'] = a.class[c]
	}
	for 1<<a.shift < classes {
		a.shift++
	}

	// The tree of the keywords. State 0 is its root, and no edge leads there:
	// 0 stands for "none" until the second step.
	a.grow()
	for _, k := range keys {
		state := 0
		for _, c := range []byte(k) {
			edge := state<<a.shift | int(a.class[c])
			if a.next[edge] == 0 {
				a.next[edge] = uint16(len(a.finds))
				a.grow()
			}
			state = int(a.next[edge])
		}
		a.finds[state] = append(a.finds[state], word{len(k), words[k]})
	}

	// Level by level, where to go on after a byte that leads out of the tree:
	// where the longest proper end of what was read would go.
	fail := make([]uint16, len(a.finds))
	queue := []int{0}
	for len(queue) > 0 {
		state := queue[0]
		queue = queue[1:]
		a.finds[state] = append(a.finds[state], a.finds[fail[state]]...)
		for c := range 1 << a.shift {
			edge := state<<a.shift | c
			back := uint16(0)
			if state != 0 {
				back = a.next[int(fail[state])<<a.shift|c]
			}
			if to := a.next[edge]; to != 0 {
				fail[to] = back
				queue = append(queue, int(to))
			} else {
				a.next[edge] = back
			}
		}
	}
	a.ending = make([]bool, len(a.finds))
	for i, f := range a.finds {
		a.ending[i] = len(f) > 0
	}
	return a
}

// grow adds a state.
func (a *automaton) grow() {
	a.finds = append(a.finds, nil)
	a.next = append(a.next, make([]uint16, 1<<a.shift)...)
}

// run reads text from a state, up to the first place where a keyword ends. It
// returns the new state and how many bytes were read; where none ends, that is
// all of them.
func (a *automaton) run(state uint16, text []byte) (at uint16, read int, found bool) {
	next, ending, shift := a.next, a.ending, a.shift
	for i, c := range text {
		state = next[int(state)<<shift|int(a.class[c])]
		if ending[state] {
			return state, i + 1, true
		}
	}
	return state, len(text), false
}
