package webpage_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/webpage"
)

func TestRead(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, doc string
		want      webpage.Facts
	}{
		{"nothing", "", webpage.Facts{}},
		{"text", "<title> A &amp; B </title><title>second</title><h1>Two <b>words</b></h1><p>prose <code>quoted</code>", webpage.Facts{
			Title: "A & B", Headings: []string{"Two words"}, Prose: "\n\nsecond\nTwo words\nprose \n", Quoted: "quoted\n",
		}},
		{"unseen", "<script>a</script><style>b</style><template>c<img src=x></template><noscript>d</noscript><!-- e -->", webpage.Facts{
			Shows: true, Script: true, Prose: "\n\n\n\n\n", Attrs: "x\n",
		}},
		{"filled in by a script", `<div x-data="a">{{ .B }}</div>`, webpage.Facts{Scripted: true, Prose: "\n{{ .B }}"}},
		{"links", `<base href="/a/"><a href="b">c</a><area href="d"><a name=e>`, webpage.Facts{
			Base: "/a/", Links: []string{"b", "d"}, Prose: "\nc\n", Attrs: "/a/\nb\nd\n",
		}},
		{"a policy", `<meta http-equiv="Content-Security-Policy" content="default-src 'self'; Upgrade-Insecure-Requests">`, webpage.Facts{
			Upgrade: true, Prose: "\n", Attrs: "default-src 'self'; Upgrade-Insecure-Requests\n",
		}},
		{"an open heading", "<h1>never closed", webpage.Facts{Headings: []string{"never closed"}, Prose: "\nnever closed"}},
		{"headings that are seen", "<h1>A</h1><h2>B</h2><div hidden><div></div><h2>C</h2></div><dialog><h1>D</h1></dialog><h2 class='x d-none'>E</h2><h2>F", webpage.Facts{
			Headings: []string{"A"}, Subheadings: []string{"B", "F"}, Prose: "\nA\nB\n\n\nC\n\nD\nE\nF",
		}},
		{"unescaped once", "<title>&amp;lt;</title><p>&amp;lt;no value&amp;gt;", webpage.Facts{Title: "&lt;", Prose: "\n\n&lt;no value&gt;"}},
		{"something to fill in", "<input type=Hidden><select></select>", webpage.Facts{Asks: true, Shows: true, Prose: "\n\n"}},
		{"data is no script", "<script type=application/ld+json>{}</script>", webpage.Facts{Shows: true, Prose: "\n"}},
		{"cut in a list", "<html><ul><li>a", webpage.Facts{Cut: true, Prose: "\n\n\na"}},
		{"cut in a tag", "<html><p>a<a hr", webpage.Facts{Cut: true, Prose: "\n\na"}},
		{"a missing value", "<p>from <no value> to", webpage.Facts{Prose: "\nfrom <no value>\n\n to", Attrs: "\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := webpage.Read([]byte(tt.doc))
			got.Size = 0
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got\n%#v\nwant\n%#v", got, tt.want)
			}
		})
	}
}

