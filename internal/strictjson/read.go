package strictjson

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Problem is one thing wrong with a file.
type Problem struct {
	// Path is the value concerned, such as "env[2].format"; empty for the file
	// as a whole.
	Path string
	// Text says what is wrong and what to do, without the path.
	Text string
	// Err is what the reader returned, where it failed; nil otherwise.
	Err error
}

// collector gathers problems, and bounds them.
type collector struct {
	problems []Problem
	left     int // beyond MaxProblems
}

// full reports whether further problems are only counted.
func (c *collector) full() bool { return len(c.problems) == MaxProblems }

func (c *collector) add(path, text string) {
	if c.full() {
		c.left++
		return
	}
	c.problems = append(c.problems, Problem{Path: path, Text: text})
}

// under reports whether a problem at path or below it was seen.
func (c *collector) under(path string) bool {
	if c.left > 0 {
		return true // whose they were is forgotten: say nothing for sure
	}
	for _, p := range c.problems {
		rest, ok := strings.CutPrefix(p.Path, path)
		if ok && (rest == "" || rest[0] == '.' || rest[0] == '[' || path == "") {
			return true
		}
	}
	return false
}

// Read reads one JSON object from r to its end and hands it to fill, which
// asks it for the keys it knows. It returns every problem in the order found,
// nil where there is none. fill is not called where the text is not JSON. What
// fill stored is only of use when there is no problem.
func Read(r io.Reader, fill func(root *Object)) []Problem {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	switch {
	case err != nil:
		return []Problem{{Text: "cannot be read", Err: err}}
	case len(data) > MaxSize:
		return []Problem{{Text: fmt.Sprintf("larger than %d bytes", MaxSize)}}
	}
	var c collector
	root, err := tree(data, &c)
	if err != nil {
		return append(c.problems, Problem{Text: err.Error()})
	}
	(&Object{c: &c, members: root}).fill(fill)
	if c.left > 0 {
		c.problems = append(c.problems, Problem{Text: fmt.Sprintf("%d more problems", c.left)})
	}
	return c.problems
}

// join returns the path of a key, quoted where it is no plain word.
func join(path, key string) string {
	plain := key != "" && len(key) <= 64
	for _, c := range []byte(key) {
		plain = plain && (c == '_' || c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z')
	}
	switch {
	case !plain:
		return path + "[" + quote(key) + "]"
	case path == "":
		return key
	default:
		return path + "." + key
	}
}

// element returns the path of an element of a list.
func element(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// quote returns s in quotes with control characters escaped, cut to 64 characters.
func quote(s string) string {
	for n, i := 0, 0; i < len(s); n++ { // counted by hand: s may be a mebibyte
		if n == 64 {
			return strconv.Quote(s[:i] + "…")
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return strconv.Quote(s)
}
