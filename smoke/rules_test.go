package smoke_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// answering answers every request with a header and a page.
func answering(header http.Header, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		maps.Copy(w.Header(), header)
		_, _ = w.Write([]byte(body))
	})
}

func TestMixedContent(t *testing.T) {
	t.Parallel()
	policy := http.Header{"Content-Security-Policy": {"default-src 'self'; Upgrade-Insecure-Requests"}}
	tests := []struct {
		name, body string
		header     http.Header
		fails      string
		warns      string
	}{
		{"script", `<p>x<script src="http://cdn.example/a.js"></script>`, nil, "takes the source of its script element over plain http: http://cdn.example/a.js", ""},
		{"stylesheet", `<link rel="stylesheet" href="http://cdn.example/a.css?k=1"><p>x`, nil, "a linked file over plain http: http://cdn.example/a.css", ""},
		{"iframe", `<p>x<iframe src=http://a.example/></iframe>`, nil, "iframe", ""},
		{"object", `<p>x<object data=http://a.example/x></object>`, nil, "object", ""},
		{"form", `<p>x<form action="http://a.example/"></form>`, nil, "what is filled in", ""},
		{"button", `<p>x<form><button formaction="http://a.example/">x</button></form>`, nil, "what is filled in", ""},
		{"css import", `<p>x<style>@import url("http://a.example/x.css");</style>`, nil, "a file of a style", ""},
		{"base", `<base href="http://a.example/"><p>x<script src="/a.js"></script>`, nil, "http://a.example/a.js", ""},
		{"image", `<p>x<img src="http://a.example/x.png">`, nil, "", "the source of its img element over plain http: http://a.example/x.png"},
		{"srcset", `<p>x<img srcset="/a.png 1x, http://a.example/b.png 2x">`, nil, "", "http://a.example/b.png"},
		{"video", `<p>x<video src="http://a.example/x.mp4"></video>`, nil, "", "video"},
		{"css image", `<p style="background: url('http://a.example/x.png')">x`, nil, "", "a file of a style"},
		{"upgraded by the header", `<p>x<script src="http://a.example/a.js"></script>`, policy, "", "script"},
		{"upgraded by the page", `<meta http-equiv=content-security-policy content=upgrade-insecure-requests><p>x<script src="http://a.example/a.js"></script>`, nil, "", "script"},
		{"a link is no part", `<p><a href="http://a.example/">x</a>`, nil, "", ""},
		{"nor a canonical address", `<link rel=canonical href="http://a.example/"><p>x`, nil, "", ""},
		{"nor a namespace", `<svg xmlns="http://www.w3.org/2000/svg"></svg>`, nil, "", ""},
		{"nor a template", `<p>x<template><script src="http://a.example/"></script></template>`, nil, "", ""},
		{"nor a comment", `<p>x<!-- <script src="http://a.example/"></script> -->`, nil, "", ""},
		{"nor code", `<pre>&lt;script src="http://a.example/"&gt;</pre>`, nil, "", ""},
		{"loopback is trusted", `<p>x<script src="http://127.0.0.1:9/x.js"></script><script src="http://localhost/x.js"></script>`, nil, "", ""},
		{"https", `<p>x<script src="https://a.example/"></script><script src="//a.example/"></script>`, nil, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := pageOnly(answering(tt.header, tt.body))
			step := smoke.Page("/").Allow(smoke.BrokenAsset, "no files here")
			r := check(t, h, step)
			if tt.fails != "" {
				failed(t, r, tt.fails)
				if err := check(t, h, step.Allow(smoke.MixedContent, "an old partner")).Err(); err != nil {
					t.Errorf("allowed, and fails: %v", err)
				}
				return
			}
			if err := r.Err(); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(r.Steps[0].Warnings, "\n"); (tt.warns == "") != (got == "") || !strings.Contains(got, tt.warns) {
				t.Errorf("warnings %q, want %q", got, tt.warns)
			}
		})
	}
	found := smoke.Inspect("http://market.example/", http.Header{}, []byte(`<p>x<script src="http://a.example/"></script>`))
	if slices.ContainsFunc(found, func(s string) bool { return strings.Contains(s, "plain http") }) {
		t.Errorf("a page over http mixes nothing: %q", found)
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	const flags = "; Path=/; Secure; HttpOnly; SameSite=Lax"
	tests := []struct{ name, cookie, want string }{
		{"bare session", "session=0123456789", "sets the cookie session that signs somebody in without Secure, HttpOnly, SameSite"},
		{"no HttpOnly", "connect.sid=0123456789; Secure; SameSite=Lax", "that signs somebody in without HttpOnly"},
		{"no SameSite", "JSESSIONID=0123456789; Secure; HttpOnly", "that signs somebody in without SameSite"},
		{"none without Secure", "theme=dark; SameSite=None", "SameSite=None asks for Secure"},
		{"host prefix without Secure", "__Host-id=1; Path=/", "the prefix __Host- asks for"},
		{"host prefix with a domain", "__Host-id=1; Path=/; Secure; Domain=app.market.example", "the prefix __Host- asks for"},
		{"host prefix on a path", "__Host-id=1; Path=/account; Secure", "the prefix __Host- asks for"},
		{"secure prefix", "__Secure-id=1; Path=/", "the prefix __Secure- asks for Secure"},
		{"wider", "session=0123456789; Domain=market.example" + flags, "of a session for the Domain market.example, wider than the host app.market.example"},
		{"wider, with a dot", "session=0123456789; Domain=.market.example" + flags, "wider than the host"},
		{"public suffix", "theme=dark; Domain=co.uk" + flags, "for the Domain co.uk, which browsers refuse from app.market.example"},
		{"somebody else's", "theme=dark; Domain=other.example" + flags, "which browsers refuse"},
		{"another environment", "theme=dark; Domain=app.market.example" + flags, "so staging.app.market.example of another environment receives it"},
		{"unreadable", "=", "sets a cookie that cannot be read"},
		{"good", "__Host-session=0123456789" + flags, ""},
		{"no session", "theme=dark", ""},
		{"csrf token", "csrftoken=0123456789; Secure", ""},
		{"taken away", "session=; Max-Age=0", ""},
		{"a word with sess in it", "obsession=perfume", ""},
		{"a wide one that is no session", "theme=dark; Domain=market.example2", "which browsers refuse"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := answering(http.Header{"Set-Cookie": {tt.cookie}}, "<p>x")
			cfg := smoke.Config{
				URL: "https://app.market.example", ForeignHosts: []string{"staging.app.market.example"},
				Client: &http.Client{Transport: transport{h}}, Steps: []smoke.Step{smoke.Page("/")},
			}
			r := checkConfig(t, cfg)
			if tt.want != "" {
				got := failed(t, r, tt.want)
				if strings.Contains(got.Verdict, "0123456789") {
					t.Errorf("the value shows: %q", got.Verdict)
				}
				return
			}
			if err := r.Err(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCookiesForAPublicSuffix(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{"https://market.co.uk/": true, "https://market.github.io/": true, "https://github.io/": false} {
		domain := "co.uk"
		if strings.Contains(address, "github") {
			domain = "github.io"
		}
		found := smoke.Inspect(address, http.Header{"Set-Cookie": {"theme=dark; Domain=" + domain}}, []byte("<p>x"))
		if got := slices.ContainsFunc(found, func(s string) bool { return strings.Contains(s, "a public suffix") }); got != want {
			t.Errorf("%s: %v %q", address, got, found)
		}
	}
}

func TestACookieOfARedirectCounts(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: "0123456789"})
		http.Redirect(w, r, "/in", http.StatusSeeOther)
	})
	h.HandleFunc("GET /in", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("in")) })
	failed(t, check(t, h, smoke.Page("/").RedirectsTo("/in")), "GET / sets the cookie sid that signs somebody in without")
}

