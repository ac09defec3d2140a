package webprobe_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/webprobe"
)

func TestParseConnectTo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     webprobe.ConnectTo
		ok       bool
	}{
		{"all four", "App.test:443:127.0.0.1:8443", to("app.test", "443", "127.0.0.1", "8443"), true},
		{"any host", ":443:127.0.0.1:8443", to("", "443", "127.0.0.1", "8443"), true},
		{"anything", "::127.0.0.1:8443", to("", "", "127.0.0.1", "8443"), true},
		{"port only", "app.test:443::8443", to("app.test", "443", "", "8443"), true},
		{"host only", "app.test::10.0.0.1:", to("app.test", "", "10.0.0.1", ""), true},
		{"nothing", ":::", to("", "", "", ""), true},
		{"IPv6", "[2001:db8::1]:443:[::1]:8443", to("2001:db8::1", "443", "::1", "8443"), true},
		{"three parts", "app.test:443:127.0.0.1", webprobe.ConnectTo{}, false},
		{"five parts", "app.test:443:127.0.0.1:1:2", webprobe.ConnectTo{}, false},
		{"bare IPv6", "app.test:443:::1:8443", webprobe.ConnectTo{}, false},
		{"open bracket", "[::1:443:x:1", webprobe.ConnectTo{}, false},
		{"text behind a bracket", "[::1]x:443:x:1", webprobe.ConnectTo{}, false},
		{"wrong port", "app.test:https:x:1", webprobe.ConnectTo{}, false},
		{"port 0", "app.test:443:x:0", webprobe.ConnectTo{}, false},
		{"port too high", "app.test:65536:x:1", webprobe.ConnectTo{}, false},
		{"empty", "", webprobe.ConnectTo{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := webprobe.ParseConnectTo(tt.in); got != tt.want || (err == nil) != tt.ok {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func ExampleRedirected() {
	table := []webprobe.ConnectTo{
		{Host: "app.acme.example", Port: "443", ToHost: "127.0.0.1", ToPort: "8443"},
		{Port: "443", ToPort: "9443"}, // any other host: the port alone
	}
	fmt.Println(webprobe.Redirected(table, "APP.acme.example", "443"))
	fmt.Println(webprobe.Redirected(table, "www.acme.example", "443"))
	fmt.Println(webprobe.Redirected(table, "www.acme.example", "80"))
	// Output:
	// 127.0.0.1 8443 true
	// www.acme.example 9443 false
	// www.acme.example 80 false
}

func TestRobotsForbids(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     bool
	}{
		{"empty", "", false},
		{"all", "User-agent: *\nDisallow: /\n", true},
		{"all, other spelling", "\uFEFFUSER-AGENT : *\r\ndisallow:/ # until launch\r\n", true},
		{"star pattern", "User-agent: *\nDisallow: /*", true},
		{"bare star", "User-agent: *\nDisallow: *", true},
		{"nothing", "User-agent: *\nDisallow:", false},
		{"one folder", "User-agent: *\nDisallow: /admin", false},
		{"first page only", "User-agent: *\nDisallow: /$", false},
		{"first page allowed", "User-agent: *\nDisallow: /\nAllow: /$", false},
		{"allowed again", "User-agent: *\nDisallow: /\nAllow: /", false},
		{"some of it allowed", "User-agent: *\nDisallow: /\nAllow: /public/", true},
		{"another crawler", "User-agent: GPTBot\nDisallow: /", false},
		{"another crawler, then all", "User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nDisallow: /admin", false},
		{"grouped with another", "User-agent: GPTBot\nUser-agent: *\nDisallow: /", true},
		{"the crawler has its own", "User-agent: *\nDisallow: /\nUser-agent: Googlebot/2.1\nAllow: /", false},
		{"the crawler alone", "User-agent: Googlebot\nDisallow: /", true},
		{"an empty group of its own", "User-agent: *\nDisallow: /\nUser-agent: Googlebot\nDisallow:", false},
		{"Googlebot-Image is another", "User-agent: Googlebot-Image\nDisallow: /", false},
		{"two groups for all", "User-agent: *\nDisallow: /a\nUser-agent: *\nDisallow: /", true},
		{"sitemap between", "User-agent: *\nSitemap: https://acme.example/s.xml\nCrawl-delay: 1\nDisallow: /", true},
		{"rule before any group", "Disallow: /\nUser-agent: *\nAllow: /", false},
		{"a page of HTML", "<!doctype html><html>\n<body>Disallow: /\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := webprobe.RobotsForbids([]byte(tt.in), "googlebot"); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

func TestReadPage(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("Welcome to the marketplace. ", 10)
	tests := []struct {
		name, in string
		want     webprobe.Page
	}{
		{"empty", "", webprobe.Page{}},
		{"noindex", `<meta name="robots" content="noindex, nofollow">`, webprobe.Page{NoIndex: true}},
		{"other spelling", `<META CONTENT = NOINDEX  NAME='Robots'/>`, webprobe.Page{NoIndex: true}},
		{"none", `<meta content=none name=googlebot>`, webprobe.Page{NoIndex: true}},
		{"index", `<meta name="robots" content="index,follow,max-image-preview:large">`, webprobe.Page{}},
		{"nofollow only", `<meta name="robots" content="nofollow">`, webprobe.Page{}},
		{"noindexing is no word", `<meta name="robots" content="noindexing">`, webprobe.Page{}},
		{"another robot", `<meta name="gptbot" content="noindex">`, webprobe.Page{}},
		{"another meta", `<meta name="description" content="noindex">`, webprobe.Page{}},
		{"commented out", `<!-- <meta name="robots" content="noindex"> -->`, webprobe.Page{}},
		{"behind a comment", `<!--><meta name="robots" content="noindex"> -->`, webprobe.Page{NoIndex: true}},
		{"in a script", text + `<script>x='<meta name="robots" content="noindex">'</script>`, webprobe.Page{Text: true}},
		{"in a title", `<title><meta name="robots" content="noindex"></title>`, webprobe.Page{}},
		{"after a script", text + `<script>a</scrip></script><meta name="robots" content="noindex">`, webprobe.Page{NoIndex: true, Text: true}},
		{"in an attribute", `<a title='<meta name="robots" content="noindex">'>`, webprobe.Page{}},
		{"> in an attribute", `<a title=">"><meta name="robots" content="noindex">`, webprobe.Page{NoIndex: true}},
		{"entity", `<meta name="robots" content="no&#105;ndex">`, webprobe.Page{NoIndex: true}},
		{"twice, the first counts", `<meta name="robots" content="index" content="noindex">`, webprobe.Page{}},
		{"password", `<form><input name=p type="Password"></form>`, webprobe.Page{AsksPassword: true}},
		{"passkey", `<input autocomplete="username webauthn">`, webprobe.Page{AsksPassword: true}},
		{"newsletter", `<input type="email" autocomplete="email">`, webprobe.Page{}},
		{"password in a comment", `<!--<input type=password>-->`, webprobe.Page{}},
		{"refresh", `<meta http-equiv="Refresh" content="0; URL='/login'">`, webprobe.Page{Refresh: "/login"}},
		{"refresh of itself", `<meta http-equiv="refresh" content="30">`, webprobe.Page{}},
		{"scripted", `<noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div><script src=/main.js></script>`, webprobe.Page{Scripted: true}},
		{"text beside a script", text + `<script src=/main.js></script>`, webprobe.Page{Text: true}},
		{"text in a form", `<form>` + text + `<input type=password></form>`, webprobe.Page{AsksPassword: true}},
		{"text behind a form", `<form><input type=password></FORM >` + text, webprobe.Page{AsksPassword: true, Text: true}},
		{"no end of a form", `<form><input type=password></formal>` + text, webprobe.Page{AsksPassword: true}},
		{"all in one form", `<form><input type=password>` + text + text, webprobe.Page{AsksPassword: true, Text: true}},
		{"picture beside a script", `<img src=x><script src=/main.js></script>`, webprobe.Page{}},
		{"unfinished", `<meta name="robots" content="noindex`, webprobe.Page{NoIndex: true}},
		{"lone", `a < b <`, webprobe.Page{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := webprobe.ReadPage([]byte(tt.in)); got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestLooksLikeLogin(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"https://app.test/login": true, "https://app.test/users/sign_in?x": true, "https://app.test/Login.php": true,
		"https://app.test/oauth2/start": true, "https://acme.cloudflareaccess.com/x": true, "https://login.acme.test/": true,
		"https://app.test/cdn-cgi/access/login/x": true, "https://accounts.google.com/o": true,
		"https://app.test/sessions": false, "https://app.test/session/1": false, "https://app.test/cas": false, "https://app.test/auth/x": false, "https://app.test/auth/login": true,
		"https://app.test/": false, "https://app.test/authors": false, "https://app.test/blog/login-tips": false,
		"https://app.test/?next=/login": false, "https://notokta.com/": false, "": false, "%zz": false,
	} {
		if got := webprobe.LooksLikeLogin(url); got != want {
			t.Errorf("%q: %v", url, got)
		}
	}
}

func TestParseHSTS(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want webprobe.HSTS
		ok   bool
	}{
		{"max-age=31536000", webprobe.HSTS{MaxAge: 31536000}, true},
		{"max-age=31536000; includeSubDomains; preload", webprobe.HSTS{MaxAge: 31536000, IncludeSubDomains: true, Preload: true}, true},
		{` ; MAX-AGE = "10" ;; unknown=x`, webprobe.HSTS{MaxAge: 10}, true},
		{"max-age=0", webprobe.HSTS{}, true},
		{"max-age=99999999999999999999999", webprobe.HSTS{MaxAge: 100 * 366 * 24 * 3600}, true},
		{"includeSubDomains", webprobe.HSTS{}, false},
		{"max-age=1; max-age=2", webprobe.HSTS{}, false},
		{"max-age=-1", webprobe.HSTS{}, false},
		{"max-age", webprobe.HSTS{}, false},
		{"max-age=1, includeSubDomains", webprobe.HSTS{}, false},
		{"=1; max-age=1", webprobe.HSTS{}, false},
		{"", webprobe.HSTS{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			if got, ok := webprobe.ParseHSTS(tt.in); got != tt.want || ok != tt.ok {
				t.Errorf("%+v, %v", got, ok)
			}
		})
	}
}

func TestRobotsTag(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   []string
		want bool
	}{
		{nil, false},
		{[]string{"noindex"}, true},
		{[]string{"NOFOLLOW, NoIndex"}, true},
		{[]string{"none"}, true},
		{[]string{"googlebot: noindex, nofollow"}, true},
		{[]string{"otherbot: noindex, nofollow"}, false},
		{[]string{"otherbot: nofollow, noindex"}, false},
		{[]string{"otherbot: nofollow", "noindex"}, true},
		{[]string{"max-snippet: 10, noindex"}, true},
		{[]string{"unavailable_after: Tuesday, 25 Jun 2030 15:00:00 PST"}, false},
		{[]string{"index, follow"}, false},
	}
	for _, tt := range tests {
		if got := webprobe.RobotsTag(tt.in); got != tt.want {
			t.Errorf("%q: %v", tt.in, got)
		}
	}
}

func FuzzPage(f *testing.F) {
	for _, s := range []string{`<meta name="robots" content="noindex">`, `<script><!--</script`, `<input type=password>`, `<a b='c"d>`, `<!--`, `<`, `</`, `<a/`, `<a =`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := webprobe.ReadPage([]byte(s))
		lower := strings.ToLower(s)
		if p.AsksPassword && !strings.Contains(lower, "<input") {
			t.Errorf("a field in %q", s)
		}
		if p.NoIndex && !strings.Contains(lower, "<meta") {
			t.Errorf("noindex in %q", s)
		}
		if again := webprobe.ReadPage([]byte("<!-- " + strings.ReplaceAll(s, ">", "") + " -->")); again.AsksPassword || again.NoIndex {
			t.Errorf("read a comment: %q", s)
		}
	})
}

func FuzzRobots(f *testing.F) {
	for _, s := range []string{"User-agent: *\nDisallow: /", "user-agent:googlebot\nallow:*$", "\uFEFF:", "Disallow: ***$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if webprobe.RobotsForbids([]byte(s), "googlebot") && !strings.Contains(strings.ToLower(s), "disallow") {
			t.Errorf("forbidden by %q", s)
		}
	})
}

func FuzzHeaders(f *testing.F) {
	for _, s := range []string{"max-age=1; preload", `Basic realm="a,b"`, "googlebot: none", "a:b:c:d", "[::1]:::"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if h, ok := webprobe.ParseHSTS(s); h.MaxAge < 0 || !ok && h != (webprobe.HSTS{}) || ok && !strings.Contains(strings.ToLower(s), "max-age") {
			t.Errorf("%q: %+v", s, h)
		}
		if webprobe.RobotsTag([]string{s}) && !slices.ContainsFunc([]string{"noindex", "none"}, func(word string) bool { return strings.Contains(strings.ToLower(s), word) }) {
			t.Errorf("kept out by %q", s)
		}
		_ = webprobe.LooksLikeLogin(s)
		if c, err := webprobe.ParseConnectTo(s); err == nil && strings.Count(s, ":") < 3 {
			t.Errorf("%q: %+v", s, c)
		}
	})
}

// BenchmarkReadPage reads a page of 64 KiB.
func BenchmarkReadPage(b *testing.B) {
	page := []byte(strings.Repeat(`<p class="a">Some text that a page has.</p><a href="/x">more</a>`, 1024))
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		webprobe.ReadPage(page)
	}
}
