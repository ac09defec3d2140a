package secretscan

import "regexp/syntax"

// byteSet is a set of bytes.
type byteSet [256]bool

// beginnings is a cheap look at a pattern: every match begins with one of the
// rows of byte sets, and consists of the bytes in all. No match is lost by it,
// and most places where a keyword stands by chance are done with after a byte
// or two.
type beginnings struct {
	rows [][]*byteSet
	all  byteSet
}

const (
	maxRows = 16
	maxRow  = 128
)

func beginningsOf(pattern string) *beginnings {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		panic(err) // the patterns are constants
	}
	b := &beginnings{}
	b.rows, _ = b.walk(tree)
	return b
}

// walk returns how matches of a part of a pattern begin, and whether the rows
// are all of it. It collects the bytes on its way.
func (b *beginnings) walk(re *syntax.Regexp) (rows [][]*byteSet, whole bool) {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return b.sets(re)
	case syntax.OpCapture:
		return b.walk(re.Sub[0])
	case syntax.OpConcat:
		rows, whole = [][]*byteSet{nil}, true
		for _, sub := range re.Sub {
			next, all := b.walk(sub)
			if whole {
				rows, whole = join(rows, next, all)
			}
		}
		return rows, whole
	case syntax.OpAlternate:
		whole = true
		for _, sub := range re.Sub {
			next, all := b.walk(sub)
			rows, whole = append(rows, next...), whole && all
		}
		if len(rows) > maxRows {
			return [][]*byteSet{nil}, false
		}
		return rows, whole
	case syntax.OpRepeat, syntax.OpPlus, syntax.OpStar, syntax.OpQuest:
		part, all := b.walk(re.Sub[0])
		least, exact := 0, false
		switch re.Op {
		case syntax.OpRepeat:
			least, exact = re.Min, re.Min == re.Max
		case syntax.OpPlus:
			least = 1
		}
		rows, whole = [][]*byteSet{nil}, true
		for i := 0; i < least && whole; i++ {
			rows, whole = join(rows, part, all)
		}
		return rows, whole && exact
	default: // \A, \z and what matches nothing
		return [][]*byteSet{nil}, re.Op != syntax.OpNoMatch
	}
}

// sets is one set for each character of a literal, or of a class.
func (b *beginnings) sets(re *syntax.Regexp) (rows [][]*byteSet, whole bool) {
	var row []*byteSet
	add := func(from, to rune, fold bool) {
		set := row[len(row)-1]
		for c := from; c <= min(to, 255); c++ {
			set[c], b.all[c] = true, true
			if fold && (lower(byte(c)) || upper(byte(c))) {
				set[c^' '], b.all[c^' '] = true, true
			}
		}
	}
	if re.Op == syntax.OpLiteral {
		for _, c := range re.Rune {
			row = append(row, &byteSet{})
			add(c, c, re.Flags&syntax.FoldCase != 0)
		}
		return [][]*byteSet{row}, true
	}
	row = []*byteSet{{}}
	if re.Op != syntax.OpCharClass {
		add(0, 255, false)
	}
	for i := 0; i+1 < len(re.Rune); i += 2 {
		if re.Rune[i+1] > 127 { // the bytes of any other character
			add(128, 255, false)
		}
		add(re.Rune[i], min(re.Rune[i+1], 127), false)
	}
	// A character of several bytes would not be one of the row.
	return [][]*byteSet{row}, !row[0][128]
}

// join puts every one of next behind every one of rows.
func join(rows, next [][]*byteSet, whole bool) ([][]*byteSet, bool) {
	if len(rows)*len(next) > maxRows {
		return rows, false
	}
	var joined [][]*byteSet
	for _, a := range rows {
		for _, b := range next {
			row := append(append([]*byteSet(nil), a...), b...)
			if len(row) > maxRow {
				row, whole = row[:maxRow], false
			}
			joined = append(joined, row)
		}
	}
	return joined, whole
}

// fit reports whether a match may begin with text.
func (b *beginnings) fit(text []byte) bool {
rows:
	for _, row := range b.rows {
		if len(row) > len(text) {
			continue
		}
		for i, set := range row {
			if !set[text[i]] {
				continue rows
			}
		}
		return true
	}
	return false
}

// reach is how much of text a match may read: up to the first byte that is in
// none, and that byte, which tells the pattern that the text goes on.
func (b *beginnings) reach(text []byte) int {
	for i, c := range text {
		if !b.all[c] {
			return i + 1
		}
	}
	return len(text)
}
