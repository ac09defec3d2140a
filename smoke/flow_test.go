package smoke_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// marketSteps is the marketplace's own path from end to end, with three
// people in one run.
func marketSteps() []smoke.Step {
	return []smoke.Step{
		smoke.Page("/").Contains("Listings").NotContains("panic").Header("content-type", "text/html"),
		smoke.JSON("/api/health", "release", "checks.0.name").JSONField("status", "ok").JSONField("checks.0.ms", "1.50"),
		login(seller).Step().RedirectsTo("/account").Contains("Account of " + seller).As("seller"),
		login(buyer).Step().As("buyer"),
		login(admin).Step().As("admin"),
		smoke.Form{
			Path: "/listings/new", Fields: map[string]string{"title": "Drill {run}"},
		}.Step().RedirectsTo("/listings/{listing}").Writes().As("seller"),
		smoke.Page("/listings/{listing}").Contains("Drill {run}"),
		smoke.Form{
			Path: "/listings/{listing}/request", Fields: map[string]string{"note": "for Monday"},
		}.Step().RedirectsTo("/account").Writes().As("buyer"),
		smoke.Page("/admin/review").Keep("request", `/admin/requests/(\d+)`).As("admin"),
		smoke.Form{
			Path: "/admin/review", Action: "/admin/requests/{request}", Fields: map[string]string{"decision": "approve"},
		}.Step().RedirectsTo("/admin/review").Writes().As("admin"),
		smoke.Page("/notifications").Contains("request {request} approved").As("buyer"),
		smoke.Page("/notifications").NotContains("approved").As("seller"),
	}
}

func TestMarketplaceInProcess(t *testing.T) {
	t.Parallel()
	for _, place := range []tokenPlace{inInput, inMeta, inCookie} {
		t.Run(string(place), func(t *testing.T) {
			t.Parallel()
			smoke.Test(t, smoke.Config{Handler: newSite(place).handler(), Steps: marketSteps(), LookupEnv: credentials})
		})
	}
}

func TestMarketplaceOverSockets(t *testing.T) {
	t.Parallel()
	t.Run("tls", func(t *testing.T) {
		t.Parallel()
		srv := httptest.NewTLSServer(newSite(inInput).handler())
		defer srv.Close()
		if err := checkConfig(t, smoke.Config{URL: srv.URL, Client: srv.Client(), Steps: marketSteps()}).Err(); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("plain", func(t *testing.T) {
		t.Parallel()
		s := newSite(inMeta)
		s.secure = false
		srv := httptest.NewServer(s.handler())
		defer srv.Close()
		if err := checkConfig(t, smoke.Config{URL: srv.URL + "/", Steps: marketSteps()}).Err(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestASecureCookieOverPlainHTTPIsNamed(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.HandleFunc("GET /login", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`<form method=post><input name=email><input name=password></form>`))
	})
	h.HandleFunc("POST /login", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "0123456789", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		_, _ = w.Write([]byte("welcome"))
	})
	srv := httptest.NewServer(h)
	defer srv.Close()
	// The client of httptest takes example.com to its server. On a loopback
	// address, which counts as secure, the cookie comes back.
	failed(t, checkConfig(t, smoke.Config{URL: "http://example.com", Client: srv.Client(), Steps: []smoke.Step{login(seller).Step()}}), "a Secure cookie is not, over plain http")
	if err := check(t, h, login(seller).Step()).Err(); err != nil {
		t.Errorf("in process the address is https: %v", err)
	}
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()
	for _, place := range []tokenPlace{inInput, inMeta, inCookie} {
		wrong := login(seller)
		wrong.Secret = map[string]string{"password": "WRONG_PASSWORD"}
		got := failed(t, checkURL(t, newSite(place).handler(), wrong.Step()), "the login was refused: POST /login answered 401 Unauthorized")
		if strings.Contains(got.Detail, "not the password") || strings.Contains(got.Detail, seller) {
			t.Errorf("a secret or an address in\n%s", got.Detail)
		}
		if !strings.Contains(got.Detail, `'password='"$WRONG_PASSWORD"`) {
			t.Errorf("no placeholder in\n%s", got.Detail)
		}
		if err := check(t, newSite(place).handler(), wrong.Step().Status(401)).Err(); err != nil {
			t.Errorf("a refusal that is expected: %v", err)
		}
	}
}

func TestALoginThatAnswersWith200IsNotBelieved(t *testing.T) {
	t.Parallel()
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "visit", Value: "1"})
		_, _ = w.Write([]byte(`<form method=post action="/login"><input name=email><input name=password></form>`))
	})
	failed(t, check(t, h, login(seller).Step()), "the login form came back")
}

func TestAFormThatComesBackIsNotBelieved(t *testing.T) {
	t.Parallel()
	post := func(title string) smoke.Step {
		return smoke.Form{Path: "/listings/new", Fields: map[string]string{"title": title}}.Step()
	}
	failed(t, check(t, newSite(inInput).handler(), login(seller).Step(), post("x")), "the form came back")
	if err := check(t, newSite(inInput).handler(), login(seller).Step(), post("x").Contains("title")).Err(); err != nil {
		t.Errorf("a step that says what it expects decides itself: %v", err)
	}
}

func TestAnExpiredSessionIsNoPage(t *testing.T) {
	t.Parallel()
	h := newSite(inInput).handler()
	failed(t, check(t, h, smoke.Page("/account")), "GET /account was redirected to /login")
	for _, s := range []smoke.Step{
		smoke.Page("/account").RedirectsTo("/login"),
		smoke.Page("/account").Status(http.StatusSeeOther).RedirectsTo("/login"),
		smoke.Page("/account").Status(http.StatusSeeOther),
		smoke.Page("/nothing").Status(http.StatusNotFound),
	} {
		if err := check(t, h, s).Err(); err != nil {
			t.Error(err)
		}
	}
}

func TestSubtestsThatAreNotPickedStillRun(t *testing.T) {
	t.Parallel()
	// What -run does to the subtests cannot be set from here; Test is run in
	// a process of its own.
	out := runSelf(t, "^TestHelperMarket$/^GET_/notifications_as_buyer$", "SMOKE_HELPER=1")
	if !strings.Contains(out, "--- PASS: TestHelperMarket/GET_/notifications_as_buyer") || strings.Contains(out, "login") {
		t.Errorf("got\n%s", out)
	}
}
