package mailrecord

import (
	"fmt"
	"net/netip"
	"strings"
)

// SPF is a record as it was read. Its slices belong to the caller.
type SPF struct {
	// Text is the whole record, its strings joined.
	Text string
	// Terms are those that could be read, in order.
	Terms []Term
}

// Term is one directive or modifier of an [SPF] record.
type Term struct {
	// At is its place, from one; the version is not counted.
	At int
	// Text is what the record says.
	Text string
	// Qualifier is one of + - ~ ?, and + where none is written; 0 in a
	// modifier.
	Qualifier byte
	// Name is the mechanism or modifier, in lower case.
	Name string
	// Domain is the domain-spec as written, macros and all; empty where there
	// is none. In an unknown modifier it is the value.
	Domain string
	// Net is the network of ip4 and ip6.
	Net netip.Prefix
	// Bits4 and Bits6 are the prefix lengths of a and mx: 32 and 128 unless
	// the term says otherwise.
	Bits4, Bits6 int
	// Ignored marks a term that no receiver gets to: a mechanism after all,
	// or redirect beside all.
	Ignored bool
}

// All returns the first all, whose Qualifier says what becomes of mail from
// elsewhere.
func (r SPF) All() (Term, bool) { return r.first("all") }

// Redirect returns the redirect that is in force: the first, unless the
// record has an all.
func (r SPF) Redirect() (Term, bool) {
	t, ok := r.first("redirect")
	return t, ok && !t.Ignored
}

func (r SPF) first(name string) (Term, bool) {
	for _, t := range r.Terms {
		if t.means() == name {
			return t, true
		}
	}
	return Term{}, false
}

// means is the name of a mechanism, redirect or exp; it is empty for every
// other modifier, even one called like a mechanism ("include=").
func (t Term) means() string {
	if t.Qualifier != 0 || t.Name == "redirect" || t.Name == "exp" {
		return t.Name
	}
	return ""
}

// looksUp reports whether evaluating t costs one of the ten lookups.
func (t Term) looksUp() bool {
	switch t.means() {
	case "include", "a", "mx", "ptr", "exists", "redirect":
		return !t.Ignored
	}
	return false
}

// anybody reports whether t passes every address of a family.
func (t Term) anybody() bool {
	if t.Qualifier != '+' || t.Ignored {
		return false
	}
	switch t.Name {
	case "all":
		return true
	case "ip4", "ip6":
		return t.Net.Bits() <= 1 // two halves are as good as the whole
	case "a", "mx":
		return t.Bits4 <= 1 || t.Bits6 <= 1
	}
	return false
}

// ParseSPF reads one SPF record from the strings of its TXT record and returns
// what it could read with everything that is wrong with the record itself:
// what other names it leads to is [WalkSPF]'s. A record that is none, by its
// version, has no terms and the problem spf.not-a-record.
func ParseSPF(text ...string) (SPF, []Problem) {
	r := SPF{Text: strings.Join(text, "")}
	l := &lint{}
	if !isSPF(r.Text) {
		l.add(fault{code: "spf.not-a-record", detail: `it does not start with "v=spf1" and a blank`}, 0, r.Text)
		return r, l.out
	}
	seams := seamsOf(text)
	at := 0
	for i := len(spfVersion); i < len(r.Text); {
		if r.Text[i] == ' ' {
			i++
			continue
		}
		end := len(r.Text)
		if n := strings.IndexByte(r.Text[i:], ' '); n >= 0 {
			end = i + n
		}
		word := r.Text[i:end]
		at++
		t, f := parseTerm(word)
		if broken := seams.breaks(i, end, r.Text, f); broken != nil {
			f = broken
		}
		t.At, t.Text = at, word
		if f != nil {
			l.add(*f, at, word)
		} else {
			r.Terms = append(r.Terms, t)
		}
		i = end
	}
	r.ignore()
	r.lint(l)
	return r, l.out
}

