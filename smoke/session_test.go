package smoke_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/launchready/readiness/smoke"
)

func TestDo(t *testing.T) {
	t.Parallel()
	h := newSite(inInput).handler()
	tests := []struct {
		name string
		fn   func(*smoke.Session) error
		want string // "" for OK
		skip bool
	}{
		{name: "ok", fn: func(s *smoke.Session) error {
			resp, err := s.Get("/api/health")
			if err != nil {
				return err
			}
			text, err := resp.JSON("")
			if err != nil || resp.Path() != "/api/health" || resp.Status != http.StatusOK || resp.Header.Get("Content-Type") == "" {
				return fmt.Errorf("unexpected: %s %v", text, err)
			}
			return nil
		}},
		{name: "error", fn: func(*smoke.Session) error { return errors.New("it is\nbroken for a@b.example") }, want: "it is broken for «e-mail»"},
		{name: "status is no error", fn: func(s *smoke.Session) error {
			_, err := s.Get("/nothing?x=1")
			return err
		}},
		{name: "unset", fn: func(s *smoke.Session) error {
			_, err := s.Value("order")
			return fmt.Errorf("in between: %w", err)
		}, want: "needs the value {order}, which no earlier step has set", skip: true},
		{name: "unset in a path", fn: func(s *smoke.Session) error {
			_, err := s.Get("/orders/{order}")
			return err
		}, want: "needs the value {order}", skip: true},
		{name: "panic", fn: func(*smoke.Session) error { panic("secret text") }, want: "the function of the step panicked with a value of type string at session_test.go:"},
		{name: "values", fn: func(s *smoke.Session) error {
			s.Set("run", "mine")
			s.Set("not a name", "x")
			s.Set("path", "a/b?c")
			run, err := s.Value("run")
			if err != nil || len(run) < 8 || run == "mine" {
				return fmt.Errorf("run is %q, %v", run, err)
			}
			resp, err := s.Get("/nothing/{path}")
			if err != nil || resp.Path() != "/nothing/a%2Fb%3Fc" {
				return fmt.Errorf("asked for %s, %v", resp.Path(), err)
			}
			return s.Context().Err()
		}},
		{name: "submit", fn: func(s *smoke.Session) error {
			resp, err := s.Submit(smoke.Form{
				Path: "/login", Fields: map[string]string{"email": seller}, Secret: map[string]string{"password": "SMOKE_PASSWORD"},
			})
			if err != nil || resp.Path() != "/account" {
				return fmt.Errorf("ended at %s, %v", resp.Path(), err)
			}
			return nil
		}},
		{name: "submit without the variable", fn: func(s *smoke.Session) error {
			_, err := s.Submit(smoke.Form{Path: "/login", Secret: map[string]string{"password": "NO_SUCH"}})
			return err
		}, want: "the environment variable NO_SUCH is not set"},
		{name: "submit what is not there", fn: func(s *smoke.Session) error {
			_, err := s.Submit(smoke.Form{Path: "/login", Fields: map[string]string{"pin": "1"}})
			return err
		}, want: "no form on /login with the fields pin; form 1 has: email, password, csrf_token"},
		{name: "submit to nowhere", fn: func(s *smoke.Session) error {
			_, err := s.Submit(smoke.Form{Path: "/nothing"})
			return err
		}, want: "the page with the form, /nothing, answered 404 Not Found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := check(t, h, smoke.Do(tt.name, tt.fn)).Steps[0]
			want := smoke.OK
			switch {
			case tt.skip:
				want = smoke.Skipped
			case tt.want != "":
				want = smoke.Failed
			}
			if got.Outcome != want || !strings.Contains(got.Verdict, tt.want) {
				t.Errorf("got %s %q, want %s %q", got.Outcome, got.Verdict, want, tt.want)
			}
		})
	}
}

func TestPostForm(t *testing.T) {
	t.Parallel()
	for place, want := range map[tokenPlace]int{inMeta: http.StatusSeeOther, inCookie: http.StatusSeeOther} {
		err := check(t, newSite(place).handler(), login(seller).Step(), smoke.Do("post", func(s *smoke.Session) error {
			if _, err := s.Get("/listings/new"); err != nil {
				return err
			}
			resp, err := s.PostForm("/listings", map[string]string{
				"title": "Saw", "kind": "equipment", "text": "as new", "public": "on",
			})
			if err != nil || resp.Path() != "/listings/1" {
				return fmt.Errorf("%s: ended at %v, %v, want a %d", place, resp.Path(), err, want)
			}
			return nil
		})).Err()
		if err != nil {
			t.Error(err)
		}
	}
}

func TestSessionsHaveCookiesOfTheirOwn(t *testing.T) {
	t.Parallel()
	r := check(t, newSite(inInput).handler(),
		login(seller).Step().As("seller"),
		smoke.Page("/account").As("seller"),
		smoke.Page("/account"),
	)
	if r.Steps[1].Outcome != smoke.OK {
		t.Error(r.Steps[1].Verdict)
	}
	failed(t, r, "GET /account was redirected to /login")
}

