package redact_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

func TestRedaction(t *testing.T) {
	t.Parallel()
	const secret = `p&ss "wörd"+/<1>`
	for name, spelling := range map[string]string{
		"raw": secret, "query": url.QueryEscape(secret), "path": url.PathEscape(secret), "html": html.EscapeString(secret),
		"template": "p&amp;ss &#34;wörd&#34;&#43;/&lt;1&gt;", "json": jsonText(secret), "go": strings.Trim(strconv.Quote(secret), `"`),
		"base64": base64.StdEncoding.EncodeToString([]byte(secret)),
	} {
		got := hide("PASSWORD", secret, "before "+spelling+" after")
		if strings.Contains(got, spelling) || !strings.Contains(got, "«PASSWORD»") {
			t.Errorf("%s: got %q", name, got)
		}
	}
	for text, want := range map[string]string{
		"mail to a.b+c@market.example, now": "mail to «e-mail», now",
		"a%40market.example":                "«e-mail»",
		"\x1b[31mred\x00\u202e\xff\tok\n":   "·[31mred···\tok\n",
		"@ home, 3 @ 4":                     "@ home, 3 @ 4",
	} {
		if got := hide("PASSWORD", secret, text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func jsonText(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(b[1 : len(b)-1])
}

// FuzzRedact plants a secret in a text in every spelling.
func FuzzRedact(f *testing.F) {
	f.Add("correct horse", "before ", " after")
	f.Add("a@b.example", "x", "y")
	f.Add("····", "\x00\x01\x02\x03", "")
	f.Add(`"<&>'`, "&", ";")
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		if !tellable(secret) {
			t.Skip("too short, or what any text may hold")
		}
		for _, spelling := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret), jsonText(secret), fmt.Sprintf("%q", secret)} {
			for _, text := range []string{before + spelling + after, spelling + spelling, before + spelling} {
				if got := hide("NAME", secret, text); strings.Contains(got, secret) {
					t.Errorf("%q shows in %q", secret, got)
				}
				if got := knows("NAME", secret).Line(text); strings.Contains(got, secret) {
					t.Errorf("%q shows in the line %q", secret, got)
				}
			}
		}
	})
}

// tellable reports whether a planted secret can be told from what the output
// says anyway: it is long enough and no piece of the words put in its place.
func tellable(secret string) bool {
	return len(secret) >= 4 && !strings.Contains("«NAME»«e-mail»", secret) && !strings.Contains(strings.Repeat("·", len(secret)), secret)
}