// ignore marks the terms that nobody gets to.
func (r *SPF) ignore() {
	_, ended := r.All()
	after := false
	for i := range r.Terms {
		t := &r.Terms[i]
		t.Ignored = after && t.Qualifier != 0 || ended && t.Name == "redirect"
		after = after || t.means() == "all"
	}
}

// lint looks at the record as a whole.
func (r SPF) lint(l *lint) {
	terms, once, addresses := map[string]bool{}, map[string]bool{}, 0
	for _, t := range r.Terms {
		switch {
		case t.Name == "redirect" || t.Name == "exp":
			if once[t.Name] {
				l.add(fault{code: "spf.syntax", detail: t.Name + " stands twice, which is an error for every receiver", fix: "remove one"}, t.At, t.Text)
			}
			once[t.Name] = true
			if t.Ignored {
				l.add(fault{code: "spf.redirect-ignored", detail: "a record with all never redirects", fix: "remove redirect, or all"}, t.At, t.Text)
			}
		case t.Name == "v" && t.Qualifier == 0:
			l.add(fault{code: "spf.repeated-version", detail: "two records were joined into one; the second version is read as an unknown modifier", fix: "keep one v=spf1 at the start and one all at the end"}, t.At, t.Text)
		case t.Qualifier == 0:
			r.lintModifier(l, t)
		case t.Ignored:
			l.add(fault{code: "spf.after-all", detail: "what stands after all is never looked at", fix: "move it before all, or remove it"}, t.At, t.Text)
		case terms[asciiLower(t.Text)]:
			l.add(fault{code: "spf.duplicate", detail: "it stands in the record before", fix: "remove one"}, t.At, t.Text)
		case t.Name == "ptr":
			l.add(fault{code: "spf.ptr", detail: "ptr is slow, depends on others and is not to be used; some receivers skip it, and all ignore what stands behind the first 10 names of a sender's address, which cannot be counted without a message", fix: "list the addresses with ip4, ip6, a or mx"}, t.At, t.Text)
		case t.anybody():
			l.add(fault{code: "spf.plus-all", detail: "it passes mail from every address on earth", fix: "end the record with ~all or -all"}, t.At, t.Text)
		case t.Name == "ip4" || t.Name == "ip6":
			addresses++
		}
		terms[asciiLower(t.Text)] = true
	}
	r.lintEnd(l)
	if n := len(r.Text); n > 450 {
		l.add(fault{code: "spf.long", detail: fmt.Sprintf("it has %d octets; with more than 450 an answer over plain UDP may be cut short", n), fix: "remove what is no longer used"}, 0, "")
	}
	if addresses > 20 {
		l.add(fault{code: "spf.flattened", detail: fmt.Sprintf("%d networks are listed: they go stale when a provider moves", addresses), fix: "include the provider's own record where the ten lookups allow it"}, 0, "")
	}
}

func (SPF) lintModifier(l *lint, t Term) {
	switch t.Name {
	case "all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists":
		l.add(fault{code: "spf.modifier-for-mechanism", detail: "with = it is an unknown modifier, which every receiver ignores", fix: "write " + strings.TrimSuffix(t.Name+":"+cut(t.Domain, 80), ":")}, t.At, t.Text)
	default:
		l.add(fault{code: "spf.unknown-modifier", detail: "receivers ignore it"}, t.At, t.Text)
	}
}

// lintEnd looks at what becomes of mail from elsewhere. A broken record has
// no end to speak of.
func (r SPF) lintEnd(l *lint) {
	all, ended := r.All()
	_, redirected := r.first("redirect")
	switch {
	case ended && all.Qualifier == '?':
		l.add(fault{code: "spf.neutral-all", detail: "mail from anywhere else counts as neither good nor bad", fix: "use ~all or -all"}, all.At, all.Text)
	case !ended && !redirected && !l.blocked():
		l.add(fault{code: "spf.no-all", detail: "mail from anywhere else counts as neither good nor bad", fix: "end the record with ~all or -all"}, 0, "")
	}
}
