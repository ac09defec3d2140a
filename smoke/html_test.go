package smoke_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

func TestFindToken(t *testing.T) {
	t.Parallel()
	cookie := func(name, value string) []*http.Cookie { return []*http.Cookie{{Name: name, Value: value}} }
	tests := []struct {
		name, doc            string
		cookies              []*http.Cookie
		value, field, header string
	}{
		{name: "none", doc: `<form><input name=q></form>`},
		{name: "gorilla", doc: `<form><input type="hidden" name="gorilla.csrf.Token" value="t0k"></form>`, value: "t0k", field: "gorilla.csrf.Token"},
		{name: "django", doc: `<form><input type="hidden" name="csrfmiddlewaretoken" value="t0k"></form>`, value: "t0k", field: "csrfmiddlewaretoken"},
		{name: "laravel", doc: `<form><input type="hidden" name="_token" value="t0k"></form>`, value: "t0k", field: "_token"},
		{name: "rails", doc: `<form><input type="hidden" name="authenticity_token" value="t0k&amp;="></form>`, value: "t0k&=", field: "authenticity_token"},
		{name: "asp.net", doc: `<form><input name="__RequestVerificationToken" value="t0k"/></form>`, value: "t0k", field: "__RequestVerificationToken"},
		{name: "meta", doc: `<meta name="csrf-token" content="t0k"><form></form>`, value: "t0k", header: "X-CSRF-Token"},
		{name: "meta with its field", doc: `<meta name="csrf-param" content="authenticity_token"><meta name="csrf-token" content="t0k">`, value: "t0k", field: "authenticity_token", header: "X-CSRF-Token"},
		{name: "meta with its header", doc: `<meta name="_csrf" content="t0k"><meta name="_csrf_header" content="X-Spring-Token">`, value: "t0k", header: "X-Spring-Token"},
		{name: "meta with a header that is none", doc: `<meta name="_csrf" content="t0k"><meta name="_csrf_header" content="Host">`, value: "t0k", header: "X-CSRF-Token"},
		{name: "angular", cookies: cookie("XSRF-TOKEN", "t%3Dk"), value: "t=k", header: "X-XSRF-TOKEN"},
		{name: "django's cookie", cookies: cookie("csrftoken", "t0k"), value: "t0k", header: "X-CSRFToken"},
		{name: "prefixed cookie", cookies: cookie("__Host-csrf", "t0k"), value: "t0k", header: "X-CSRF-Token"},
		{name: "another cookie", cookies: cookie("session", "t0k")},
		{name: "input before meta before cookie", doc: `<meta name=csrf-token content=meta><form><input name=csrf value=input></form>`, cookies: cookie("csrf", "cookie"), value: "input", field: "csrf"},
		{name: "in a comment", doc: `<form><!-- <input name=csrf value=old> --></form>`},
		{name: "in a script", doc: `<form><script>"<input name=csrf value=old>"</script></form>`},
		{name: "disabled", doc: `<form><input name=csrf value=old disabled></form>`},
		{name: "first attribute counts", doc: `<form><input name=csrf value=one value=two></form>`, value: "one", field: "csrf"},
		{name: "too long", doc: `<form><input name=csrf value=` + strings.Repeat("a", 5<<10) + `></form>`},
		{name: "by form attribute", doc: `<form id=f></form><input form=f name=csrf value=t0k>`, value: "t0k", field: "csrf"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			value, field, header := smoke.FindToken([]byte(tt.doc), tt.cookies)
			if value != tt.value || field != tt.field || header != tt.header {
				t.Errorf("got %q in field %q, header %q", value, field, header)
			}
		})
	}
}

