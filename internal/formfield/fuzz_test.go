package formfield_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/formfield"
)

// FuzzRoundTrip: the handler's body is byte for byte what was sent, and
// whichever way of the standard library a handler takes to the field, the
// value that it gets is among those that were found. Where every way ends
// without an error nothing else is found either.
func FuzzRoundTrip(f *testing.F) {
	for _, seed := range []struct{ contentType, query, body string }{
		{urlencoded, "", "email=a%40b&x=1"},
		{urlencoded, "email=q", "email=a&email=b;c&&=&email"},
		{urlencoded + "; charset", "email=%zz", "{\"email\":\"a\"}"},
		{multi, "email=q", part("email", "m") + part("x", "y") + "--b--\r\n"},
		{"multipart/form-data; boundary=\"b\"", "", "{\"email\":1}\r\n" + part("email", "a\r\n--c") + "--b--"},
		{"application/json", "", `{"Email":"a","email":["b"],"x":{"email":1}} trailing`},
		{"application/json", "", "\ufeff{\"email\":\"a\"}"},
		{"", "a&email=1&email=2&email=3&email=4&email=5", "{"},
	} {
		f.Add("POST", seed.contentType, seed.query, []byte(seed.body))
		f.Add("DELETE", seed.contentType, seed.query, []byte(seed.body))
	}
	f.Fuzz(func(t *testing.T, method, contentType, query string, body []byte) {
		if len(body) >= formfield.Max || strings.Count(query, "&") > 100 || bytes.Count(body, []byte("&")) > 100 {
			t.Skip()
		}
		request := func() *http.Request {
			r := httptest.NewRequest("POST", "/", bytes.NewReader(body))
			r.Method, r.URL.RawQuery = method, query
			r.Header.Set("Content-Type", contentType)
			return r
		}
		r := request()
		form := formfield.Read(r)
		found := form.Values("email")
		if got, err := io.ReadAll(r.Body); err != nil || !bytes.Equal(got, body) {
			t.Fatalf("the body came back as %q, %v", got, err)
		}
		if len(found) > formfield.MaxValues {
			return // refused
		}
		seen, clean := handlers(request)
		for way, values := range seen {
			for _, v := range values {
				if !slices.Contains(found, v) {
					t.Errorf("%s finds %q, which is not among %q", way, v, found)
				}
			}
		}
		if !clean {
			return
		}
		for _, v := range found {
			if !slices.ContainsFunc([]string{"query", "form", "by hand", "multipart", "json", "json map"}, func(way string) bool { return slices.Contains(seen[way], v) }) {
				t.Errorf("%q was found, and no handler would: %v", v, seen)
			}
		}
	})
}

// handlers returns what handlers find under "email", by their way to it, and
// whether all of them went to the end without an error.
func handlers(request func() *http.Request) (seen map[string][]string, clean bool) {
	seen, clean = map[string][]string{}, true
	r := request()
	seen["query"] = r.URL.Query()["email"]
	if v := r.FormValue("email"); r.Form.Has("email") {
		seen["form value"] = []string{v}
	}
	r = request()
	if v := r.PostFormValue("email"); r.PostForm.Has("email") {
		seen["post form value"] = []string{v}
	}
	r = request()
	err := r.ParseMultipartForm(1 << 20)
	clean = err == nil || err == http.ErrNotMultipart
	seen["form"] = r.Form["email"]
	if r.MultipartForm != nil {
		seen["multipart"] = r.MultipartForm.Value["email"]
		_ = r.MultipartForm.RemoveAll()
	}
	r = request()
	var target struct {
		Email *string `json:"email"`
	}
	if err := json.NewDecoder(r.Body).Decode(&target); err == nil && target.Email != nil {
		seen["json"] = []string{*target.Email}
	}
	body, _ := io.ReadAll(request().Body)
	if mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); mediaType == urlencoded { // by hand, whatever the method
		m, _ := url.ParseQuery(string(body))
		seen["by hand"] = m["email"]
	}
	if !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return seen, clean
	}
	var m map[string]any
	err = json.Unmarshal(body, &m)
	if v, ok := m["email"].(string); ok {
		seen["json map"] = []string{v}
	}
	return seen, clean && err == nil && len(m) == 1 && seen["json"] != nil
}
