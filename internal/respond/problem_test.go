package respond_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/respond"
)

const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

func TestPrefersHTML(t *testing.T) {
	t.Parallel()
	tests := []struct {
		accept []string
		want   bool
	}{
		{nil, false},
		{[]string{""}, false},
		{[]string{"*/*"}, false},
		{[]string{browser}, true},
		{[]string{"text/html"}, true},
		{[]string{"TEXT/HTML ; Q=0.5"}, true},
		{[]string{"text/*"}, true},
		{[]string{"application/json"}, false},
		{[]string{"application/json, text/html"}, false},
		{[]string{"application/json;q=0.5, text/html"}, true},
		{[]string{"text/html;q=0.5, */*"}, false},
		{[]string{"text/html;q=0"}, false},
		{[]string{"text/html;q=0, text/*;q=1"}, false},
		{[]string{"application/*;q=0.2", "text/html;q=0.3"}, true},
		{[]string{"text/html;q=7"}, false},
		{[]string{"text/html;q=NaN"}, false},
		{[]string{"text/html;level=1"}, true},
		{[]string{strings.Repeat("a/b,", 100) + "text/html"}, false}, // beyond the bound
	}
	for _, tt := range tests {
		r := request("GET")
		if tt.accept != nil {
			r.Header["Accept"] = tt.accept
		}
		if got := respond.PrefersHTML(r); got != tt.want {
			t.Errorf("Accept %q: %v, want %v", tt.accept, got, tt.want)
		}
	}
}

func FuzzPrefersHTML(f *testing.F) {
	for _, seed := range []string{"", "*/*", browser, "text/html;q=0.5;x=\",\"", ";;,,==q=,"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		r := request("GET")
		r.Header.Set("Accept", accept)
		if respond.PrefersHTML(r) && !strings.Contains(strings.ToLower(accept), "text/") && !strings.Contains(strings.ToLower(accept), "xhtml") {
			t.Errorf("a page for %q, which never asked for one", accept)
		}
	})
}

func TestProblemJSON(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	w.Header().Set("Content-Length", "4")
	w.Header().Set("Etag", `"of another body"`)
	w.Header().Set("Retry-After", "7")
	respond.Write(w, request("GET"), respond.Problem{
		Status: 429, Type: "https://example.com/p", Detail: "Try again <soon>.",
		Extra: map[string]any{"violated-policies": []string{"login"}, "status": 200, "detail": "not this"},
	})
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if w.Code != 429 || got["status"] != 429.0 || got["title"] != "Too Many Requests" || got["type"] != "https://example.com/p" || got["detail"] != "Try again <soon>." {
		t.Errorf("%d %v", w.Code, got)
	}
	if list, ok := got["violated-policies"].([]any); !ok || len(list) != 1 || list[0] != "login" {
		t.Errorf("the extra member: %v", got)
	}
	h := w.Header()
	if h.Get("Content-Type") != "application/problem+json" || h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" ||
		h.Get("Retry-After") != "7" || h.Get("Content-Length") != "" || h.Get("Etag") != "" {
		t.Errorf("header %v", h)
	}
}

// FuzzProblem holds the object that is written by hand against the library
// that reads it.
func FuzzProblem(f *testing.F) {
	f.Add("t", "title", "detail \"quoted\" <b>", "member")
	f.Add("", "\x00\u2028\xff", "\\", "type")
	f.Fuzz(func(t *testing.T, kind, title, detail, name string) {
		w := httptest.NewRecorder()
		respond.Write(w, request("GET"), respond.Problem{Status: 400, Type: kind, Title: title, Detail: detail, Extra: map[string]any{name: title, "bad": func() {}}})
		var got map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%v in %q", err, w.Body.String())
		}
		want := strings.ToValidUTF8(detail, "\ufffd")
		if text, _ := got["detail"].(string); strings.ToValidUTF8(text, "\ufffd") != text || len([]rune(want)) > 0 && text == "" {
			t.Errorf("detail %q became %q", detail, text)
		}
	})
}

func TestProblemDefaults(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	respond.Write(w, request("GET"), respond.Problem{Extra: map[string]any{"odd": func() {}}})
	if got := strings.TrimSpace(w.Body.String()); w.Code != 500 || got != `{"type":"about:blank","title":"Internal Server Error","status":500}` {
		t.Errorf("%d %s", w.Code, got)
	}
}

func TestProblemPage(t *testing.T) {
	t.Parallel()
	r := request("GET")
	r.Header.Set("Accept", browser)
	w := httptest.NewRecorder()
	respond.Write(w, r, respond.Problem{Status: 404, Detail: "<script>alert(1)</script>"})
	body := w.Body.String()
	if w.Header().Get("Content-Type") != "text/html; charset=utf-8" || strings.Contains(body, "<script") || !strings.Contains(body, "<html lang=\"en\">") ||
		!strings.Contains(body, "<title>Not Found</title>") || !strings.Contains(body, "&lt;script&gt;") {
		t.Errorf("%v\n%s", w.Header(), body)
	}
	r.Method = http.MethodHead
	w = httptest.NewRecorder()
	if respond.Write(w, r, respond.Problem{Status: 404}); w.Body.Len() != 0 || w.Code != 404 {
		t.Errorf("HEAD: %d with %d bytes", w.Code, w.Body.Len())
	}
}

func TestAllowMethods(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	if !respond.AllowMethods(w, request("HEAD"), "GET", "HEAD") {
		t.Error("HEAD was refused")
	}
	if respond.AllowMethods(w, request("POST"), "GET", "HEAD") || w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}
