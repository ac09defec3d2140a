package smoke_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/smoke"
)

func TestAHangingHandlerIsLeftAfterTheTimeout(t *testing.T) {
	t.Parallel()
	hang := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	slowBody := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	tests := []struct {
		name     string
		handler  http.Handler
		cfg      smoke.Config
		want     string
		duration time.Duration
	}{
		{"default", hang, smoke.Config{}, "GET /: no answer within 10s", 10 * time.Second},
		{"timeout", hang, smoke.Config{Timeout: 3 * time.Second}, "GET /: no answer within 3s", 3 * time.Second},
		{"body", slowBody, smoke.Config{}, "GET /: the answer was not complete after 10s", 10 * time.Second},
		{"run", hang, smoke.Config{RunTimeout: time.Second}, "GET /: the time of the run is over", time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tt.cfg.Handler, tt.cfg.Steps = tt.handler, []smoke.Step{smoke.Page("/")}
				r := checkConfig(t, tt.cfg)
				failed(t, r, tt.want)
				if r.Duration != tt.duration || r.Steps[0].Duration != tt.duration {
					t.Errorf("took %s, the step %s", r.Duration, r.Steps[0].Duration)
				}
			})
		})
	}
}

func TestStepsAfterTheEndOfTheRunAreSkipped(t *testing.T) {
	t.Parallel()
	c, err := smoke.New(smoke.Config{Handler: newSite(inInput).handler(), Steps: []smoke.Step{smoke.Page("/")}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := c.Check(ctx)
	if s := r.Steps[0]; s.Outcome != smoke.Skipped || s.Verdict != "the run was stopped" {
		t.Errorf("got %+v", s)
	}
	if r.Err() == nil {
		t.Error("a run that looked at nothing is no success")
	}
}

func TestAHangingServerOverASocket(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts through its backlog and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	r := checkConfig(t, smoke.Config{URL: "http://" + l.Addr().String(), Timeout: 50 * time.Millisecond, Steps: []smoke.Step{smoke.Page("/")}})
	failed(t, r, "GET /: no answer within 50ms")
	if !r.Reached {
		t.Error("Reached is false although a connection came about")
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	r := checkConfig(t, smoke.Config{URL: "http://" + address, Steps: []smoke.Step{smoke.Page("/")}})
	failed(t, r, "GET /: connection refused")
	if r.Reached {
		t.Error("Reached is true although nobody was there")
	}
}

func TestAnUnknownCertificateIsAFailureOfTheService(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(newSite(inInput).handler())
	srv.Config.ErrorLog = quiet()
	srv.StartTLS()
	defer srv.Close()
	r := checkConfig(t, smoke.Config{URL: srv.URL, Steps: []smoke.Step{smoke.Page("/")}})
	failed(t, r, "GET /: the certificate was not accepted: x509: certificate signed by unknown authority")
	if !r.Reached {
		t.Error("Reached is false although somebody answered the connection")
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	var hops atomic.Int64
	h.HandleFunc("GET /loop", func(w http.ResponseWriter, r *http.Request) {
		hops.Add(1)
		http.Redirect(w, r, "/loop", http.StatusFound)
	})
	h.HandleFunc("GET /down/{n}", func(w http.ResponseWriter, r *http.Request) {
		if n, _ := strconv.Atoi(r.PathValue("n")); n > 0 {
			http.Redirect(w, r, fmt.Sprintf("/down/%d", n-1), http.StatusFound)
			return
		}
		_, _ = w.Write([]byte("down"))
	})
	to := func(location string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusFound)
		}
	}
	h.HandleFunc("GET /away", to("https://user:pass@other.example/path?token=abc"))
	h.HandleFunc("GET /slashes", to("//other.example/"))
	h.HandleFunc("GET /plain", to("http://smoke.test/"))
	h.HandleFunc("GET /port", to("https://smoke.test:8443/"))
	h.HandleFunc("GET /script", to("javascript:alert(1)"))
	h.HandleFunc("GET /garbage", to("https://%zz/"))
	h.HandleFunc("GET /nowhere", to(""))
	h.HandleFunc("GET /query", to("/end?next=%2Faccount"))
	h.HandleFunc("GET /fragment", to("/end#top"))
	h.HandleFunc("GET /end", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("the end")) })

	tests := []struct {
		name string
		step smoke.Step
		want string
	}{
		{"loop", smoke.Page("/loop"), "GET /loop: gave up after 10 redirects, the last one to /loop"},
		{"ten are followed", smoke.Page("/down/10").RedirectsTo("/down/0"), ""},
		{"eleven are not", smoke.Page("/down/11").RedirectsTo("/down/0"), "gave up after 10 redirects"},
		{"away", smoke.Page("/away"), "/away redirects to the host other.example, which is not the target; nothing was sent there"},
		{"away, not followed", smoke.Page("/away").Status(302), ""},
		{"away, not followed but looked at", smoke.Page("/away").Status(302).RedirectsTo("/path"), "redirects to the host other.example"},
		{"slashes", smoke.Page("/slashes"), "the host other.example"},
		{"plain", smoke.Page("/plain"), "plain http on smoke.test"},
		{"port", smoke.Page("/port"), "the host smoke.test:8443"},
		{"script", smoke.Page("/script"), "something that is no web address"},
		{"garbage", smoke.Page("/garbage"), "the Location of its redirect is no address"},
		{"nowhere", smoke.Page("/nowhere"), "GET /nowhere answered 302 Found, expected 200"},
		{"elsewhere", smoke.Page("/query").RedirectsTo("/start"), "ended at /end?next=%2Faccount, expected /start"},
		{"any query", smoke.Page("/query").RedirectsTo("/end"), ""},
		{"this query", smoke.Page("/query").RedirectsTo("/end?next=%2Faccount"), ""},
		{"another query", smoke.Page("/query").RedirectsTo("/end?next=%2F"), "ended at /end"},
		{"fragment", smoke.Page("/fragment").RedirectsTo("/end"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := check(t, h, tt.step)
			if tt.want == "" {
				if err := r.Err(); err != nil {
					t.Error(err)
				}
				return
			}
			got := failed(t, r, tt.want)
			if strings.Contains(got.Verdict+got.Detail, "abc") || strings.Contains(got.Verdict+got.Detail, "pass@") {
				t.Errorf("more than the host is named in\n%s\n%s", got.Verdict, got.Detail)
			}
		})
	}
	t.Cleanup(func() {
		if n := hops.Load(); n != 11 {
			t.Errorf("the loop was asked %d times, want 11", n)
		}
	})
}

