package shape_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/shape"
)

func TestName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"q", "id", "x_id", "email", "csrf_token", "sessionToken", "user[address][0]", "items.0.price", "X-Requested-With", "_method",
		"getHTTPResponse", "lengths", "strengths", "g-recaptcha-response", "csrfmiddlewaretoken", "internationalization", "page2", "isOK", "utm_source", "authenticity_token", "password_confirmation", "address2",
	} {
		if got := shape.Name(name); got != name {
			t.Errorf("%s is shown as %s", name, got)
		}
	}
	for _, name := range []string{
		"", "0", "a b", "alice@example.org", "Alice%20Smith", "é", "x\x00", "4111111111111111", "+436641234567", "a=b", "' OR 1", "<script>",
		"ghp_16C7e42F292c6912E7710c838347Ae178B4a", "sk_live_51H8aZ2eYvKQ", "AKIAIOSFODNN7EXAMPLE1234", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
		"JBSWYKDPEHPKNPXPLJOR", "eliDMHIrlqnGRJsk", "zxqt-jvwk-pbnr-xgzd",
		"550e8400-e29b-41d4-a716-446655440000", "kJhGfDsAqWeRtZuIoP", "qwrtzplkjhgf", strings.Repeat("name", 11),
	} {
		if got, want := shape.Name(name), fmt.Sprintf("<%d bytes>", len(name)); got != want {
			t.Errorf("%q is shown as %s, want %s", name, got, want)
		}
	}
}

// TestTokensAreNoNames counts how many random tokens pass for a name.
func TestTokensAreNoNames(t *testing.T) {
	t.Parallel()
	alphabets := map[string]string{
		"hex":      "0123456789abcdef",
		"base32":   "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
		"base36":   "abcdefghijklmnopqrstuvwxyz0123456789",
		"base62":   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
		"base64":   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
		"letters":  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
		"capitals": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	}
	for name, alphabet := range alphabets {
		r := rand.New(rand.NewPCG(1, 2))
		shown := 0
		const tokens = 10_000
		for range tokens {
			token := make([]byte, 20)
			for i := range token {
				token[i] = alphabet[r.IntN(len(alphabet))]
			}
			if shape.Name(string(token)) == string(token) {
				shown++
			}
		}
		if shown > tokens/100 {
			t.Errorf("%s: %d of %d tokens of 20 characters are shown", name, shown, tokens)
		}
	}
}

func TestQueryKeys(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, raw string
		want      []string
	}{
		{"nothing", "", nil},
		{"keys", "q=lift&page=2&q=again", []string{"page", "q"}},
		{"an escaped key", "user%5Bname%5D=x", []string{"user[name]"}},
		{"a key that is an address", "alice@example.org=1", []string{"<17 bytes>"}},
		{"no key at all", "hunter2&a=b", []string{"<7 bytes>", "a"}},
		{"what cannot be unescaped", "%zz=1&&a=%zz", []string{"<3 bytes>", "a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := shape.QueryKeys(tt.raw); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	var many strings.Builder
	for range 1000 {
		many.WriteString("x=1&hunter&")
	}
	if got := shape.QueryKeys(many.String()); !slices.Equal(got, []string{"<6 bytes>", "x"}) {
		t.Errorf("many: %q", got)
	}
}

const boundary = `multipart/form-data; boundary="b"`

func part(disposition, value string) string {
	return "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + value + "\r\n"
}

func TestOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, contentType, body string
		partial                 bool
		want                    string
	}{
		{"no type", "", "secret", false, ""},
		{"a text", "text/plain", "secret", true, ""},
		{"an object", "application/json", `{"email":"a@b.example","days":3,"ok":true,"note":null}`, false, `{"email":"string(11)","days":"number","ok":"bool","note":null}`},
		{"in capitals, with a charset", "Application/JSON; charset=utf-8", `"é"`, false, `"string(1)"`},
		{"a type of somebody's", "application/vnd.api+json", `[1,2,3]`, false, `["number","2 more"]`},
		{"nested", "application/json", `{"a":{"b":[{"c":"x"},{"d":"y"}]}}`, false, `{"a":{"b":[{"c":"string(1)"},"1 more"]}}`},
		{"empty ones", "application/json", `{"a":[],"b":{}}`, false, `{"a":[],"b":{}}`},
		{"too deep", "application/json", strings.Repeat(`[`, 9) + `"secret"` + strings.Repeat(`]`, 9), false, `[[[[["…"]]]]] (partial)`},
		{"a map of addresses", "application/json", `{"alice@example.org":1}`, false, `{"<17 bytes>":"number"}`},
		{"cut", "application/json", `{"email":"a@b.example","pass`, true, `{"email":"string(11)"} (partial)`},
		{"cut in a value", "application/json", `{"email":"a@b.exa`, true, `{"email":"…"} (partial)`},
		{"no JSON", "application/json", `hunter2`, false, `"…" (partial)`},
		{"more behind it", "application/json", `{} hunter2`, false, `{} (partial)`},
		{"a key that is none", "application/json", `{hunter2:1}`, false, `{} (partial)`},
		{"nothing", "application/json", ``, false, `"…" (partial)`},
		{"a form", "application/x-www-form-urlencoded", "email=a%40b.example&password=hunter2&empty=", false, "email=string(11)&password=string(7)&empty=string(0)"},
		{"a form of one word", "application/x-www-form-urlencoded", "hunter2", false, "<7 bytes>=string(7)"},
		{"a form that is cut", "application/x-www-form-urlencoded", "email=a%40b", true, "email=string(3) (partial)"},
		{"an upload", boundary, part(`name="title"`, "Lift") + part(`name="photo"; filename="secret.png"`, "12345") + "--b--\r\n", false, "title=string(4)&photo=file(5)"},
		{"an upload that is cut", boundary, part(`name="title"`, "Lift") + "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"x\"\r\n\r\n123", true, "title=string(4)&photo=file(3) (partial)"},
		{"an upload without a boundary", "multipart/form-data", "secret", false, "(partial)"},
		{"a part without a name", boundary, part(`x="hunter2"`, "v") + "--b--", false, "<0 bytes>=string(1)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := shape.Of(tt.contentType, []byte(tt.body), tt.partial)
			if got.String() != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if got.Text != "" && !json.Valid([]byte(got.Text)) {
				t.Errorf("no JSON: %s", got.Text)
			}
			if shape.Readable(tt.contentType) != (tt.want != "") {
				t.Errorf("Readable says %v", shape.Readable(tt.contentType))
			}
		})
	}
}

func TestManyFieldsAreBounded(t *testing.T) {
	t.Parallel()
	var object, form, upload strings.Builder
	object.WriteString(`{"a":1`)
	for range 500 {
		object.WriteString(`,"a":1`)
		form.WriteString("a=1&")
		upload.WriteString(part(`name="a"`, "1"))
	}
	object.WriteString("}")
	nested := strings.Repeat(`{"a":1,"b":{"c":1,"d":{"e":1}},"list":[`, 100)
	for contentType, body := range map[string]string{shape.JSON: object.String(), "z/y+json": "{" + strings.Repeat(`"a":{"b":{"c":1}},`, 50) + `"a":1}`, "nested/x+json": nested, shape.Form: form.String(), boundary: upload.String()} {
		got := shape.Of(contentType, []byte(body), false)
		if !got.Partial || len(got.String()) > 40*20 {
			t.Errorf("%s: %d bytes, partial %v", contentType, len(got.String()), got.Partial)
		}
	}
}

// Not parallel: it counts allocations.
func TestReadableDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { _ = shape.Readable("application/problem+json; charset=utf-8") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzOf plants a secret as a value in every kind of body and looks for it in
// the shape.
func FuzzOf(f *testing.F) {
	f.Add("application/json", `{"a":"%s"}`, false)
	f.Add("application/json", `{"%s":1}`, false)
	f.Add("application/json", `%s`, true)
	f.Add("application/json", `[[[[[[["%s"`, true)
	f.Add("application/x-www-form-urlencoded", "a=%s&%s&b=1", false)
	f.Add(boundary, part(`name="title"; filename="%s"`, "%s"), true)
	f.Add(`multipart/form-data; boundary="%s"`, "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s", false)
	f.Fuzz(func(t *testing.T, contentType, body string, partial bool) {
		const secret = "ghp_16C7e42F292c6912E7"
		contentType, body = strings.ReplaceAll(contentType, "%s", secret), strings.ReplaceAll(body, "%s", secret)
		got := shape.Of(contentType, []byte(body), partial)
		if strings.Contains(fmt.Sprint(got, got.Text, got.Fields, shape.QueryKeys(body)), secret) {
			t.Errorf("the secret is in %s", got)
		}
		if got.Text != "" && !json.Valid([]byte(got.Text)) {
			t.Errorf("no JSON: %s", got.Text)
		}
		if len(got.String()) > 1<<16 {
			t.Errorf("%d bytes for a body of %d", len(got.String()), len(body))
		}
	})
}
