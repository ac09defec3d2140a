package smoke_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/smoke"
)

// A value that somebody writes where the name of its variable belongs is not
// shown, neither by New nor by -h.
func TestAValueInPlaceOfItsName(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"k7Wq2zR9f!pT4x", "sk_" + "live_abc123", "hunter2", "AKIA" + "Q3EGRZ7XTUWKLM5N", "pass word", "NAME\nNEXT"} {
		cfg := smoke.Config{
			URL: "https://smoke.test", SecretHeader: map[string]string{"X-Token": value}, LookupEnv: func(string) (string, bool) { return "", false },
			Steps: []smoke.Step{smoke.Login{Path: "/login", Secret: map[string]string{"password": value}}.Step()},
		}
		_, err := smoke.New(cfg)
		if err == nil || strings.Contains(err.Error(), value) || strings.Count(err.Error(), "must be the name of an environment variable") != 2 {
			t.Errorf("%s: %v", value, err)
		}
		var stdout, stderr strings.Builder
		if smoke.RunCommand(t.Context(), cfg, []string{"-h"}, &stdout, &stderr, false); strings.Contains(stdout.String()+stderr.String(), value) {
			t.Errorf("-h shows %s", value)
		}
	}
	// What has such a name and is set, is a variable.
	cfg := smoke.Config{URL: "https://smoke.test", LookupEnv: func(string) (string, bool) { return "0123456789", true }, Steps: []smoke.Step{smoke.Login{Path: "/login", Secret: map[string]string{"password": "smoke_password"}}.Step()}}
	if _, err := smoke.New(cfg); err != nil {
		t.Error(err)
	}
}

// A service of several hosts on this machine: //api.{host} has the scheme and
// the port of the target, and every name below localhost leads here.
func TestHostsOnThisMachine(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, "<p>Listings of "+r.Host) }))
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	cfg := smoke.Config{
		URL: "http://localhost:" + u.Port(), Hosts: map[string]string{"api": "//api.{host}"},
		Steps: []smoke.Step{smoke.Page("/"), smoke.Page("/").On("api").Contains("Listings of api.localhost:" + u.Port())},
	}
	if err := checkConfig(t, cfg).Err(); err != nil {
		t.Error(err)
	}
	cfg.URL = srv.URL
	if _, err := smoke.New(cfg); err == nil || err.Error() != `smoke: Hosts["api"]: api.127.0.0.1 is no name: nothing stands in front of an IP address; give the target a name, such as http://localhost:8080, whose names below lead to this machine too` {
		t.Errorf("got %v", err)
	}
}

// One wrong address is one error.
func TestAWrongAddressIsToldOnce(t *testing.T) {
	t.Parallel()
	for address, hosts := range map[string]string{"127.0.0.1:8080": "https://api.{host}", "http://market.example/foo": "https://api.{host}", "https://market.example": "api.{host}"} {
		_, err := smoke.New(smoke.Config{URL: address, Hosts: map[string]string{"api": hosts}, Steps: []smoke.Step{smoke.Page("/").On("api"), smoke.Page("/x").On("api")}})
		if err == nil || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "no such host") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestAMailThatDoesNotComeSaysWhy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		su := signup("", nil)
		su.Mailbox = func(ctx context.Context, _ string) (string, error) {
			<-ctx.Done()
			return "", errors.Join(errors.New("the mailbox answered 401 Unauthorized"), ctx.Err())
		}
		r := checkConfig(t, smoke.Config{Handler: (&club{}).handler(), Steps: []smoke.Step{su.Step()}})
		failed(t, r, "no mail with the link came within 2m0s: the mailbox answered 401 Unauthorized")
	})
}

func TestALoginRefusedForWantOfAToken(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.Handle("GET /login", answering(nil, `<form method=post><input name=email><input type=password name=password></form>`))
	refuse := func(text string) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/", h)
		mux.HandleFunc("POST /login", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, text, http.StatusForbidden) })
		return mux
	}
	got := failed(t, check(t, refuse("Forbidden - CSRF token invalid"), login(seller).Step()), "the answer speaks of a forged request: did the form hold a CSRF token")
	if strings.Contains(got.Verdict, "SMOKE_PASSWORD") {
		t.Errorf("the password is suspected: %s", got.Verdict)
	}
	failed(t, check(t, refuse("wrong password"), login(seller).Step()), "is the value of SMOKE_PASSWORD right for this service?")
}

// The evidence below an old path is of its own requests.
func TestTheOldPathThatIsWrongIsShown(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.Handle("GET /find", http.RedirectHandler("/search", http.StatusMovedPermanently))
	h.Handle("GET /search", http.RedirectHandler("https://elsewhere.example/", http.StatusMovedPermanently))
	h.Handle("GET /register", http.RedirectHandler("/signup", http.StatusMovedPermanently))
	h.Handle("GET /signup", answering(nil, "<p>Sign up"))
	got := failed(t, check(t, h, smoke.FollowRedirects(map[string]string{"/find": "/search", "/register": "/signup"})), "GET /search redirects to the host elsewhere.example")
	if !strings.Contains(got.Detail, "> GET https://smoke.test/search") || strings.Contains(got.Detail, "signup") {
		t.Errorf("shown is\n%s", got.Detail)
	}
}

func TestShortRevisions(t *testing.T) {
	t.Parallel()
	tells := func(release string) http.Handler {
		h := http.NewServeMux()
		h.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"release":%q}`, release)
		})
		h.Handle("/", answering(nil, "<p>Listings"))
		return h
	}
	for _, tt := range []struct {
		told, wanted string
		same         bool
	}{
		{"abcdef1", "abcdef1234567", true},
		{"abcdef1234567", "abcdef1", true},
		{"abcdef", "abcdef1234567", false},
		{"abcdef2", "abcdef1234567", false},
		{"v1", "v12", false},
		{"release-1", "release-12", false},
		{"v2", "v2", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := checkConfig(t, smoke.Config{Handler: tells(tt.told), Release: tt.wanted, Settling: smoke.Settling{Path: "/healthz", Within: time.Second}, Steps: []smoke.Step{smoke.Page("/")}})
			if (r.Err() == nil) != tt.same {
				t.Errorf("%s for %s: %v", tt.told, tt.wanted, r.Err())
			}
		})
	}
}

func TestAMemoryThatCannotBeWrittenIsFoundAtOnce(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := smoke.Config{Handler: newSite(inInput).handler(), Steps: []smoke.Step{smoke.Page("/")}}
	var stdout, stderr strings.Builder
	if status := smoke.RunCommand(t.Context(), cfg, []string{"-memory", filepath.Join(file, "below")}, &stdout, &stderr, false); status != 2 || !strings.Contains(stderr.String(), "-memory: nothing could be kept there: ") {
		t.Errorf("status %d, %s", status, stderr.String())
	}
}

func TestALoopOfRedirectsIsNamed(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.Handle("GET /a", http.RedirectHandler("/b", http.StatusFound))
	h.Handle("GET /b", http.RedirectHandler("/a", http.StatusFound))
	failed(t, check(t, h, smoke.Page("/a")), "gave up after 10 redirects, the last one to /b: they lead in a circle")
}
