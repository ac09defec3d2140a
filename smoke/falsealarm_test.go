package smoke_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/smoke"
)

// A cookie that has expired takes one away, and signs nobody in.
func TestACookieThatHasExpired(t *testing.T) {
	t.Parallel()
	h := func(c http.Cookie) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			c.Name, c.Path = "session", "/"
			http.SetCookie(w, &c)
			w.Header().Set("Cache-Control", "public, max-age=60")
			_, _ = fmt.Fprint(w, "<p>Listings")
		})
	}
	if err := check(t, h(http.Cookie{Value: "deleted", Expires: time.Unix(1, 0)}), smoke.Page("/")).Err(); err != nil {
		t.Error(err)
	}
	failed(t, check(t, h(http.Cookie{Value: "0123456789", Expires: time.Now().Add(time.Hour)}), smoke.Page("/")), "that signs somebody in without")
}

// Only what nobody else is called makes a page one person's.
func TestTheNameOfALogin(t *testing.T) {
	t.Parallel()
	run := func(name string) smoke.Report {
		h := http.NewServeMux()
		h.Handle("GET /login", answering(nil, `<form method=post><input name=username><input type=password name=password></form>`))
		h.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "0123456789", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
			http.Redirect(w, r, "/home", http.StatusSeeOther)
		})
		h.Handle("GET /home", answering(nil, "<p>Hello"))
		h.Handle("GET /docs", answering(http.Header{"Cache-Control": {"public, max-age=60"}}, "<p>Ask a developer, or "+name+"."))
		return check(t, h, smoke.Login{Path: "/login", Fields: map[string]string{"username": name}, Secret: map[string]string{"password": "SMOKE_PASSWORD"}}.Step(), smoke.Page("/docs"))
	}
	if err := run("developer").Err(); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"selma.1987", "selma@market.example"} {
		failed(t, run(name), "shows the name or address that the session was signed in with")
	}
}

// The cookie of a CSRF token, which comes with the form, signs nobody in.
func TestALoginThatSetsNoCookie(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.HandleFunc("GET /login", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "csrftoken", Value: "0123456789abcdef", Path: "/", Secure: true, SameSite: http.SameSiteLaxMode})
		_, _ = fmt.Fprint(w, `<form method=post><input name=email><input type=password name=password></form>`)
	})
	h.Handle("POST /login", answering(nil, `<p>Wrong e-mail or password. <a href="/login">Back</a>`))
	failed(t, check(t, h, login(seller).Step()), "the login set no cookie that is sent back")
}

// What is no token of a link may get lost on the way to its page.
func TestLinksWithMoreThanAToken(t *testing.T) {
	t.Parallel()
	const host = "https://smoke.test"
	members := (&club{}).handler()
	h := http.NewServeMux()
	h.Handle("GET smoke.test/confirm-your-mail-address", http.RedirectHandler(host+"/confirm?token="+linkToken, http.StatusFound))
	h.Handle("GET smoke.test/drawn/"+linkToken, http.RedirectHandler("https://www.smoke.test/welcome", http.StatusFound))
	h.Handle("/", members)
	for _, tt := range []struct{ link, want string }{
		{"/confirm?token=" + linkToken + "&lang=fr&utm_source=mail", ""},
		{"/confirm-your-mail-address?token=" + linkToken, ""},
		{"/drawn/" + linkToken, "loses the token of the link"},
	} {
		r := checkConfig(t, smoke.Config{Handler: h, Hosts: map[string]string{"www": "https://www.{host}"}, Steps: []smoke.Step{signup(host+tt.link, nil).Step()}})
		switch {
		case tt.want != "":
			failed(t, r, tt.want)
		case r.Err() != nil:
			t.Errorf("%s: %v", tt.link, r.Err())
		}
	}
}

// The p95 of a few calls is none to be compared with, nor to be claimed.
func TestAFewCallsAreNoBaseline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var k kept
		limited := &paced{took: quick, fails: func(n int64) bool { return n > 5 }} // after two that count
		checkConfig(t, measured(limited, "v1", k.memory(), smoke.Performance{}))
		if !strings.Contains(string(k.data), `"n":2`) {
			t.Fatalf("kept %s", k.data)
		}
		slower := &paced{took: func(int64) time.Duration { return 200 * time.Millisecond }}
		if r := checkConfig(t, measured(slower, "v2", k.memory(), smoke.Performance{})); r.Err() != nil || r.Figures[0].Before != 0 {
			t.Errorf("%v, compared with %s", r.Err(), r.Figures[0].Before)
		}
		// The end of the run cuts the second measurement of the next short.
		cfg := measured(&paced{took: func(int64) time.Duration { return 400 * time.Millisecond }}, "v3", k.memory(), smoke.Performance{})
		cfg.RunTimeout = 19 * time.Second // 43 calls and four more
		if r := checkConfig(t, cfg); r.Steps[1].Outcome != smoke.Skipped || strings.Contains(r.Steps[1].Verdict, "measured twice") {
			t.Errorf("got %s %q", r.Steps[1].Outcome, r.Steps[1].Verdict)
		}
		time.Sleep(time.Second) // until the last call has been answered
	})
}

func TestAWordOfAHookIsNoSecret(t *testing.T) {
	t.Parallel()
	for hook, want := range map[string]string{
		"https://ci:hook-password@ci.example/deploy":              "",
		"https://ci.example/deploy/srv-hook0123456789?key=hook99": "the value of query of the deploy hook",
	} {
		log := "#5 COPY . /deploy\nPOST ?key=hook99\n"
		cfg := smoke.Config{Handler: newSite(inInput).handler(), Steps: []smoke.Step{smoke.Page("/")}, Settling: smoke.Settling{Path: "/healthz"}, LookupEnv: credentials}
		var stdout, stderr strings.Builder
		ctx := t.Context()
		_ = smoke.RunCommandOn(ctx, cfg, []string{"-release", "v2", "-timeout", "1ms", "-scan-log", "-", "-deploy-hook", strings.Replace(hook, "ci.example", "127.0.0.1:1", 1)}, strings.NewReader(log), &stdout, &stderr, false)
		out := stdout.String()
		if (want == "") != strings.Contains(out, "ok       scan of standard input") || !strings.Contains(out, want) {
			t.Errorf("%s:\n%s%s", hook, out, stderr.String())
		}
	}
}
