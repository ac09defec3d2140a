package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

func TestCSRF(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	mine, theirs := s.join(t, "Mia"), s.join(t, "Theo")
	stranger := theirs.token("/listings/new")
	before := mine.token("/listings/new")
	tests := []struct{ name, contentType, body string }{
		{"no token", "application/x-www-form-urlencoded", "title=x"},
		{"empty token", "application/x-www-form-urlencoded", "csrf_token="},
		{"somebody else's token", "application/x-www-form-urlencoded", "csrf_token=" + stranger},
		{"changed token", "application/x-www-form-urlencoded", "csrf_token=" + "AAAA" + before[4:]},
		{"other content type", "text/plain", "csrf_token=" + before},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantStatus(t, mine.do("POST", "/listings", tt.contentType, tt.body), http.StatusForbidden)
			wantStatus(t, mine.do("POST", "/logout", tt.contentType, tt.body), http.StatusForbidden)
		})
	}
	t.Run("in the query", func(t *testing.T) {
		wantStatus(t, mine.do("POST", "/logout?csrf_token="+before, "application/x-www-form-urlencoded", ""), http.StatusForbidden)
	})
	t.Run("token without cookie", func(t *testing.T) {
		wantStatus(t, s.browser(t).do("POST", "/login", "application/x-www-form-urlencoded", "csrf_token="+before), http.StatusForbidden)
	})
	t.Run("too large", func(t *testing.T) {
		wantStatus(t, mine.do("POST", "/listings", "application/x-www-form-urlencoded", "body="+strings.Repeat("a", maxForm)), http.StatusRequestEntityTooLarge)
	})
	if mine.token("/listings/new") == before {
		t.Error("the token looks the same in two pages")
	}
	wantStatus(t, mine.do("POST", "/logout", "application/x-www-form-urlencoded", "csrf_token="+before), http.StatusSeeOther)
	wantStatus(t, mine.get("/account"), http.StatusSeeOther)
}

func TestLogin(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	b := s.browser(t)
	home, _ := url.Parse(s.URL)
	b.get("/login")
	planted := b.client.Jar.Cookies(home)[0].Value
	wrong := b.post("/login", "/login", "email", testAdmin, "password", "wrong password")
	wantStatus(t, wrong, http.StatusUnprocessableEntity)
	nobody := b.post("/login", "/login", "email", "nobody@example.org", "password", "wrong password")
	strip := func(a answer, email string) string {
		return tokenInput.ReplaceAllString(strings.ReplaceAll(a.body, email, ""), "")
	}
	if wrong.status != nobody.status || strip(wrong, testAdmin) != strip(nobody, "nobody@example.org") {
		t.Error("the answer tells whether the account exists")
	}
	wantStatus(t, b.post("/login", "/login", "email", "team1@example.org", "password", ""), http.StatusUnprocessableEntity)
	wantStatus(t, b.post("/login", "/login", "email", testAdmin, "password", testPassword+strings.Repeat("x", 100)), http.StatusUnprocessableEntity)

	a := b.post("/login", "/login", "email", " ADMIN@example.org ", "password", testPassword, "next", "/admin/review")
	wantStatus(t, a, http.StatusSeeOther)
	if got := a.header.Get("Location"); got != "/admin/review" {
		t.Errorf("got Location %q", got)
	}
	cookie := a.header.Get("Set-Cookie")
	for _, part := range []string{"session=", "Path=/", "Max-Age=1209600", "HttpOnly", "SameSite=Lax"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("%q is not in the cookie %q", part, cookie)
		}
	}
	id := b.client.Jar.Cookies(home)[0].Value
	if id == planted {
		t.Error("login kept the id from before")
	}
	var stored int
	if err := s.app.db.read.QueryRow("SELECT count(*) FROM sessions WHERE instr(hash, CAST(? AS BLOB)) > 0", id).Scan(&stored); err != nil || stored != 0 {
		t.Errorf("the id itself is stored: %d, %v", stored, err)
	}
	wantStatus(t, b.get("/login"), http.StatusSeeOther)
	if _, err := s.app.db.write.Exec("UPDATE sessions SET expires = ?", time.Now().Unix()); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, b.get("/account"), http.StatusSeeOther)
}

// A sign-up with an address that has an account looks like any other; its
// owner gets one mail a day.
func TestSignupTellsNothing(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	b := s.browser(t)
	var first answer
	for i := range 3 {
		a := b.post("/signup", "/signup", "name", "Nia", "team", "Team", "email", "nia@example.org", "password", strings.Repeat("p", 10+i))
		if i == 0 {
			first = a
		}
		if a.status != http.StatusSeeOther || a.body != first.body || a.header.Get("Location") != first.header.Get("Location") {
			t.Errorf("try %d: got %d %s", i, a.status, a.header.Get("Location"))
		}
	}
	wantStatus(t, b.post("/login", "/login", "email", "nia@example.org", "password", strings.Repeat("p", 11)), http.StatusUnprocessableEntity)
	var mails int
	if err := s.app.db.read.QueryRow("SELECT count(*) FROM outbox").Scan(&mails); err != nil || mails != 1 {
		t.Errorf("got %d mails, %v, want 1", mails, err)
	}
}

