package mailrecord

import (
	"slices"
	"strings"
)

const spfVersion = "v=spf1"

// isSPF reports whether a text is an SPF record by its version (RFC 7208,
// section 4.5): "v=spf1", in any case, and a blank or the end.
func isSPF(text string) bool {
	return len(text) >= len(spfVersion) && asciiLower(text[:len(spfVersion)]) == spfVersion &&
		(len(text) == len(spfVersion) || text[len(spfVersion)] == ' ')
}

// FindSPF picks the SPF records out of the TXT records of a name, each given
// as its strings, and says which of the others were meant to be one. More than
// one is the problem spf.multiple; none is no problem here.
func FindSPF(txts [][]string) (found [][]string, problems []Problem) {
	l := &lint{}
	for _, txt := range txts {
		text := strings.Join(txt, "")
		if isSPF(text) {
			found = append(found, txt)
			continue
		}
		if f := nearSPF(text); f != nil {
			l.add(*f, 0, text)
		}
	}
	if len(found) > 1 {
		l.add(fault{code: "spf.multiple", detail: "with more than one, every receiver answers with an error", fix: "merge them into one: " + mergeSPF(found)}, 0, "")
	}
	return found, l.out
}

// nearSPF recognises a text that somebody took for an SPF record.
func nearSPF(text string) *fault {
	low := asciiLower(text)
	if strings.HasPrefix(low, "spf2.0/") {
		return &fault{code: "spf.sender-id", detail: "Sender ID is history and nothing reads it", fix: "remove it"}
	}
	trimmed := strings.TrimLeft(low, " \t\r\n\"'\\\u00a0\ufeff")
	f := &fault{code: "spf.not-a-record"}
	switch {
	case trimmed != low && (strings.HasPrefix(trimmed, spfVersion) || strings.HasPrefix(trimmed, "v=spf")):
		f.detail, f.fix = "a blank or a quote stands before v=spf1, so that it is not recognised", "start the record with v=spf1"
	case strings.HasPrefix(low, spfVersion):
		f.detail, f.fix = "no blank follows v=spf1, so that it is not recognised", "write v=spf1, one blank, then the terms"
	case strings.HasPrefix(low, "v=spf"), strings.HasPrefix(low, "v = spf"), strings.HasPrefix(low, "v= spf"), strings.HasPrefix(low, "v =spf"),
		strings.HasPrefix(low, "v:spf1"), strings.HasPrefix(low, "spf1 "), strings.HasPrefix(low, "=spf1 "), strings.HasPrefix(low, "spf=v1"), strings.HasPrefix(low, "spf v=spf1"):
		f.detail, f.fix = "the version is not v=spf1, so that it is not recognised", "start the record with v=spf1"
	default:
		return nil
	}
	return f
}

// mergeSPF writes the records as one, to be pasted.
func mergeSPF(found [][]string) string {
	out, end := []string{spfVersion}, ""
	for _, txt := range found {
		r, _ := ParseSPF(txt...)
		for _, t := range r.Terms {
			switch {
			case t.means() == "all" && (end == "" || end == t.Text):
				end = t.Text
			case t.means() == "all":
				end = "~all"
			case t.Qualifier != 0 && !t.Ignored && !slices.Contains(out, t.Text) && len(out) < 32:
				out = append(out, t.Text)
			}
		}
	}
	if end == "" || end[0] != '-' {
		end = "~all"
	}
	return cut(strings.Join(append(out, end), " "), 450)
}