func TestAnotherHostIsNeverContacted(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer other.Close()
	h := http.NewServeMux()
	h.Handle("GET /go", http.RedirectHandler(other.URL, http.StatusFound))
	h.HandleFunc("GET /form", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `<form method=post action="%s/steal"><input name=email><input name=password></form>`, other.URL)
	})
	form := login(seller)
	form.Path = "/form"
	host := strings.TrimPrefix(other.URL, "http://")
	failed(t, check(t, h, smoke.Page("/go")), host)
	failed(t, check(t, h, form.Step()), "leads to the host "+host+", which is not the target")
	failed(t, check(t, h, smoke.Do("do", func(s *smoke.Session) error {
		_, err := s.Get("//" + host + "/")
		return err
	})), "the path must begin with one slash")
	if n := asked.Load(); n != 0 {
		t.Errorf("the other host was asked %d times", n)
	}
}

// endless writes for ever, or until the client is gone.
func endless(contentType string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		chunk := []byte(strings.Repeat("listings ", 8<<10))
		for written := 0; written < 1<<30; written += len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
}

func TestAGigabyteIsCut(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.Handle("/page", endless("text/html"))
	h.Handle("/json", endless("application/json"))
	srv := httptest.NewServer(h)
	defer srv.Close()
	for _, cfg := range []smoke.Config{{Handler: h}, {URL: srv.URL}} {
		cfg.Steps = []smoke.Step{smoke.Page("/page").Contains("listings")}
		r := checkConfig(t, cfg)
		if s := r.Steps[0]; s.Outcome != smoke.OK || s.Verdict != "passed on the first 2 MiB: the answer is longer and was cut there" {
			t.Errorf("got %s %q", s.Outcome, s.Verdict)
		}
		for _, tt := range []struct {
			step smoke.Step
			want string
		}{
			{smoke.Page("/page").Contains("Footer"), `the body does not contain "Footer"; the answer is longer than 2 MiB and was cut there`},
			{smoke.Page("/page").NotContains("Footer"), "is not known; the answer is longer than 2 MiB"},
			{smoke.JSON("/json"), "the JSON cannot be read; the answer is longer than 2 MiB"},
		} {
			cfg.Steps = []smoke.Step{tt.step}
			got := failed(t, checkConfig(t, cfg), tt.want)
			if len(got.Detail) > 8<<10 {
				t.Errorf("the failure is %d bytes long", len(got.Detail))
			}
		}
	}
}

