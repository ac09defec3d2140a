package smoke_test

import (
	"bufio"
	"bytes"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// stored returns the answers of a folder under testdata by their name.
func stored(t testing.TB, folder string, atLeast int) map[string]http.HandlerFunc {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.http"))
	if err != nil || len(files) < atLeast {
		t.Fatalf("%d answers in %s, %v", len(files), folder, err)
	}
	answers := map[string]http.HandlerFunc{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		answers[strings.TrimSuffix(filepath.Base(file), ".http")] = func(w http.ResponseWriter, _ *http.Request) {
			maps.Copy(w.Header(), resp.Header)
			w.WriteHeader(resp.StatusCode)
			_, _ = w.Write(body)
		}
	}
	return answers
}

// A page of a product has to be told by its name, and by a rule for pages: a
// step that expects nothing else fails for it alone.
func TestErrorPagesServedWith200(t *testing.T) {
	t.Parallel()
	named := map[string]string{
		"nginx-502": "nginx", "nginx-50x": "nginx", "nginx-welcome": "nginx", "openresty-504": "OpenResty", "cloudflare-522": "Cloudflare",
		"cloudflare-plain-502": "Cloudflare", "aws-alb-503": "AWS", "apache-404": "Apache", "iis-500": "IIS", "haproxy-503": "HAProxy",
		"envoy-reset": "Envoy", "vercel": "Vercel", "railway": "Railway", "s3": "S3", "rails-500": "Rails", "express-stack": "Express",
		"nextjs-404": "Next.js", "flask-500": "Flask", "django-debug": "Django", "spring-whitelabel": "Spring", "tomcat-500": "Tomcat",
		"php-warning": "PHP", "wordpress-critical": "WordPress", "go-404": "Go", "go-panic": "Go", "generic-heading": "with an error page: its heading says",
		"python-traceback": "Python", "java-stack": "Java", "mysql": "MySQL", "aws-api-gateway": "API Gateway", "ruby-stack": "Ruby",
		"styled-panic": "Go", "go-template": "Go", "go-template-half-way": "Go", "go-dial": "Go", "go-pq": "PostgreSQL", "go-pgx": "PostgreSQL",
		"nextjs-exception": "Next.js", "rails-8-500": "Rails", "tomcat-9-long": "Tomcat", "two-headings": "its heading says", "broken-off-500": "it breaks off with",
	}
	for name, answer := range stored(t, "errorpages", 105) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := failed(t, check(t, answer, smoke.Page("/")), "GET / answered 200 OK with an error page")
			if want := named[name]; !strings.Contains(got.Verdict, want) {
				t.Errorf("%q does not name %s", got.Verdict, want)
			}
			allowed := check(t, answer, smoke.Page("/").Allow(smoke.ErrorPage, "shown on purpose").Allow(smoke.BrokenAsset, "not there"))
			if err := allowed.Err(); err != nil {
				t.Errorf("allowed, and fails: %v", err)
			}
			if info := strings.Join(allowed.Steps[0].Info, "\n"); !strings.Contains(info, "(allowed: shown on purpose)") {
				t.Errorf("what is allowed is not told: %q", info)
			}
		})
	}
}

// Not even a warning may fire on an ordinary page.
func TestOrdinaryPages(t *testing.T) {
	t.Parallel()
	for name, answer := range stored(t, "ordinary", 100) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			step := smoke.Page("/").Allow(smoke.BrokenAsset, "the files of the page are not there").Allow(smoke.AssetCaching, "nor are their headers")
			r := check(t, pageOnly(answer), step)
			if err := r.Err(); err != nil || len(r.Steps[0].Warnings) > 0 {
				t.Errorf("%v %q", err, r.Steps[0].Warnings)
			}
		})
	}
}

// pageOnly answers under / alone.
func pageOnly(h http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", h)
	return mux
}