func TestAFormSendsWhatABrowserWould(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, doc, want string }{
		{"inputs", `<form><input name=a value=1><input name=b type=hidden value="x &amp; y"><input value=3><input name=c></form>`, "a=1&b=x+%26+y&c="},
		{"boxes", `<form><input type=checkbox name=a><input type=checkbox name=b checked><input type=radio name=r value=1><input type=RADIO name=r value=2 checked></form>`, "b=on&r=2"},
		{"disabled", `<form><input name=a disabled><select name=s disabled><option>1</select><textarea name=t disabled>x</textarea></form>`, ""},
		{"buttons", `<form><button name=go value=1>Go</button><input type=submit name=s><input type=image name=i><input type=file name=f></form>`, ""},
		{"textarea", "<form><textarea name=t>\n\nA &lt;b&gt; <i></textarea></form>", "t=%0AA+%3Cb%3E+%3Ci%3E"},
		{"list", `<form><select name=s><option disabled>Choose<option>  Two words </option><option value=3>Three</select></form>`, "s=Two+words"},
		{"selected", `<form><select name=s><option>1<option selected>2</select><select name=m multiple><option>1</select></form>`, "s=2"},
		{"several", `<form><select name=s multiple><option selected value="">1<option selected>2</select></form>`, "s=&s=2"},
		{"outside", `<input name=x value=1><form><input name=a value=1></form><input name=b value=2>`, "a=1"},
		{"nested", `<form action=/outer><form action=/inner><input name=a value=1></form><input name=b value=2>`, "a=1"},
		{"by form attribute", `<input form=f name=a value=1><form></form><form id=f><input name=b value=2></form>`, ""},
		{"open to the end", `<form><textarea name=t>never closed`, ""},
		{"option that swallows the page", `<form><select name=s><option>` + strings.Repeat("<p>word ", 1<<14) + `</select></form>`, "s=word" + strings.Repeat("+word", 204)},
		{"open list", `<form><input name=a value=1><select name=s><option>1`, "a=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, _, got := smoke.SentForm([]byte(tt.doc), 0); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if _, _, got := smoke.SentForm([]byte(tests[10].doc), 1); got != "a=1&b=2" {
		t.Errorf("by form attribute: got %q", got)
	}
	if action, method, _ := smoke.SentForm([]byte(tests[9].doc), 0); action != "/outer" || method != "" {
		t.Errorf("nested: got %q %q", action, method)
	}
}

func TestMultipartForms(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.HandleFunc("GET /form", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`<form method=post enctype=multipart/form-data><input name=title><input name=photo type=file></form>`))
	})
	h.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1 << 10); err != nil {
			http.Error(w, "not multipart", http.StatusBadRequest)
			return
		}
		_, _ = w.Write([]byte("got " + r.FormValue("title")))
	})
	if err := check(t, h, smoke.Form{Path: "/form", Fields: map[string]string{"title": "a b"}}.Step().Contains("got a b")).Err(); err != nil {
		t.Error(err)
	}
}

// FuzzFindToken looks for tokens in anything: what is found is bounded, has a
// name or a header, and stands in the page for a token that was put there.
func FuzzFindToken(f *testing.F) {
	for _, seed := range []string{
		"", "<form>", `<input name=csrf value=x>`, `<meta name="csrf-token" content="a">`, "<!--", "<script>", "<textarea>", "<select><option>",
		`<form id=f></form><textarea form=f name=t>`, `<form><select name=s></form></select>`, "<form><form></form></form>", "\x00<form\x00name=_token>",
	} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		value, field, header := smoke.FindToken([]byte(before+after), nil)
		if value != "" && field == "" && header == "" || len(value) > 4<<10 {
			t.Errorf("found %q, field %q, header %q", value, field, header)
		}
		for i := range smoke.Forms([]byte(before + after)) {
			smoke.SentForm([]byte(before+after), i)
		}
		const planted = "planted-token"
		doc := `<form><input name="csrf_token" value="` + planted + `">` + after
		if value, field, _ := smoke.FindToken([]byte(doc), nil); value != planted || field != "csrf_token" {
			t.Errorf("found %q, field %q in %q", value, field, doc)
		}
	})
}

// FuzzJSON reads fields of anything.
func FuzzJSON(f *testing.F) {
	f.Add(`{"a":{"b":[1,2]}}`, "a.b.1")
	f.Add(`[`, "")
	f.Add(`{"":null}`, ".")
	f.Add(`1 2`, "0")
	f.Fuzz(func(t *testing.T, body, field string) {
		text, err := (&smoke.Response{Body: []byte(body)}).JSON(field)
		if err != nil && text != "" {
			t.Errorf("%q with the error %v", text, err)
		}
	})
}