func TestPersonalPagesInSharedCaches(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		header http.Header
		want   string
	}{
		{"public", http.Header{"Cache-Control": {"public, max-age=60"}}, "its Cache-Control says public"},
		{"max-age", http.Header{"Cache-Control": {"max-age=60"}}, "max-age without private"},
		{"s-maxage", http.Header{"Cache-Control": {"s-maxage=60"}}, "s-maxage"},
		{"age", http.Header{"Cache-Control": {"private"}, "Age": {"12"}}, "its Age says"},
		{"hit", http.Header{"Cf-Cache-Status": {"HIT"}}, "it came out of a shared cache"},
		{"private", http.Header{"Cache-Control": {"private, max-age=60"}}, ""},
		{"no-store", http.Header{"Cache-Control": {"no-store"}}, ""},
		{"two lines", http.Header{"Cache-Control": {"max-age=60", "private"}}, ""},
		{"nothing said", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			site := newSite(inInput).handler()
			h := http.NewServeMux()
			h.Handle("/", site)
			h.Handle("GET /me", answering(tt.header, "<p>Signed in as "+seller))
			h.Handle("GET /public", answering(tt.header, "<p>Drill"))
			h.Handle("GET /enter", answering(http.Header{"Set-Cookie": {"session=0123456789; Path=/enter; Secure; HttpOnly; SameSite=Lax"}, "Cache-Control": tt.header["Cache-Control"]}, "<p>Welcome"))
			signedIn := login(seller).Step()
			if err := check(t, h, signedIn, smoke.Page("/public")).Err(); err != nil {
				t.Errorf("a page without personal data: %v", err)
			}
			if err := check(t, h, smoke.Page("/me")).Err(); err != nil {
				t.Errorf("nobody is signed in: %v", err)
			}
			r := check(t, h, signedIn, smoke.Page("/me"))
			if tt.want == "" {
				if err := r.Err(); err != nil {
					t.Error(err)
				}
				return
			}
			got := failed(t, r, tt.want)
			if strings.Contains(got.Verdict, seller) {
				t.Errorf("the address shows: %q", got.Verdict)
			}
			if tt.header["Cache-Control"] != nil && tt.name != "age" {
				failed(t, check(t, h, smoke.Page("/enter")), "GET /enter sets a session cookie, and ")
			}
		})
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	var fetched []string
	h := http.NewServeMux()
	file := func(path, media, caching string, status int) {
		h.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			fetched = append(fetched, r.URL.Path)
			w.Header().Set("Content-Type", media)
			if caching != "" {
				w.Header().Set("Cache-Control", caching)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte("x"))
		})
	}
	file("/kept.css", "text/css", "public, max-age=31536000", 200)
	file("/asked.js", "text/javascript", "", 200)
	file("/never.png", "image/png", "max-age=0", 200)
	file("/gone.css", "text/css", "", 404)
	file("/gone.png", "image/png", "", 404)
	file("/shell.js", "text/html", "max-age=60", 200)
	h.Handle("GET /good", answering(nil, `<link rel=stylesheet href=/kept.css><script src=asked.js></script><img src=/never.png><img src="/never.png"><script src="https://cdn.example/x.js"></script><p>x`))
	h.Handle("GET /image", answering(nil, `<p>x<img src=/gone.png>`))
	h.Handle("GET /broken", answering(nil, `<link rel=stylesheet href=/gone.css><p>x`))
	h.Handle("GET /shell", answering(nil, `<script src=/shell.js></script><p>x`))

	r := check(t, h, smoke.Page("/good"), smoke.Page("/good"), smoke.Page("/image"), smoke.Page("/broken"))
	if want := []string{"/kept.css", "/asked.js", "/never.png", "/gone.png", "/gone.css"}; !slices.Equal(fetched, want) {
		t.Errorf("fetched %q, want each once: %q", fetched, want)
	}
	if got, want := r.Steps[0].Warnings, []string{"browsers fetch these again and again, for want of a max-age: /asked.js, /never.png (rule asset-caching)"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := r.Steps[2].Warnings, []string{"GET /image needs /gone.png, which answered 404 Not Found (rule broken-asset)"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := failed(t, r, "GET /broken needs /gone.css, which answered 404 Not Found"); !strings.Contains(got.Detail, "> GET https://smoke.test/gone.css") {
		t.Errorf("the file is not shown:\n%s", got.Detail)
	}
	failed(t, check(t, h, smoke.Page("/shell")), "GET /shell needs /shell.js, which is a page in its place")
}

func TestSecurityHeadersAreToldOnce(t *testing.T) {
	t.Parallel()
	r := check(t, text("<p>x"), smoke.Page("/"), smoke.Page("/more"))
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	info := strings.Join(r.Steps[0].Info, "\n")
	for _, header := range []string{"Content-Security-Policy", "nosniff", "X-Frame-Options", "Referrer-Policy", "Strict-Transport-Security"} {
		if !strings.Contains(info, "no ") || !strings.Contains(info, header) {
			t.Errorf("%s is not told:\n%s", header, info)
		}
	}
	if len(r.Steps[1].Info) != 0 {
		t.Errorf("told again: %q", r.Steps[1].Info)
	}
	all := http.Header{
		"Content-Security-Policy": {"default-src 'self'; frame-ancestors 'none'"}, "X-Content-Type-Options": {"nosniff"},
		"Referrer-Policy": {"same-origin"}, "Strict-Transport-Security": {"max-age=63072000"},
	}
	if got := check(t, answering(all, "<p>x"), smoke.Page("/")).Steps[0].Info; len(got) != 0 {
		t.Errorf("all are there, and told: %q", got)
	}
}

func TestAllowAsksForAReason(t *testing.T) {
	t.Parallel()
	_, err := smoke.New(smoke.Config{
		Handler: text(""), ForeignHosts: []string{"https://staging.market.example", "staging.market.example"},
		Steps: []smoke.Step{smoke.Page("/").Allow(smoke.BlankPage, " ").Allow("blank", "a reason")},
	})
	want := `smoke: ForeignHosts[0]: must be the name of a host, such as staging.market.example
smoke: Steps[0]: GET /: Allow("blank-page") needs a reason
smoke: Steps[0]: GET /: Allow: there is no rule "blank"`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