func TestErrorPagesAreLookedForEverywhere(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.HandleFunc("GET /form", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<form method=post><input name=title></form>"))
	})
	h.HandleFunc("POST /form", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<h1>Whitelabel Error Page</h1>"))
	})
	h.HandleFunc("GET /api", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"message":"Internal server error"}`))
	})
	h.HandleFunc("GET /missing", func(w http.ResponseWriter, _ *http.Request) { http.NotFound(w, nil) })
	const want = "with an error page of "
	failed(t, check(t, h, smoke.Form{Path: "/form", Fields: map[string]string{"title": "Drill"}}.Step()), "POST /form answered 200 OK "+want+"Spring Boot")
	failed(t, check(t, h, smoke.JSON("/api", "message")), want+"AWS API Gateway")
	failed(t, check(t, h, smoke.Do("look", func(s *smoke.Session) error { _, err := s.Get("/api"); return err })), want+"AWS API Gateway")
	if err := check(t, h, smoke.Page("/missing").Status(http.StatusNotFound)).Err(); err != nil {
		t.Errorf("an error page with the status of an error is what it should be: %v", err)
	}
}

func TestBlankPages(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", " \n\t ", "<!doctype html><html><head><title>Market</title></head><body></body></html>", "<html><body><div></div><!-- nothing --></body></html>", "<noscript>Enable scripts</noscript>",
		"\ufeff<html></html>", "<html><body>\u200b</body></html>", "<p>\ufeff\n</p><pre>\u2060</pre>", "<p>&#8203;&zwj;&nbsp;</p>",
	} {
		failed(t, check(t, text(body), smoke.Page("/")), "GET / answered a page on which nothing is to be seen")
	}
}

// A probe answers nothing on purpose.
func TestProbesAreNoBlankPages(t *testing.T) {
	t.Parallel()
	const warned = "GET / answered nothing, and does not say what it is (rule blank-page)"
	for _, tt := range []struct{ path, media, body, want string }{
		{"/livez", "", "", ""},
		{"/livez", "text/plain", "", ""},
		{"/livez", "text/plain", "\n", ""},
		{"/api/ready", "application/json", "", ""},
		{"/", "text/plain", "", ""},
		{"/", "", "", warned},
	} {
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if tt.media != "" {
				w.Header().Set("Content-Type", tt.media)
			}
			w.WriteHeader(http.StatusOK)
			_, _ = w.Write([]byte(tt.body))
		})
		r := check(t, h, smoke.Page(tt.path))
		if err := r.Err(); err != nil {
			t.Errorf("%+v: %v", tt, err)
		}
		if got := strings.Join(r.Steps[0].Warnings, "\n"); got != tt.want {
			t.Errorf("%+v: warnings %q", tt, got)
		}
	}
}

// A page that ends too early warns, unless its author left out what may be.
func TestPagesThatBreakOff(t *testing.T) {
	t.Parallel()
	const begin = "<!doctype html><html><head><title>Market</title></head><body><h1>Listings</h1>"
	for _, tt := range []struct {
		rest string
		want bool
	}{
		{"<ul><li>Drill<li>", true},
		{"<div><p>Drill</p>", true},
		{"<p>Drill <a href=/dri", true},
		{"<p>Drill</p></ul", true},
		{"<ul><li>Drill<li>Ladder</ul>", false},
		{"<p>Drill, 2 < 3", false},
		{"<div><p>Drill</p></body></html>", false},
		{"<div><p>Drill</p></html>", false},
		{"<div></div><svg><a></svg><p>Drill", false},
	} {
		r := check(t, text(begin+tt.rest), smoke.Page("/"))
		if err := r.Err(); err != nil {
			t.Errorf("%s: %v", tt.rest, err)
		}
		if got := strings.Join(r.Steps[0].Warnings, "\n"); strings.Contains(got, "ends in the middle of its markup") != tt.want {
			t.Errorf("%s: warnings %q", tt.rest, got)
		}
	}
}

// text answers with a page.
func text(body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(body))
	})
}

func TestTemplateLeftovers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ body, want string }{
		{"<p>Hello {{ .Name }}!</p>", `a template action: "{{ .Name }}"`},
		{"<p>{{end}}</p>", "a template action"},
		{"<p>{% if user %}Hello{% endif %}</p>", `a template action: "{% if user %}"`},
		{"<p>&lt;%= @listing.title %&gt;</p>", "a template action"},
		{"<title>{{.Title}}</title><p>Drill</p>", "a template action"},
		{"<p>%!d(string=drill) items</p>", `a failed formatting: "%!d(string="`},
		{"<p>%!s(MISSING)</p>", "a failed formatting"},
		{"<p>drill%!(EXTRA int=3)</p>", "a failed formatting"},
		{"<p>Price: <no value></p>", `a missing value: "<no value>"`},
		{"<p>Price: &lt;no value&gt;</p>", "a missing value"},
		{"<p>[object Object]</p>", "an object without a text"},
		{"<title>[object Object] | Market</title><p>Drill</p>", "an object without a text"},
		{"<h1>Listings near you in [object Object]</h1>", "an object without a text"},
		{"<title>What is new at {{ .Shop }}</title><p>Drill</p>", "a template action"},
		{"<p>Results for “{{ .Query }}”</p>", "a template action"},
		{"<p>{{ $x }}</p><script src=/a.js></script>", `a template action: "{{ $x }}"`},
		{"<p>{{ $item.Name }}</p><script>1</script>", "a template action"},
		{"<p>{{ $t('title') }} {{ .Name }}</p><script>1</script>", `a template action: "{{ .Name }}"`},
		{`<p><a href="#ZgotmplZ">Drill</a></p>`, "a value that html/template refused"},
	} {
		failed(t, check(t, text(tt.body), smoke.Page("/")), "GET / shows "+tt.want)
	}
}

func TestBotChallengesAreNamed(t *testing.T) {
	t.Parallel()
	answer := func(status int, header, value, body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set(header, value)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
	for _, tt := range []struct {
		h    http.Handler
		want string
	}{
		{answer(403, "Cf-Mitigated", "challenge", "<p>x"), "a bot challenge of Cloudflare and not by the service (403 Forbidden)"},
		{answer(503, "Server", "cloudflare", "<title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x.js></script>"), "a bot challenge of Cloudflare"},
		{answer(200, "Server", "cloudflare", "<title>Attention Required! | Cloudflare</title>"), "a bot challenge of Cloudflare"},
		{answer(405, "X-Amzn-Waf-Action", "captcha", ""), "a bot challenge of AWS WAF"},
		{answer(429, "X-Vercel-Mitigated", "challenge", ""), "a bot challenge of Vercel"},
	} {
		failed(t, check(t, tt.h, smoke.Page("/")), tt.want)
		failed(t, check(t, tt.h, smoke.JSON("/api")), tt.want)
	}
}

func FuzzInspect(f *testing.F) {
	for _, folder := range []string{"errorpages", "ordinary"} {
		files, err := filepath.Glob(filepath.Join("testdata", folder, "*.http"))
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			_, body, _ := bytes.Cut(raw, []byte("\n\n"))
			f.Add("text/html", "session=0123456789; Domain=example.com; SameSite=None", "public, max-age=60", string(body))
		}
	}
	f.Add("text/css", "__Host-a=b; Path=/x", "max-age=x,,=", `<a href="%zz"><img srcset=", ,http://a 2x"><base href=":"><style>@import url(`)
	f.Fuzz(func(t *testing.T, contentType, cookie, caching, body string) {
		header := http.Header{"Content-Type": {contentType}, "Set-Cookie": {cookie}, "Cache-Control": {caching}}
		found := smoke.Inspect("https://www.market.example/listings", header, []byte(body))
		for _, line := range found {
			if len(line) > 2000 {
				t.Errorf("a finding of %d bytes: %.200q", len(line), line)
			}
		}
		if again := smoke.Inspect("https://www.market.example/listings", header, []byte(body)); strings.Join(found, "\n") != strings.Join(again, "\n") {
			t.Errorf("%q, then %q", found, again)
		}
	})
}
