package mailrecord

import "strings"

// seams are the places in a joined record where one string ended and the next
// began. Strings are joined without a blank (RFC 7208, section 3.3): a split
// within a term is legal, a split between two terms needs the blank in one of
// the strings.
type seams []int

func seamsOf(text []string) seams {
	if len(text) < 2 {
		return nil
	}
	var s seams
	n := 0
	for _, part := range text[:len(text)-1] {
		n += len(part)
		s = append(s, n)
	}
	return s
}

// breaks says that the word from start to end is two terms that a seam glued
// together; f is what is wrong with the word as it stands.
func (s *seams) breaks(start, end int, text string, f *fault) *fault {
	for tried := 0; len(*s) > 0 && (*s)[0] < end; {
		seam := (*s)[0]
		*s = (*s)[1:]
		if seam <= start {
			continue
		}
		if tried++; tried > 8 { // a hostile record has a seam at each octet
			continue
		}
		left, right := text[start:seam], text[seam:end]
		if _, bad := parseTerm(left); bad != nil {
			continue
		}
		// The word may be right by chance ("include:a.p" "a"): then only what
		// cannot be the end of a name counts as a term of its own.
		if _, bad := parseTerm(right); bad == nil && (f != nil || strings.ContainsAny(right, ":=")) {
			return &fault{
				code:   "spf.seam",
				detail: "the record is stored in several strings, which are joined without a blank: " + quote(left) + " and " + quote(right) + " become one word",
				fix:    "put a blank at the end of the first string",
			}
		}
	}
	return nil
}