func TestRunsHaveCookiesAndValuesOfTheirOwn(t *testing.T) {
	t.Parallel()
	first := true
	c, err := smoke.New(smoke.Config{
		Handler: newSite(inInput).handler(), LookupEnv: credentials,
		Steps: []smoke.Step{
			smoke.Do("first run only", func(s *smoke.Session) error {
				if first {
					s.Set("id", "7")
					first = false
					_, err := s.Submit(smoke.Form{Path: "/login", Fields: map[string]string{"email": seller}, Secret: map[string]string{"password": "SMOKE_PASSWORD"}})
					return err
				}
				return nil
			}),
			smoke.Page("/account"),
			smoke.Page("/nothing/{id}").Status(http.StatusNotFound),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	r := c.Check(t.Context())
	if r.Steps[1].Outcome != smoke.Failed || r.Steps[2].Outcome != smoke.Skipped {
		t.Errorf("the second run knows of the first: %v", r.Err())
	}
}

func TestACheckerServesManyAtOnce(t *testing.T) {
	t.Parallel()
	c, err := smoke.New(smoke.Config{Handler: newSite(inInput).handler(), Steps: marketSteps()[:7], LookupEnv: credentials})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := c.Check(t.Context()).Err(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestAFailedStepSetsNoValue(t *testing.T) {
	t.Parallel()
	r := check(t, newSite(inInput).handler(),
		smoke.Page("/nothing").Keep("id", `(\d+)`),
		smoke.Page("/listings/{id}"),
		smoke.Page("/"),
		smoke.Page("/").Keep("price", `price (\d+)`),
	)
	want := []smoke.Outcome{smoke.Failed, smoke.Skipped, smoke.OK, smoke.Failed}
	for i, s := range r.Steps {
		if s.Outcome != want[i] {
			t.Errorf("step %d is %s: %s", i, s.Outcome, s.Verdict)
		}
	}
	failed(t, r, `nothing in the body matches "price (\\d+)", so {price} is not set`)
}

func TestRedirectValues(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.Handle("GET /go", http.RedirectHandler("/a/1%202/b/3", http.StatusFound))
	h.HandleFunc("GET /a/", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.URL.EscapedPath())) })
	r := check(t, h,
		smoke.Page("/go").RedirectsTo("/a/{x}/b/{y}"),
		smoke.Page("/a/{x}/{y}").Contains("/a/1%202/3"),
		smoke.Page("/go").RedirectsTo("/a/{x}/b/{y}"),
		smoke.Page("/go").RedirectsTo("/a/{p}/b/{p}"),
	)
	for _, s := range r.Steps[:3] {
		if s.Outcome != smoke.OK {
			t.Error(s.Name, s.Verdict)
		}
	}
	failed(t, r, "ended at /a/1%202/b/3, expected /a/{p}/b/{p}")
	failed(t, check(t, h, smoke.Page("/go").RedirectsTo("/a/{x}/b/{y}"), smoke.Page("/go").RedirectsTo("/a/{y}/b/{x}")), "expected /a/{y}/b/{x}")
}

func TestExpectations(t *testing.T) {
	t.Parallel()
	h := newSite(inInput).handler()
	tests := []struct {
		name string
		step smoke.Step
		want string
	}{
		{"contains", smoke.Page("/").Contains("Orders"), `the body does not contain "Orders"`},
		{"not contains", smoke.Page("/").NotContains("Listings"), `the body contains "Listings"`},
		{"no header", smoke.Page("/").Header("X-Release", ""), "the answer has no header X-Release"},
		{"header", smoke.Page("/").Header("Content-Type", "json"), `the header Content-Type does not contain "json"`},
		{"status", smoke.Page("/").Status(204), "GET / answered 200 OK, expected 204 No Content"},
		{"page for JSON", smoke.JSON("/"), "expected JSON, the answer is text/html"},
		{"field", smoke.JSON("/api/health", "version"), "the JSON has no field version"},
		{"index", smoke.JSON("/api/health", "checks.1"), "the JSON has no field checks.1"},
		{"below text", smoke.JSON("/api/health", "status.x"), "the JSON has no field status.x"},
		{"null", smoke.JSON("/api/health", "none"), "the JSON field none is null"},
		{"value", smoke.JSON("/api/health").JSONField("status", "fine"), `the JSON field status is "ok", expected "fine"`},
		{"several", smoke.Page("/").Contains("Orders").Contains("Carts"), `the body does not contain "Orders"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := failed(t, check(t, h, tt.step), tt.want)
			if tt.name == "several" && !strings.Contains(got.Detail, `also: the body does not contain "Carts"`) {
				t.Errorf("the second problem is not told\n%s", got.Detail)
			}
		})
	}
}

func TestAStepThatNeedsAValueSendsNothing(t *testing.T) {
	t.Parallel()
	asked := false
	h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true })
	r := check(t, h, smoke.Do("look", func(*smoke.Session) error { return nil }), smoke.Page("/").NotContains("{id}"))
	if got := r.Steps[1]; got.Outcome != smoke.Skipped || asked {
		t.Errorf("got %s %q, asked: %v", got.Outcome, got.Verdict, asked)
	}
}

func TestStepsAreValues(t *testing.T) {
	t.Parallel()
	base := smoke.Page("/").Contains("Listings").Contains("Market")
	a, b := base.Contains("Orders"), base.Contains("<h1>")
	h := newSite(inInput).handler()
	failed(t, check(t, h, a), "Orders")
	if err := check(t, h, b, base).Err(); err != nil {
		t.Errorf("a change of one copy shows in another: %v", err)
	}
	form := login(seller)
	step := form.Step()
	form.Fields["email"], form.Secret["password"] = "", "NO_SUCH"
	if err := check(t, h, step.Contains(seller)).Err(); err != nil {
		t.Errorf("a change of the map shows in the step: %v", err)
	}
}
