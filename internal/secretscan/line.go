package secretscan

import "bytes"

// lineBytes may stand in a value that is all the rest of a line: not what ends
// one in a command or a query, nor what is code or a template.
var lineBytes = func() (set byteSet) {
	for c := range set {
		set[c] = alnum(byte(c)) || bytes.IndexByte([]byte("+/_~-.:!#%^*@?"), byte(c)) >= 0
	}
	return set
}()

// lineEnd is the end of a value without quotes that is all the rest of a line
// which its name begins, as in a .env file and in YAML. It may have marks that
// would end it in a text.
func lineEnd(before, text []byte, from int, g given) (to int, ok bool) {
	if !(g.sign == "=" && !g.apart && !g.spaced || g.sign == ":" && g.apart) {
		return 0, false
	}
	switch name := bytes.TrimLeft(beforeName(before), " \t"); string(name) {
	case "", "export ", "- ":
	default:
		return 0, false
	}
	for to = from; to < len(text) && to-from < maxSecret && lineBytes[text[to]]; {
		to++
	}
	size := to - from
	to = skip(text, to, 2, "=")
	return to, size >= minBare && !identifier(text[from:to]) && (to == len(text) || space(text[to]))
}