func TestSecureCookie(t *testing.T) {
	t.Parallel()
	a, _ := startApp(t, func(c *appConfig) { c.SecureCookies = true })
	w := httptest.NewRecorder()
	a.routes().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "https://market.example/login", nil))
	cookie := w.Result().Header.Get("Set-Cookie")
	if !strings.HasPrefix(cookie, "__Host-session=") || !strings.Contains(cookie, "; Secure") || strings.Contains(cookie, "Domain") {
		t.Errorf("got cookie %q", cookie)
	}
	if w.Result().Header.Get("Strict-Transport-Security") == "" {
		t.Error("no Strict-Transport-Security")
	}
}

func TestSessionsOfOneUserAreBounded(t *testing.T) {
	t.Parallel()
	a, _ := startApp(t)
	for range sessionsEach + 5 {
		if err := a.startSession(t.Context(), httptest.NewRecorder(), 1); err != nil {
			t.Fatal(err)
		}
	}
	var n int
	if err := a.db.read.QueryRow("SELECT count(*) FROM sessions WHERE user_id = 1").Scan(&n); err != nil || n != sessionsEach {
		t.Errorf("got %d sessions, %v, want %d", n, err, sessionsEach)
	}
}

func TestLocalPath(t *testing.T) {
	t.Parallel()
	const account = "/account"
	tests := []struct{ name, next, want string }{
		{"path", "/listings/3/request", "/listings/3/request"},
		{"query", "/listings?q=a&page=2", "/listings?q=a&page=2"},
		{"empty", "", account},
		{"other site", "https://evil.example/", account},
		{"no scheme", "//evil.example/", account},
		{"three slashes", "///evil.example/", account},
		{"backslash", `/\evil.example/`, account},
		{"backslashes", `\\evil.example`, account},
		{"script", "javascript:alert(1)", account},
		{"relative", "listings", account},
		{"tab", "/\t/evil.example", account},
		{"line break", "/a\r\nSet-Cookie: b=c", account},
		{"long", "/" + strings.Repeat("a", 500), account},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := localPath(tt.next); got != tt.want {
				t.Errorf("localPath(%q) = %q, want %q", tt.next, got, tt.want)
			}
		})
	}
}

func TestDecoyCostsAsMuchAsAPassword(t *testing.T) {
	t.Parallel()
	if cost, err := bcrypt.Cost([]byte(decoy)); err != nil || cost != passwordCost {
		t.Errorf("got cost %d, %v, want %d", cost, err, passwordCost)
	}
}

func FuzzCSRFToken(f *testing.F) {
	a := &app{cfg: testConfig("")}
	good, err := a.csrfToken("id")
	if err != nil {
		f.Fatal(err)
	}
	f.Add("id", good)
	f.Add("id", "")
	f.Add("", "AAAA")
	f.Fuzz(func(t *testing.T, id, token string) {
		if a.csrfValid(id, token) && (id != "id" || strings.Trim(token, "\r\n") == "") {
			t.Errorf("%q is a token of %q", token, id)
		}
		mine, err := a.csrfToken(id)
		if err != nil || !a.csrfValid(id, mine) || a.csrfValid(id+"x", mine) {
			t.Errorf("the token of %q is not its own: %v", id, err)
		}
	})
}

func TestAdminPassword(t *testing.T) {
	t.Parallel()
	a, _ := startApp(t)
	a.cfg = testConfig("")
	ctx := t.Context()
	first, err := a.authenticate(ctx, testAdmin, testPassword)
	if err != nil || first == 0 {
		t.Fatal(first, err)
	}
	if err := a.startSession(ctx, httptest.NewRecorder(), first); err != nil {
		t.Fatal(err)
	}
	sessions := func() (n int) {
		if err := a.db.read.QueryRow("SELECT count(*) FROM sessions").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := a.ensureAdmin(ctx); err != nil || sessions() != 1 {
		t.Errorf("the same password ended a session: %v", err)
	}
	a.cfg.AdminPassword = "another password"
	if err := a.ensureAdmin(ctx); err != nil || sessions() != 0 {
		t.Errorf("a new password ended no session: %v", err)
	}
	if id, err := a.authenticate(ctx, testAdmin, "another password"); id != first || err != nil {
		t.Errorf("got id %d, %v", id, err)
	}
}
