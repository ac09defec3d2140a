package redact_test

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/launchready/readiness/internal/redact"
)

// What other languages and libraries make of a value.
func TestSpellingsOfOthers(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, secret, spelling string }{
		{"JSON of PHP", "ab/cd/ef+gh", `ab\/cd\/ef+gh`},
		{"JSON of PHP in base64", "~~~???~~~???", strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte("~~~???~~~???")), "/", `\/`)},
		{"JSON with capitals", "ab<cd>&ef", `ab\u003Ccd\u003E\u0026ef`},
		{"JSON in JSON", `ab"cd\ef`, `ab\\\"cd\\\\ef`},
		{"JSON beyond the first plane", "key😀word", `key\ud83d\uDE00word`},
		{"JSON without a need", "hunter22", `\u0068unter2\u0032`},
		{"Handlebars", "a=b/c`d'e", "a&#x3D;b/c&#x60;d&#x27;e"},
		{"Tera", "a/b'c<d", "a&#x2F;b&#x27;c&lt;d"},
		{"underscore", "a`b=c", "a&#x60;b=c"},
		{"entities in small letters", "a=b/cd", "a&#x3d;b&#x2f;cd"},
		{"entities with zeros", "a=b/cd", "a&#061;b&#0047;cd"},
		{"entities with names", "a=b/c@d!e%x", "a&equals;b&sol;c&commat;d&excl;e&percnt;x"},
		{"entities in JSON", "a&b<c>d", `a\u0026amp;b\u0026lt;c\u0026gt;d`},
		{"entities twice", "a&b<c>d", "a&amp;amp;b&amp;lt;c&amp;gt;d"},
		{"encodeURIComponent", "Tr0ub4dor & 3!", "Tr0ub4dor%20%26%203!"},
		{"encodeURIComponent with brackets", "a b!c*d(e)", "a%20b!c*d(e)"},
		{"encodeURI", "a b;c,d/e?f:g@h&i=j+k$l#m", "a%20b;c,d/e?f:g@h&i=j+k$l#m"},
		{"URLSearchParams", "a b~c!d*e", "a+b%7Ec%21d*e"},
		{"an address in an address", "a b&c", "a%2520b%2526c"},
		{"Python", "a'b\x01cd", `a\'b\x01cd`},
		{"Go beyond the first plane", "key\U000e0001word", `key\U000e0001word`},
		{"a value with escapes", "Zq7!Kw9%23Lm", "Zq7%21Kw9%2523Lm"},
		{"user:password in base64", "hunter22", base64.StdEncoding.EncodeToString([]byte("anna:hunter22"))},
		{"user:password in base64 of an address", "hunter22", base64.RawURLEncoding.EncodeToString([]byte("someone:hunter22"))},
		{"user:password in base64, the third way", "hunter22", base64.StdEncoding.EncodeToString([]byte("root:hunter22!"))},
		{"base64 in an address", "??>>??>>", url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("u:??>>??>>")))},
		{"HTML", `"<&>'`, html.EscapeString(`"<&>'`)},
	}
	for _, tt := range tests {
		for _, around := range []string{"before | after", `"x": "|", "y"`, "?q=|&r", "<p>|</p>", "|", "| |"} {
			want := strings.ReplaceAll(around, "|", "«NAME»")
			if got := hide("NAME", tt.secret, strings.ReplaceAll(around, "|", tt.spelling)); got != want {
				t.Errorf("%s: %q became %q, want %q", tt.name, tt.spelling, got, want)
			}
		}
	}
}

// A text with many escapes and none of a secret stays as it is.
func TestOrdinaryTextStays(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"a%20b%2520c &amp; &lt;p&gt; \\u003cb\\u003e \\/ 100% \\", `C:\new\table`, "&&;;&#;&#x;&nosuch;%%%zz", "1+1 = 2", `\ud83d \ude00`,
		"npm install lodash@4.17.21 react@18.2.0-rc.1 @scope/pkg@latest", "@media (min-width: 1px) { @import url(x) }", "icon@2x.png logo@3x.webp", "uses: actions/checkout@v4",
		"goroutine 1 [running] main.go:12 @ 0x45", "ssh git@host", `"user"@host`, `say "hi" @ home`, "x@[1]", "a[i]@[j]", "mention @anna and @anna.example",
	} {
		if got := hide("NAME", "hunter22", text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestMailAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"anna@bücher.example", "müller@example.org", "用户@例子.中国", "anna&#x40;example.org", "anna&#064;example.org", "anna&commat;example.org", "anna%2540example.org",
		"anna%40b%C3%BCcher.example", `anna\u0040example.org`, "anna@xn--bcher-kva.example", "anna.b+c@mail.example.co.uk", "root@localhost", "anna@192.0.2.1", "anna@example.xn--p1ai",
		`"john doe"@market.example`, `"john.doe"@localhost`, "john@[192.0.2.1]", "john@[IPv6:2001:db8::1]", "o'brien@market.example", "o&#39;brien@market.example", `\"john doe\"@market.example`,
	} {
		for _, around := range []string{"to |, now", "<|>", "mailto:|", `"|"`, "'|'", "| |", "|.", "(|)"} {
			want := strings.ReplaceAll(around, "|", "«e-mail»")
			if got := hide("NAME", "hunter22", strings.ReplaceAll(around, "|", address)); got != want {
				t.Errorf("%s: got %q, want %q", address, got, want)
			}
		}
	}
}

