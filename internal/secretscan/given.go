package secretscan

import "bytes"

// given is a value that is given to a name, in the syntax of whichever
// language, configuration file, query or command.
type given struct {
	name   []byte // from the keyword to its end
	sign   string // what stands between: = : := => , || and their kin, > for XML, "" for nothing but blanks
	apart  bool   // there are blanks before the value
	spaced bool   // there are blanks before the sign
	at     int    // where the value begins
	quoted bool
}

const (
	maxName  = 40
	maxBlank = 8
)

// signs are what gives a value to a name, the longer ones first. || and its
// kin give the value that counts where a variable is not set.
var signs = []string{":=", "=>", "||", "??", "?:", "or ", "value=", "=", ":", ",", ">"}

// types may stand between a name and its value.
var types = []string{"string", "String", "str", "[]byte", "bytes"}

// wrappers may stand around a value.
var wrappers = []string{"[]byte(", "b", "bytes(", "String(", "Buffer.from(", "default="}

// parseGiven reads the name that a text begins with, up to the value that it
// is given.
func parseGiven(text []byte) (g given, ok bool) {
	i := 0
	for i < len(text) && i < maxName && (wordByte(text[i]) || text[i] == '-') {
		i++
	}
	g.name = text[:i]
	i = skip(text, i, 3, `\`)
	closed := skip(text, i, 2, `"'])`)
	i = skip(text, closed, maxBlank, " \t")
	g.spaced = i > closed
	i = skipType(text, i)
	rest := text[i:]
	for _, sign := range signs {
		if len(rest) > 0 && rest[0] == sign[0] && bytes.HasPrefix(rest, []byte(sign)) {
			g.sign = sign
			break
		}
	}
	if g.sign == "" && !g.spaced || g.sign == "value=" && !g.spaced {
		return g, false
	}
	i += len(g.sign)
	g.at = skip(text, i, maxBlank, " \t")
	g.apart = g.at > i
	i = g.at
	for _, w := range wrappers {
		if bytes.HasPrefix(text[i:], []byte(w)) {
			i += len(w)
			break
		}
	}
	i = skip(text, i, 3, `\`)
	if i < len(text) && quote(text[i]) {
		g.at, g.quoted = i+1, true
	}
	return g, g.at < len(text)
}

// skipType reads a type, and a colon before it, where = follows.
func skipType(text []byte, at int) int {
	i := skip(text, at, 1, ":")
	i = skip(text, i, maxBlank, " \t")
	for _, t := range types {
		if bytes.HasPrefix(text[i:], []byte(t)) {
			if end := skip(text, i+len(t), maxBlank, " \t"); end < len(text) && text[end] == '=' {
				return end
			}
		}
	}
	return at
}

// skip returns where the first byte after at stands that is none of some, and
// at most most bytes further.
func skip(text []byte, at, most int, some string) int {
	for n := 0; n < most && at < len(text) && bytes.IndexByte([]byte(some), text[at]) >= 0; n++ {
		at++
	}
	return at
}

func quote(c byte) bool { return c == '"' || c == '\'' || c == '`' }
func space(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }
