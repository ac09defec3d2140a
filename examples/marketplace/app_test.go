package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

const (
	testAdmin    = "admin@example.org"
	testPassword = "correct horse battery"
)

func testConfig(dir string) appConfig {
	return appConfig{
		StateDir: dir, SessionSecret: bytes.Repeat([]byte("s"), 32), WebhookSecret: bytes.Repeat([]byte("w"), 32),
		PublicURL: "https://market.example", AdminEmail: testAdmin, AdminPassword: testPassword, Release: "r1", Seed: true,
	}
}

// seeded is a database that went through one first start; every test works
// on a copy of it.
var seeded = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "marketplace-test-")
	if err != nil {
		return "", err
	}
	a, err := newApp(context.Background(), testConfig(dir))
	if err != nil {
		return dir, err
	}
	return dir, a.close() // the last connection moves the log into the file
})

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if dir, _ := seeded(); dir != "" {
			_ = os.RemoveAll(dir)
		}
		os.Exit(code)
	}))
}

// seededState returns a folder of its own with a copy of the seeded database.
func seededState(tb testing.TB) string {
	tb.Helper()
	from, err := seeded()
	if err != nil {
		tb.Fatal(err)
	}
	db, err := os.ReadFile(filepath.Join(from, "marketplace.db"))
	if err != nil {
		tb.Fatal(err)
	}
	dir := tb.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "marketplace.db"), db, 0o600); err != nil {
		tb.Fatal(err)
	}
	return dir
}

// startApp returns an application over a copy of the seeded database, and
// what it logs.
func startApp(tb testing.TB, change ...func(*appConfig)) (*app, *observer.ObservedLogs) {
	tb.Helper()
	cfg := testConfig(seededState(tb))
	cfg.AdminEmail, cfg.AdminPassword = "", "" // the copy has one
	core, logs := observer.New(zapcore.DebugLevel)
	cfg.Log = zap.New(core)
	for _, c := range change {
		c(&cfg)
	}
	a, err := newApp(tb.Context(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := a.close(); err != nil {
			tb.Error(err)
		}
	})
	return a, logs
}

// site is a running application.
type site struct {
	*httptest.Server
	app  *app
	logs *observer.ObservedLogs
}

func startSite(t *testing.T) *site {
	t.Helper()
	a, logs := startApp(t)
	s := httptest.NewServer(a.routes())
	t.Cleanup(s.Close)
	return &site{s, a, logs}
}

// browser is one person's: cookies are kept, redirects are not followed.
type browser struct {
	t      *testing.T
	client *http.Client
	base   string
}

func (s *site) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &browser{t, &http.Client{Jar: jar, Transport: s.Client().Transport, CheckRedirect: stay}, s.URL}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (b *browser) do(method, path, contentType, body string, header ...string) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		b.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

func (b *browser) get(path string) answer { b.t.Helper(); return b.do(http.MethodGet, path, "", "") }

var tokenInput = regexp.MustCompile(`name="csrf_token" value="([^"]*)"`)

func (b *browser) token(page string) string {
	b.t.Helper()
	m := tokenInput.FindStringSubmatch(b.get(page).body)
	if m == nil {
		b.t.Fatalf("%s has no token", page)
	}
	return m[1]
}

// post sends a form with the token of the page that shows it.
func (b *browser) post(page, path string, fields ...string) answer {
	b.t.Helper()
	v := url.Values{csrfField: {b.token(page)}}
	for i := 0; i < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	return b.do(http.MethodPost, path, "application/x-www-form-urlencoded", v.Encode())
}

func (b *browser) signUp(name string) {
	b.t.Helper()
	email := strings.ToLower(name) + "@example.org"
	wantStatus(b.t, b.post("/signup", "/signup", "name", name, "team", "Team "+name, "email", email, "password", testPassword), http.StatusSeeOther)
	b.logIn(email)
}

func (b *browser) logIn(email string) {
	b.t.Helper()
	wantStatus(b.t, b.post("/login", "/login", "email", email, "password", testPassword), http.StatusSeeOther)
}

// join makes an account and logs in behind the forms, which costs no password
// hash: those are slow by design, and slower under the race detector.
func (s *site) join(t *testing.T, name string) *browser {
	t.Helper()
	var id int64
	err := s.app.db.write.QueryRowContext(t.Context(), `INSERT INTO users (email, name, team, password) VALUES (?, ?, ?, x'') RETURNING id`,
		name+"@example.org", name, "Team "+name).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return s.enter(t, id)
}

// enter returns a browser in which a user is logged in.
func (s *site) enter(t *testing.T, userID int64) *browser {
	t.Helper()
	w, b := httptest.NewRecorder(), s.browser(t)
	if err := s.app.startSession(t.Context(), w, userID); err != nil {
		t.Fatal(err)
	}
	home, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	b.client.Jar.SetCookies(home, w.Result().Cookies())
	return b
}

// admin returns a browser of the administrator.
func (s *site) admin(t *testing.T) *browser {
	t.Helper()
	var id int64
	if err := s.app.db.read.QueryRowContext(t.Context(), "SELECT id FROM users WHERE admin").Scan(&id); err != nil {
		t.Fatal(err)
	}
	return s.enter(t, id)
}

// offer posts a listing and returns its path.
func (b *browser) offer(title string) string {
	b.t.Helper()
	a := b.post("/listings/new", "/listings", "title", title, "kind", "equipment", "category", "Lifting",
		"body", "Everything about it.", "site", "Graz", "price", "15")
	wantStatus(b.t, a, http.StatusSeeOther)
	return a.header.Get("Location")
}

func wantStatus(t *testing.T, a answer, status int) {
	t.Helper()
	if a.status != status {
		t.Fatalf("got status %d, want %d; body:\n%s", a.status, status, a.body)
	}
}

func wantText(t *testing.T, a answer, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("%q is not in:\n%s", text, a.body)
		}
	}
}

func wantNoText(t *testing.T, a answer, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Errorf("%q is in:\n%s", text, a.body)
		}
	}
}
