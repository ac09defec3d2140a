package smoke

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

const (
	// minSecret is the shortest value that can be hidden: a shorter one would
	// be found in the middle of ordinary words.
	minSecret = 4
	// minLong is the same for values that the target made up, which are
	// often short and harmless, such as a cookie theme=dark.
	minLong = 8
)

var (
	email        = regexp.MustCompile(`[A-Za-z0-9._%+-]+(?:@|%40|&#64;|\\u0040)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)
	emailEnd     = regexp.MustCompile(`[^\s<>"',;()]+$`)
	escapedName  = regexp.MustCompile(`%C2%AB[^/?#]*?%C2%BB`) // «NAME» in a path
	percentUpper = regexp.MustCompile(`%[0-9A-F]{2}`)
)

// redactor puts names in place of secret values. It is safe for concurrent
// use: many visitors of one run learn of new ones.
type redactor struct {
	mu       sync.Mutex
	known    map[string]string // every spelling of a value, and its name
	replacer *strings.Replacer // nil: to be made again
}

// add hides a value from now on.
func (r *redactor) add(name, value string) {
	if len(value) < minSecret {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil {
		r.known = map[string]string{}
	}
	for _, s := range spellings(value) {
		if _, twice := r.known[s]; !twice {
			r.known[s] = name
			r.replacer = nil
		}
	}
}

// addLong hides a value that nobody declared, if it is long enough to be one.
func (r *redactor) addLong(name, value string) {
	if len(value) >= minLong {
		r.add(name, value)
	}
}

// spellings returns the forms in which a value may stand in a page, a
// document, an address or an error.
func spellings(value string) []string {
	quoted := strconv.Quote(value)
	ascii := strconv.QuoteToASCII(value)
	escaped := html.EscapeString(value)
	query, path := url.QueryEscape(value), url.PathEscape(value)
	all := []string{
		value, query, path, strings.ReplaceAll(query, "+", "%20"), lowerPercent(query), lowerPercent(path),
		escaped, strings.ReplaceAll(escaped, "+", "&#43;"),
		strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;").Replace(escaped),
		strings.ReplaceAll(escaped, "&#39;", "&#x27;"),
		quoted[1 : len(quoted)-1], ascii[1 : len(ascii)-1],
		base64.StdEncoding.EncodeToString([]byte(value)), base64.RawURLEncoding.EncodeToString([]byte(value)),
	}
	if text, err := json.Marshal(value); err == nil {
		all = append(all, string(text[1:len(text)-1]))
	}
	var plain strings.Builder
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	if enc.Encode(value) == nil {
		all = append(all, strings.Trim(strings.TrimSuffix(plain.String(), "\n"), `"`))
	}
	return all
}

func lowerPercent(s string) string { return percentUpper.ReplaceAllStringFunc(s, strings.ToLower) }

// nameOf returns the name of a value, "" where it is no secret.
func (r *redactor) nameOf(value string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known[value]
}

// cutByFragment reports whether the fragment of an address begins within a
// secret, which is then no longer found in what stands before it.
func (r *redactor) cutByFragment(address string) bool {
	at := strings.IndexByte(address, '#')
	if at < 0 {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for value := range r.known {
		for offset, c := range []byte(value) {
			if c == '#' && offset <= at && strings.HasPrefix(address[at-offset:], value) {
				return true
			}
		}
	}
	return false
}

// text returns a text that may be shown: without secrets, e-mail addresses
// and characters that a terminal obeys. Line breaks and tabs stay.
func (r *redactor) text(s string) string {
	s = email.ReplaceAllString(r.replace(s), "«e-mail»")
	s = strings.Map(func(c rune) rune {
		if c == '\n' || c == '\t' || unicode.IsPrint(c) && c != utf8.RuneError {
			return c
		}
		return '·'
	}, s)
	return r.replace(s)
}

// beginning is the first bytes of text, for one that may be long. The secrets
// go before anything is cut, so that none is cut in two.
func (r *redactor) beginning(s string, limit int) string {
	s = r.replace(s)
	if len(s) > 8*limit {
		s = s[:8*limit]
		s = s[:len(s)-len(emailEnd.FindString(s[7*limit:]))] // nor an address
	}
	return cut(r.text(s), limit)
}

// withoutTail is for a text whose rest was not read: it hides the secrets, and
// takes away from the end what one of them begins with.
func (r *redactor) withoutTail(s string) string {
	s = r.replace(s)
	r.mu.Lock()
	defer r.mu.Unlock()
	longest := 0
	for value := range r.known {
		for n := min(len(value)-1, len(s)); n >= minSecret && n > longest; n-- {
			if s[len(s)-n] == value[0] && strings.HasSuffix(s, value[:n]) {
				longest = n
			}
		}
	}
	if longest == 0 {
		return s
	}
	return s[:len(s)-longest] + "…"
}

// address is shownURL without secrets, which go first: a secret may hold what
// an address is parsed by.
func (r *redactor) address(s string) string {
	return escapedName.ReplaceAllStringFunc(shownURL(r.replace(s)), func(escaped string) string {
		if name, err := url.PathUnescape(escaped); err == nil {
			return name
		}
		return escaped
	})
}

// line is text on one line of at most 400 bytes.
func (r *redactor) line(s string) string {
	return cut(r.replace(strings.Join(strings.Fields(r.text(s)), " ")), 400)
}

func (r *redactor) replace(s string) string {
	if replacer := r.compiled(); replacer != nil {
		return replacer.Replace(s)
	}
	return s
}

// compiled returns what puts the names in place, nil where there are none.
func (r *redactor) compiled() *strings.Replacer {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.replacer == nil && len(r.known) > 0 {
		values := make([]string, 0, len(r.known))
		for v := range r.known {
			values = append(values, v)
		}
		// The longest first: a value may begin with another.
		slices.SortFunc(values, func(a, b string) int {
			if len(a) != len(b) {
				return len(b) - len(a)
			}
			return strings.Compare(a, b)
		})
		var pairs []string
		for _, v := range values {
			pairs = append(pairs, v, "«"+r.known[v]+"»")
		}
		r.replacer = strings.NewReplacer(pairs...)
	}
	return r.replacer
}