// Styles, scripts, drawings and data in addresses make a page no longer.
func TestSize(t *testing.T) {
	t.Parallel()
	dressed := "<style>" + strings.Repeat("p{color:red}", 1000) + "</style><script>" + strings.Repeat("f();", 1000) + "</script><svg>" +
		strings.Repeat("<path d='M0 0'/>", 1000) + "</svg><img src='data:image/png;base64," + strings.Repeat("A", 10000) + "'>"
	for doc, want := range map[string]int{"<p>abc": 6, "<p>&lt;</p><!-- comment -->": 11, "<svg/><p>": 9, "<style>" + "p{}": 7} {
		if got := webpage.Read([]byte(doc)).Size; got != want {
			t.Errorf("%s: %d, want %d", doc, got, want)
		}
	}
	if got := webpage.Read([]byte(dressed + "<p>abc")).Size; got > 300 {
		t.Errorf("%d bytes of a page that shows three", got)
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	tests := []struct {
		doc  string
		want []webpage.Reference
	}{
		{`<script src=a.js></script>`, []webpage.Reference{{Tag: "script", Address: "a.js", Active: true, Asset: true}}},
		{`<link rel="Stylesheet" href=a.css><link rel=icon href=i><link rel=canonical href=c>`, []webpage.Reference{
			{Tag: "link", Address: "a.css", Active: true, Asset: true}, {Tag: "link", Address: "i"},
		}},
		{`<img src=a srcset="b 1x, c 2x">`, []webpage.Reference{{Tag: "img", Address: "a", Asset: true}, {Tag: "img", Address: "b"}, {Tag: "img", Address: "c"}}},
		{`<style>@import "a.css"; p { background: url('b.png') }</style><p style="background:url(c)">`, []webpage.Reference{
			{Tag: "style", Address: "a.css", Active: true}, {Tag: "style", Address: "b.png"}, {Tag: "style", Address: "c"},
		}},
		{`<style>p{background:url(a)} @font-face { font-family: x; src: local(x), url("b") format("woff2"), url(c) } q{background:url(d)} @FONT-FACE{src:url(e)}</style>`, []webpage.Reference{
			{Tag: "style", Address: "a"},
			{Tag: "style", Address: "b", Active: true},
			{Tag: "style", Address: "c", Active: true},
			{Tag: "style", Address: "d"},
			{Tag: "style", Address: "e", Active: true},
		}},
		{`<form action=/a><button formaction=/b></button></form><iframe src=c></iframe><template><img src=d></template>`, []webpage.Reference{
			{Tag: "form", Address: "/a", Active: true}, {Tag: "button", Address: "/b", Active: true}, {Tag: "iframe", Address: "c", Active: true},
		}},
	}
	for _, tt := range tests {
		if got := webpage.Read([]byte(tt.doc)).Refs; !slices.Equal(got, tt.want) {
			t.Errorf("%s\ngot  %+v\nwant %+v", tt.doc, got, tt.want)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	page := webpage.Parse([]byte(`<meta name="CSRF-Token" content=m><form action=/go METHOD=Post enctype=multipart/form-data>
		<input name=a value=1><input name=a value=2><input type=checkbox name=b><button name=c value=3></button></form>
		<input type=hidden name=csrf_token value=t0k>`))
	want := webpage.Page{
		Meta: map[string]string{"csrf-token": "m"}, Token: "t0k",
		Forms: []webpage.Form{{Action: "/go", Method: "post", Multipart: true, Controls: []webpage.Control{
			{Name: "a", Value: "1"}, {Name: "a", Value: "2"}, {Name: "b", Value: "on", Off: true}, {Name: "c", Value: "3", Pressed: true},
		}}},
	}
	if !reflect.DeepEqual(page, want) {
		t.Errorf("got\n%+v\nwant\n%+v", page, want)
	}
	form := page.Forms[0]
	if got := form.Names(); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("names %q", got)
	}
	if !form.HasAll([]string{"c", "a"}) || form.HasAll([]string{"a", "d"}) || !form.HasAll(nil) {
		t.Error("HasAll")
	}
}

func TestWhatAPageIs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, media, body  string
		header             http.Header
		product, left, who string
		blank              bool
	}{
		{name: "a page", media: "text/html", body: "<h1>Listings</h1>"},
		{name: "of a product", media: "text/html", body: "<h1>Whitelabel Error Page</h1>", product: "Spring Boot"},
		{name: "by its header", media: "application/json", body: "{}", header: http.Header{"X-Vercel-Error": {"NOT_FOUND"}}, product: "Vercel"},
		{name: "by its heading", media: "text/html", body: "<h1>502 Bad Gateway</h1>", product: "an unknown product"},
		{name: "about errors", media: "text/html", body: "<h1>502 Bad Gateway</h1>" + strings.Repeat("<p>What to do about it, and why.", 100)},
		{name: "quoted", media: "text/html", body: "<p>It says “panic: runtime error: index out of range”, and then"},
		{name: "plain text", media: "text/plain", body: "404 page not found\n", product: "Go"},
		{name: "a template", media: "text/html", body: "<p>Hello {{ .Name }}", left: "a template action"},
		{name: "a template as its subject", media: "text/html", body: "<p>Write <code>{{ .Name }}</code>"},
		{name: "nothing", media: "text/html", body: "<title>x</title><body>", blank: true},
		{name: "a picture", media: "text/html", body: "<body><img src=x>"},
		{name: "a challenge", media: "text/html", body: "<title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x></script>", who: "Cloudflare"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := webpage.Read([]byte(tt.body))
			product, sign := webpage.ErrorPage(tt.header, tt.media, []byte(tt.body), f)
			left, _ := webpage.Leftover(f)
			if product != tt.product || left != tt.left || (product == "") != (sign == "") {
				t.Errorf("error page of %q (%s), leftover %q", product, sign, left)
			}
			if blank := webpage.Blank(tt.media, f); blank != tt.blank {
				t.Errorf("blank: %v", blank)
			}
			if who := webpage.Challenge(tt.header, []byte(tt.body)); who != tt.who {
				t.Errorf("challenge of %q", who)
			}
		})
	}
}

// FuzzPage reads anything: what is gathered is bounded, and what was quoted as
// code is never a leftover.
func FuzzPage(f *testing.F) {
	for _, seed := range []string{
		"", "<h1>", "<title>{{ .X }}</title>", "<style>@import url(", "<select><option>", "<template><template>", "<no value>", "<textarea>{{end}}",
		"<script><!--<script></script>", `<img srcset=",,">`, "\x00\xff<a href=\x80>", "<pre>goroutine 1 [running]:\nmain.main()",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		facts := webpage.Read([]byte(doc))
		for _, text := range []string{facts.Prose, facts.Quoted, facts.Attrs} {
			if len(text) > 64<<10+2*len(doc) {
				t.Errorf("%d bytes of a document of %d", len(text), len(doc))
			}
		}
		product, sign := webpage.ErrorPage(nil, "text/html", []byte(doc), facts)
		if (product == "") != (sign == "") {
			t.Errorf("product %q, sign %q", product, sign)
		}
		webpage.Leftover(facts)
		webpage.Blank("text/html", facts)
		webpage.Challenge(nil, []byte(doc))
		for _, form := range webpage.Parse([]byte(doc)).Forms {
			if !form.HasAll(form.Names()) {
				t.Errorf("a form without its own controls: %+v", form)
			}
		}
	})
}
