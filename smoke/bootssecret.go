package smoke

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/redact"
)

var (
	// connections are texts with which a database is opened. The group is the
	// password: what no parser of addresses would take is in use too.
	connections = []*regexp.Regexp{
		regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]*:([^\s]+)@`),
		regexp.MustCompile(`^[^\s:@/]+:(.+)@[a-z0-9]*\(`),    // of MySQL in Go
		regexp.MustCompile(`^[^\s:@/]+/([^\s@/]+)@[^\s@]+$`), // of Oracle
	}
	// setting is a name and its value in one of them, or in a query.
	setting = regexp.MustCompile(`(?:^|[\s;,?&])([A-Za-z_][A-Za-z0-9_.-]*(?: [A-Za-z]+)?)\s*=\s*('(?:[^'\\]|\\.)*'|"[^"]*"|[^\s;&]+)`)
	// ordinary are values that open nothing, whatever their names say.
	ordinary = []string{"true", "false", "none", "null", "auto", "enabled", "disabled", "strict", "required", "optional", "default", "lax", "secure"}
)

// conceal keeps a value of env out of what is shown. One that was given the
// address of the program is not secret as a whole, only what it holds may be.
func (b *boot) conceal(name, value string, addressed bool) {
	if !addressed && len(value) >= redact.MinLong {
		b.hide.Add(name, value)
	}
	b.concealPart(name, value, addressed || !redact.Opens(name), 0)
}

// maxNested is how deep values in values are looked for.
const maxNested = 8

// concealPart hides what a text holds that opens something, and the whole of
// it unless that is plain. A program may print a part alone.
func (b *boot) concealPart(name, value string, plain bool, depth int) {
	if depth > maxNested {
		return
	}
	if !plain && !slices.Contains(ordinary, strings.ToLower(value)) {
		b.hide.Add(name, value)
	}
	for line := range strings.SplitSeq(value, "\n") {
		line = strings.TrimSpace(line)
		// A line of a key, or of a value that is long enough.
		if len(line) >= redact.MinLong && len(line) < len(value) && !strings.HasPrefix(line, "-----") {
			b.hide.Add(name, line)
		}
	}
	for _, password := range passwords(value) {
		b.hide.Add(name, password)
	}
	var parsed any
	if text := strings.TrimSpace(value); strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		numbers := json.NewDecoder(strings.NewReader(text))
		numbers.UseNumber() // 0097531 is none, and 97531 stays as it is
		if numbers.Decode(&parsed) == nil {
			b.concealJSON(name, parsed, true, depth)
		}
	}
}

// concealJSON hides the strings in a value of JSON whose names open something.
func (b *boot) concealJSON(name string, value any, plain bool, depth int) {
	switch v := value.(type) {
	case string:
		b.concealPart(name, v, plain, depth+1)
	case json.Number:
		b.concealPart(name, v.String(), plain, depth+1)
	case []any:
		for _, one := range v {
			b.concealJSON(name, one, plain, depth)
		}
	case map[string]any:
		for key, one := range v {
			b.concealJSON(name, one, plain && !redact.Opens(key), depth)
		}
	}
}

// passwords are those in a text with which something is opened.
func passwords(value string) []string {
	var found []string
	if u, err := url.Parse(value); err == nil {
		if password, set := u.User.Password(); set {
			found = append(found, password)
		}
	}
	for _, re := range connections {
		for _, m := range re.FindAllStringSubmatch(value, -1) {
			found = append(found, m[1])
		}
	}
	for _, m := range setting.FindAllStringSubmatch(value, -1) {
		words := strings.Fields(m[1]) // ;User Password=, but user=x password=y too
		if name := words[len(words)-1]; redact.Opens(name) {
			quoted := strings.Trim(m[2], `'"`)
			found = append(found, quoted, strings.ReplaceAll(quoted, `\'`, `'`))
			if unescaped, err := url.QueryUnescape(quoted); err == nil {
				found = append(found, unescaped)
			}
		}
	}
	return slices.DeleteFunc(found, func(p string) bool { return slices.Contains(ordinary, strings.ToLower(p)) })
}
