package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/ratelimit"
)

// limited starts a site with its limits around it.
func limited(t *testing.T) (*site, *ratelimit.Limiter) {
	t.Helper()
	a, logs := startApp(t)
	forms, err := ratelimit.New(ratelimit.Config{Rules: a.rules(), Logger: a.log})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(forms.Middleware(a.routes()))
	t.Cleanup(s.Close)
	return &site{s, a, logs}, forms
}

func (s *site) letters(t *testing.T) (bodies []string) {
	t.Helper()
	rows, err := s.app.db.read.QueryContext(t.Context(), "SELECT body FROM outbox WHERE subject = 'A new password' ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var body string
		if err := rows.Scan(&body); err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, body)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return bodies
}

// Whether there is an account, and however often somebody asks, the answer is
// the same in every field; over the limit there is no mail.
func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	s, _ := limited(t)
	b := s.browser(t)
	nobody := b.post("/forgot", "/forgot", "email", "nobody@example.org")
	same := func(a answer) bool {
		for _, name := range []string{"Date", "Content-Length"} {
			a.header.Del(name)
			nobody.header.Del(name)
		}
		delete(a.header, "Ratelimit")
		return a.status == nobody.status && a.body == nobody.body && equalHeaders(a.header, nobody.header)
	}
	for i := range 8 {
		if a := b.post("/forgot", "/forgot", "email", testAdmin); !same(a) {
			t.Errorf("request %d: %d %v %s\nwithout an account: %d %v %s", i, a.status, a.header, a.body, nobody.status, nobody.header, nobody.body)
		}
	}
	wantText(t, b.get(nobody.header.Get("Location")), "If there is an account with this address")
	letters := s.letters(t)
	if len(letters) != 5 {
		t.Fatalf("%d mails, want 5", len(letters))
	}

	// Each of the five works until one was used.
	link, err := url.Parse(regexp.MustCompile(`https://market.example(/reset\S+)`).FindStringSubmatch(letters[0])[1])
	if err != nil {
		t.Fatal(err)
	}
	old := s.admin(t)
	wantText(t, b.get(link.String()), "A new password", `name="token"`)
	wantStatus(t, b.get("/reset?token=x"), http.StatusForbidden)
	wantStatus(t, b.post(link.String(), "/reset", "token", link.Query().Get("token"), "password", "short"), http.StatusUnprocessableEntity)
	const changed = "another battery staple"
	wantStatus(t, b.post(link.String(), "/reset", "token", link.Query().Get("token"), "password", changed), http.StatusSeeOther)
	wantStatus(t, b.get(link.String()), http.StatusForbidden)
	wantStatus(t, old.get("/account"), http.StatusSeeOther)
	wantStatus(t, b.post("/login", "/login", "email", testAdmin, "password", testPassword), http.StatusUnprocessableEntity)
	wantStatus(t, b.post("/login", "/login", "email", testAdmin, "password", changed), http.StatusSeeOther)
}

func equalHeaders(a, b http.Header) bool {
	if len(a) != len(b) {
		return false
	}
	for name := range a {
		if strings.Join(a[name], "\n") != strings.Join(b[name], "\n") {
			return false
		}
	}
	return true
}

func TestResetLinksExpire(t *testing.T) {
	t.Parallel()
	a, _ := startApp(t)
	var id int64
	var hash []byte
	if err := a.db.read.QueryRow("SELECT id, password FROM users WHERE email = ?", testAdmin).Scan(&id, &hash); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	token := a.resetToken(id, hash, now.Add(resetLife))
	for name, tt := range map[string]struct {
		token string
		at    time.Time
		want  int64
	}{
		"now":             {token, now, id},
		"at the end":      {token, now.Add(resetLife), id},
		"after it":        {token, now.Add(resetLife + time.Second), 0},
		"changed":         {token[:len(token)-2] + "AA", now, 0},
		"somebody else's": {a.resetToken(1, hash, now.Add(resetLife)), now, 0},
		"empty":           {"", now, 0},
	} {
		if got, err := a.resetUser(t.Context(), tt.token, tt.at); got != tt.want || (err == nil) != (tt.want != 0) {
			t.Errorf("%s: user %d, %v", name, got, err)
		}
	}
}

// Guesses at a password are refused, those who log in are not, and neither is
// the owner on a device that the account knows.
func TestGuessesAreLimited(t *testing.T) {
	t.Parallel()
	s, forms := limited(t)
	owner := s.browser(t)
	for range 6 {
		wantStatus(t, owner.post("/login", "/login", "email", testAdmin, "password", testPassword), http.StatusSeeOther)
		if err := s.app.endSessionOf(t, owner); err != nil {
			t.Fatal(err)
		}
	}
	rule := forms.Rules()[2].Name // by account alone
	for range 5 {
		if d, err := forms.Allow(t.Context(), rule, testAdmin); err != nil || !d.Allowed {
			t.Fatal(d, err)
		}
	}
	stranger := s.browser(t)
	wantStatus(t, stranger.post("/login", "/login", "email", testAdmin, "password", testPassword), http.StatusTooManyRequests)
	wantStatus(t, owner.post("/login", "/login", "email", testAdmin, "password", testPassword), http.StatusSeeOther)
	if n := s.logs.FilterMessageSnippet("ratelimit.Succeed").Len(); n > 0 {
		t.Error("the handler forgets to declare its successes")
	}
}

// endSessionOf forgets the browser's session, so that it can log in again, and
// keeps its other cookies.
func (a *app) endSessionOf(t *testing.T, b *browser) error {
	t.Helper()
	_, err := a.db.write.ExecContext(t.Context(), "DELETE FROM sessions")
	return err
}

// A payment provider is not refused however often it tries again; whoever
// signs badly is.
func TestOnlyBadSignaturesAreLimited(t *testing.T) {
	t.Parallel()
	s, _ := limited(t)
	b := s.browser(t)
	good := func() answer {
		body := `{"id":"evt","type":"other"}`
		return b.do("POST", "/webhooks/payment", "application/json", body, signatureHeader, signed(s.app, time.Now(), body))
	}
	for range 320 {
		wantStatus(t, good(), http.StatusOK)
	}
	refused := 0
	for range 320 {
		if b.do("POST", "/webhooks/payment", "application/json", "{}", signatureHeader, "t=1,v1=00").status == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused < 1 || refused > 20 {
		t.Errorf("%d of 320 bad signatures were refused", refused)
	}
}