// Two secrets that overlap leave nothing of each other.
func TestSecretsThatOverlap(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"abcdefghij": "«V»", "abcdefgh": "«V»gh", "x abcdef efghij": "x «V» «V»", "abcdef%67hij": "«V»", "abcabc": "abcabc",
	} {
		if _, got := hideAll([]string{"abcdef", "efghij"}, text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	before, after := hideAll([]string{"first-value", "first-value-and-more", "first"}, "first first-value first-value-and first-value-and-more")
	if before != "first «V» «V»-and «V»" || after != "«V» «V» «V»-and «V»" {
		t.Errorf("got %q, then %q", before, after)
	}
}

func TestTheEndOfATextThatWasCut(t *testing.T) {
	t.Parallel()
	const secret = "correct & horse"
	for text, want := range map[string]string{
		"it is correct": "it is …", "it is correct &": "it is …", "it is correct%20%26": "it is …", "it is correct%20%2": "it is …", "it is correct &amp; ho": "it is …", `it is correct \u00`: "it is …",
		"it is corr": "it is …", "it is cor": "it is cor", "100%": "100%", "correct & horse": "«NAME»", "": "",
	} {
		if got := knows("NAME", secret).WithoutTail(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// Twenty thousand values are learned one by one, and all are found.
func TestManyValues(t *testing.T) {
	t.Parallel()
	secret := longSecret(160_000)
	var values []string
	for i := range 20_000 {
		values = append(values, secret[8*i:8*i+8]+"0123456789")
	}
	text := strings.Join(values, " ")
	before, after := hideAll(values, text)
	if strings.Count(before, "«V»") != 19_999 || strings.Trim(after, "«V» ") != "" {
		t.Errorf("%d values are hidden, then %.100q", strings.Count(before, "«V»"), strings.Trim(after, "«V» "))
	}
}

// Many learn and hide at the same time.
func TestRedactionIsConcurrent(t *testing.T) {
	t.Parallel()
	secret := longSecret(8000)
	var r redact.Redactor
	var wg sync.WaitGroup
	for visitor := range 10 {
		wg.Go(func() {
			for i := range 50 {
				at := 8 * (visitor + 10*i)
				value := secret[at : at+8]
				r.Add("V", value)
				if got := r.Text("is %" + value + "&"); got != "is %«V»&" {
					t.Errorf("got %q", got)
				}
			}
		})
	}
	wg.Wait()
}

// FuzzPlain plants a secret as others write it: whatever stands around it, it
// is hidden.
func FuzzPlain(f *testing.F) {
	f.Add("correct & horse", "before ", " after")
	f.Add(`a\"b%41&lt;`, `\`, "25")
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		if !tellable(secret) || !utf8.ValidString(secret) {
			t.Skip("too short, or what any text may hold")
		}
		var php strings.Builder
		enc := json.NewEncoder(&php)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(secret); err != nil {
			t.Fatal(err)
		}
		inJSON := strings.ReplaceAll(strings.TrimSuffix(php.String(), "\n"), "/", `\/`)
		component := strings.ReplaceAll(url.QueryEscape(secret), "+", "%20")
		for _, c := range "!*'()" {
			component = strings.ReplaceAll(component, url.QueryEscape(string(c)), string(c))
		}
		for _, spelling := range []string{component, inJSON[1 : len(inJSON)-1]} {
			if got := hide("NAME", secret, before+spelling+after); !strings.Contains(got, "NAME") || strings.Contains(got, secret) {
				t.Errorf("%q as %q shows in %q", secret, spelling, got)
			}
		}
	})
}