func TestPanics(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.HandleFunc("/index", func(http.ResponseWriter, *http.Request) {
		var empty []int
		_ = empty[len(empty)]
	})
	h.HandleFunc("/text", func(http.ResponseWriter, *http.Request) { panic("dsn=postgres://u:hunter2@db") })
	h.HandleFunc("/late", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<h1>Listings"))
		_ = http.NewResponseController(w).Flush()
		panic("late")
	})
	h.HandleFunc("/fine", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("fine")) })
	for path, want := range map[string]string{
		"/index": "GET /index: the handler panicked with a value of type runtime.boundsError at bounds_test.go:",
		"/text":  "GET /text: the handler panicked with a value of type string at bounds_test.go:",
		"/late":  "GET /late: the handler panicked with a value of type string at bounds_test.go:",
	} {
		got := failed(t, check(t, h, smoke.Page("/fine"), smoke.Page(path)), want)
		if strings.Contains(got.Verdict+got.Detail, "hunter2") {
			t.Errorf("the value of the panic is shown: %q", got.Verdict)
		}
		if err := check(t, h, smoke.Page("/fine")).Err(); err != nil {
			t.Error(err)
		}
	}
}

func TestInProcessHasTheSemanticsOfNetHTTP(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.HandleFunc("/early", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusAccepted)
	})
	h.HandleFunc("/peer", func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		_, _ = fmt.Fprintf(w, "%s %v %v %s %s", host, err, r.TLS != nil, r.Host, r.Proto)
	})
	if err := check(t, h, smoke.Page("/early").Status(http.StatusAccepted), smoke.Page("/peer").Contains("192.0.2.1 <nil> true smoke.test HTTP/1.1")).Err(); err != nil {
		t.Error(err)
	}
}

func TestWritesAreRefusedOnALiveTarget(t *testing.T) {
	t.Parallel()
	var posts atomic.Int64
	h := http.NewServeMux()
	h.HandleFunc("GET /form", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`<form method=post action=/do><input name=title></form><form action=/find><input name=q></form>`))
	})
	h.HandleFunc("POST /do", func(http.ResponseWriter, *http.Request) { posts.Add(1) })
	h.HandleFunc("GET /find", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.URL.RawQuery)) })
	srv := httptest.NewServer(h)
	defer srv.Close()
	form := smoke.Form{Path: "/form", Fields: map[string]string{"title": "x"}}.Step()
	post := smoke.Do("post", func(s *smoke.Session) error {
		_, err := s.PostForm("/do", map[string]string{"title": "x"})
		return err
	})
	for _, s := range []smoke.Step{form, post} {
		failed(t, checkConfig(t, smoke.Config{URL: srv.URL, Steps: []smoke.Step{s}}), "refused: the step would change data of a live target")
	}
	if n := posts.Load(); n != 0 {
		t.Fatalf("%d posts were sent", n)
	}
	for _, cfg := range []smoke.Config{
		{URL: srv.URL, Steps: []smoke.Step{form.Writes(), post.Writes()}},
		{Handler: h, Steps: []smoke.Step{form, post}},
		{URL: srv.URL, Steps: []smoke.Step{smoke.Form{Path: "/form", Fields: map[string]string{"q": "a b"}}.Step().Contains("q=a+b")}},
	} {
		if err := checkConfig(t, cfg).Err(); err != nil {
			t.Error(err)
		}
	}
	if n := posts.Load(); n != 4 {
		t.Errorf("%d posts were sent, want 4", n)
	}
}
