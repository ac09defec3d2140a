package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

func Example_matchQuery() {
	fmt.Println(matchQuery(`forklift "OR" title:no. 9`))
	// Output: "forklift"* "OR"* "title"* "no"* "9"*
}

// seedFirst is the title of listing 1; it changes when the words of the seed
// do.
const seedFirst = "Weekly technical translation, no. 18"

// Nothing that people type is an operator of the index, or an error of it.
func FuzzMatchQuery(f *testing.F) {
	a, _ := startApp(f)
	for _, q := range []string{"", "lift", `"`, "a OR b", "title:x", "NEAR(a b)", "a*", "-a", "^a", "é", "e\u0301", "\u0301", "a\x00b", "\xff", "²", "日本語", strings.Repeat("x ", 50)} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		s, err := parseSearch(url.Values{"q": {q}})
		if err != nil {
			return
		}
		found, total, err := a.find(t.Context(), s)
		if err != nil || len(found) > total {
			t.Fatalf("%q became %q: %d of %d, %v", q, matchQuery(q), len(found), total, err)
		}
		m := matchQuery(q)
		if strings.Count(m, `"`) > 2*maxTerms || strings.Count(m, `"`) != 2*strings.Count(m, "*") || utf8.RuneCountInString(m) > 4*maxTerms+maxQuery {
			t.Errorf("%q became %q", q, m)
		}
	})
}

func TestSeedIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	a, _ := startApp(t)
	var n, teams, cats, titles int
	err := a.db.read.QueryRow("SELECT count(*), count(DISTINCT team), count(DISTINCT category), count(DISTINCT title) FROM listings").Scan(&n, &teams, &cats, &titles)
	if err != nil || n != seedListings || teams != len(seedTeams) || cats != len(categories) || titles < n*3/4 {
		t.Errorf("got %d listings, %d teams, %d categories, %d titles, %v", n, teams, cats, titles, err)
	}
	var title string
	if err := a.db.read.QueryRow("SELECT title FROM listings WHERE id = 1").Scan(&title); err != nil || title != seedFirst {
		t.Errorf("got %q, %v, want %q", title, err, seedFirst)
	}
}

func TestStartAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/a folder?#%41"
	if err := os.CopyFS(dir, os.DirFS(seededState(t))); err != nil { // the first start was another test's
		t.Fatal(err)
	}
	for i := range 2 {
		a, err := newApp(t.Context(), testConfig(dir))
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := a.db.read.QueryRow("SELECT count(*) FROM listings").Scan(&n); err != nil || n != seedListings {
			t.Errorf("start %d: got %d listings, %v", i, n, err)
		}
		if _, err := a.db.read.Exec("DELETE FROM sessions"); err == nil {
			t.Error("the reading handle writes")
		}
		if err := a.close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestConfigProblems(t *testing.T) {
	t.Parallel()
	_, err := newApp(t.Context(), appConfig{SessionSecret: []byte("short-secret"), SMTPURL: "http://u:hunter2@host", AdminEmail: "Nobody", AdminPassword: "x"})
	if err == nil {
		t.Fatal("got no error")
	}
	for _, field := range []string{"StateDir", "SessionSecret", "WebhookSecret", "PublicURL", "SMTPURL", "MailFrom", "AdminEmail", "AdminPassword"} {
		if !strings.Contains(err.Error(), "marketplace: "+field+": ") {
			t.Errorf("%s is not in: %v", field, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "short-secret") {
		t.Errorf("a secret is in: %v", err)
	}
}

func BenchmarkSearch(b *testing.B) {
	a, _ := startApp(b)
	for _, q := range []string{"", "forklift course", "for"} {
		b.Run("q="+strings.ReplaceAll(q, " ", "+"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := a.find(b.Context(), search{Query: q, Page: 1}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkListingPage(b *testing.B) {
	a, _ := startApp(b)
	h := a.routes()
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/listings/7", nil))
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
