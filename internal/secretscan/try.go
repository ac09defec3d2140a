package secretscan

import (
	"bytes"
	"strings"
)

// try looks for a secret of a rule whose keyword begins at a place of the
// buffer.
func (s *Scanner) try(number, keyword int) {
	r := &s.engine.rules[number]
	start := keyword
	if r.back != nil {
		for start > 0 && keyword-start < maxBack && r.back(s.buf[start-1]) {
			start--
		}
	}
	if r.alone && !startsAlone(s.buf, start) && !(r.joined != "" && bytes.HasSuffix(s.buf[:start], []byte(r.joined))) || start > 0 && strings.IndexByte(r.apart, s.buf[start-1]) >= 0 {
		return
	}
	window := s.buf[start:min(start+r.reach, len(s.buf))]
	first, last := 0, 0
	if r.find != nil {
		first, last = r.find(s.before(start), window)
	} else {
		first, last = s.match(r, s.base+int64(start), window)
	}
	if last == 0 || last == len(window) && len(window) == r.reach && !r.open {
		return // none, or it goes on, and so it is too long
	}
	if next := start + last; next < len(s.buf) && wordByte(s.buf[next]) && !r.open {
		return
	}
	secret := string(window[first:last])
	if r.entropy > 0 && entropy(secret) < r.entropy || !r.password && !r.known && placeholder(secret) || s.allowed(start, start+first) {
		return
	}
	hidden := r.password || r.hides != nil && r.hides(s.before(start), window)
	s.spans = append(s.spans, span{
		rule: number, start: s.base + int64(start+first), end: s.base + int64(start+last),
		finding: Finding{
			Rule: r.id, Name: s.name, Line: s.lineAt(start), Masked: mask(secret, hidden),
			Fingerprint: fingerprint(r.id, s.name, secret),
		},
	})
}

// before is what stands before a place in its line, up to maxBack.
func (s *Scanner) before(at int) []byte {
	before := s.buf[max(at-maxBack, 0):at]
	return before[bytes.LastIndexByte(before, '\n')+1:]
}

// match tries the pattern of a rule, and returns where the secret stands in
// text.
func (s *Scanner) match(r *rule, at int64, text []byte) (from, to int) {
	if !r.begins.fit(text) {
		return 0, 0
	}
	text = text[:r.begins.reach(text)]
	if !s.budget.spend(at, min(len(text), budgetBytes/4)) {
		return 0, 0
	}
	groups := r.compiled.FindSubmatchIndex(text)
	if groups == nil {
		return 0, 0
	}
	m := match{pattern: r.compiled, text: text, at: groups}
	if r.accept != nil && !r.accept(m) {
		return 0, 0
	}
	return m.span("secret")
}
