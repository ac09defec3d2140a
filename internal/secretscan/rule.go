package secretscan

import (
	"regexp"
	"slices"
	"sync"
)

// rule is one kind of secret.
type rule struct {
	id string
	// keywords are in lower case and found in any case. One of them stands in
	// every secret of this kind, or before it.
	keywords []string
	// find reads a text that begins with the keyword, and what stands before it
	// in its line, up to maxBack. It returns where the secret stands in the
	// text, 0 and 0 for nowhere.
	find func(before, text []byte) (from, to int)
	// pattern is used where find is nil, anchored to where a keyword begins.
	// Its group "secret" is the secret, the others are what accept wants to
	// know.
	pattern  string
	compiled *regexp.Regexp
	begins   *beginnings
	// back is what may stand before the keyword and belongs to the match. nil:
	// the match begins with the keyword.
	back func(byte) bool
	// alone forbids a letter, a digit or _ before the match: ghp_ in the
	// middle of a word begins no token.
	alone bool
	// apart are more bytes that may not stand before the match.
	apart string
	// joined is a word that may stand before a match that is alone.
	joined string
	// reach is how many bytes a match may have, 0 for defaultReach. What is
	// longer is no secret of this kind.
	reach int
	// entropy is how many bits each character has to carry, at the least.
	entropy float64
	// password is for secrets that people think up: nothing of one is shown,
	// and accept itself tells placeholders.
	password bool
	// hides reports a secret of which nothing is shown, from what find reads.
	hides func(before, text []byte) bool
	// accept has the last word on what the pattern has found. nil accepts.
	accept func(match) bool
	// open lets the window end within the secret: the rest of a long key does
	// not matter.
	open bool
	// known is for secrets whose content find or accept has looked into. They
	// are not searched for the words that tell a short placeholder: filledIn
	// is for long ones.
	known bool
}

// match is what the pattern of a rule has found in a text.
type match struct {
	pattern *regexp.Regexp
	text    []byte
	at      []int
}

func (m match) secret() string { return m.group("secret") }

func (m match) group(name string) string {
	from, to := m.span(name)
	return string(m.text[from:to])
}

// span is where a group stands in the text; a group that took no part is
// empty.
func (m match) span(name string) (from, to int) {
	i := m.pattern.SubexpIndex(name)
	return max(m.at[2*i], 0), max(m.at[2*i+1], 0)
}

func wordByte(c byte) bool             { return c == '_' || alnum(c) }
func alnum(c byte) bool                { return digit(c) || lower(c) || upper(c) }
func digit(c byte) bool                { return '0' <= c && c <= '9' }
func lower(c byte) bool                { return 'a' <= c && c <= 'z' }
func upper(c byte) bool                { return 'A' <= c && c <= 'Z' }
func hexByte(c byte) bool              { return digit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }
func anchored(s string) *regexp.Regexp { return regexp.MustCompile(`\A(?:` + s + `)`) }

// token is a rule for secrets that begin with their keyword.
func token(id, pattern string, entropy float64, keywords ...string) rule {
	return rule{id: id, keywords: keywords, pattern: "(?<secret>" + pattern + ")", entropy: entropy, alone: true}
}

// engine is the rules, ready to be used.
type engine struct {
	rules []rule
	words *automaton
}

// load compiles the rules when they are first needed: a program that links
// this package and scans nothing pays nothing.
var load = sync.OnceValue(func() *engine {
	e := &engine{rules: slices.Concat(tokens(), structured(), connections(), logins(), namedValues(), assignments())}
	words := map[string][]int{}
	for i := range e.rules {
		r := &e.rules[i]
		if r.reach == 0 {
			r.reach = defaultReach
		}
		if r.find == nil {
			r.compiled, r.begins = anchored(r.pattern), beginningsOf(r.pattern)
		}
		for _, k := range r.keywords {
			words[k] = append(words[k], i)
		}
	}
	e.words = newAutomaton(words)
	return e
})
