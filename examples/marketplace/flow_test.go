package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// The whole way of a request: offer, search, request, review, notification,
// mail, payment.
func TestMarketplace(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	seller, buyer, admin := s.browser(t), s.browser(t), s.browser(t)
	seller.signUp("Selma")
	buyer.signUp("Bo")
	admin.logIn(testAdmin)

	path := seller.offer("Quokka winch")
	for _, page := range []string{"/", "/listings", "/listings?q=quokka", "/listings?q=QUOK+winch&kind=equipment", path} {
		wantText(t, buyer.get(page), "Quokka winch")
	}
	wantNoText(t, buyer.get("/listings?q=quokka&kind=service"), "Quokka winch")
	wantText(t, seller.get("/account"), `href="`+path+`/edit"`)

	edited := seller.post(path+"/edit", path, "title", "Wombat winch", "kind", "equipment", "category", "Lifting", "body", "Everything about it.", "site", "Graz", "price", "20")
	wantStatus(t, edited, http.StatusSeeOther)
	wantText(t, buyer.get("/listings?q=wombat"), "Wombat winch")
	wantNoText(t, buyer.get("/listings?q=quokka"), path)

	wantStatus(t, seller.post(path+"/request", path+"/requests", "days", "3"), http.StatusUnprocessableEntity)
	wantStatus(t, buyer.post(path+"/request", path+"/requests", "days", "3", "message", "For the roof."), http.StatusSeeOther)
	wantText(t, buyer.post(path+"/request", path+"/requests", "days", "4"), "still waits for review")
	wantText(t, buyer.get("/account"), "Wombat winch", "€60.00", "waiting")
	wantText(t, seller.get("/notifications"), "Bo (Team Bo) requests “Wombat winch” for 3 days")

	queue := admin.get("/admin/review")
	wantText(t, queue, "Wombat winch", "For the roof.")
	decision := regexp.MustCompile(`/admin/requests/\d+`).FindString(queue.body)
	wantStatus(t, admin.post("/admin/review", decision, "decision", "perhaps"), http.StatusBadRequest)
	wantStatus(t, admin.post("/admin/review", decision, "decision", "approve"), http.StatusSeeOther)
	wantStatus(t, admin.post("/admin/review", decision, "decision", "decline"), http.StatusConflict)
	wantStatus(t, admin.post("/admin/review", "/admin/requests/999999", "decision", "approve"), http.StatusNotFound)
	wantNoText(t, admin.get("/admin/review"), "Wombat winch")
	wantText(t, buyer.get("/account"), "approved")
	wantText(t, buyer.get("/notifications"), "Your request for “Wombat winch” is approved")
	wantText(t, seller.get("/notifications"), "The request of Bo (Team Bo) for “Wombat winch” is approved")

	number := strings.TrimPrefix(decision, "/admin/requests/")
	wantText(t, s.pay(t, `{"id":"evt_1","type":"payment.succeeded","request_id":`+number+`,"amount_cents":6000}`), `"paid"`)
	wantText(t, buyer.get("/account"), "paid")
	outbox := admin.get("/admin/outbox")
	wantText(t, outbox, "To Bo,", "To Selma,", "Your request is paid", "https://market.example"+path, "waiting")
	wantNoText(t, outbox, "@example.org")

	wantStatus(t, seller.post(path+"/edit", path, "title", "Wombat winch", "kind", "equipment", "category", "Lifting", "body", "Everything about it.",
		"site", "Graz", "price", "20", "withdrawn", "1"), http.StatusSeeOther)
	wantNoText(t, buyer.get("/listings?q=wombat"), path)
	wantText(t, buyer.get(path), "withdrawn")
	wantStatus(t, buyer.get(path+"/request"), http.StatusConflict)
	if n := s.logs.Len(); n != 0 {
		t.Errorf("an honest day logs nothing, got %v", s.logs.All())
	}
}

func TestPublicPagesAreTheSameForAll(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	visitor, member := s.browser(t), s.admin(t)
	for _, path := range []string{"/", "/listings", "/listings?q=lift&page=2", "/listings/7", "/listings/999999", "/nowhere", "/robots.txt", "/api/health"} {
		a, b := visitor.get(path), member.get(path)
		if a.status != b.status || a.body != b.body {
			t.Errorf("%s differs: %d and %d", path, a.status, b.status)
		}
		for _, x := range []answer{a, b} {
			if x.header.Get("Set-Cookie") != "" || x.header.Get("Vary") != "" {
				t.Errorf("%s: Set-Cookie %q, Vary %q", path, x.header.Get("Set-Cookie"), x.header.Get("Vary"))
			}
		}
	}
}

func TestMarkupIsEscaped(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	seller, buyer, admin := s.join(t, "Selma"), s.join(t, "Bo"), s.admin(t)
	const evil = `"><script>alert(1)</script>`
	path := seller.offer(evil)
	wantStatus(t, buyer.post(path+"/request", path+"/requests", "days", "3", "message", evil), http.StatusSeeOther)
	pages := map[string]*browser{
		path: buyer, "/listings": buyer, "/listings?q=%22%3E%3Cscript%3Ealert": buyer, path + "/edit": seller, path + "/request": buyer,
		"/account": buyer, "/notifications": seller, "/admin/review": admin, "/login?next=%22%3E%3Cscript%3E": s.browser(t),
	}
	for page, who := range pages {
		got := who.get(page)
		wantNoText(t, got, "<script")
		wantText(t, got, "&lt;script")
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	visitor, member, other := s.browser(t), s.join(t, "Mia"), s.join(t, "Otto")
	path := other.offer("Private winch")
	tests := []struct {
		name     string
		who      *browser
		method   string
		path     string
		status   int
		location string
	}{
		{"visitor account", visitor, "GET", "/account", 303, "/login?next=%2Faccount"},
		{"visitor request page", visitor, "GET", path + "/request", 303, "/login?next="},
		{"visitor posts", visitor, "POST", "/listings", 303, "/login"},
		{"visitor admin", visitor, "GET", "/admin/review", 303, "/login?next="},
		{"visitor logout", visitor, "POST", "/logout", 303, "/login"},
		{"member admin", member, "GET", "/admin/review", 403, ""},
		{"member outbox", member, "GET", "/admin/outbox", 403, ""},
		{"member decides", member, "POST", "/admin/requests/1", 403, ""},
		{"edit another's", member, "GET", path + "/edit", 403, ""},
		{"change another's", member, "POST", path, 403, ""},
		{"edit nothing", member, "GET", "/listings/999999/edit", 404, ""},
		{"own", other, "GET", path + "/edit", 200, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var a answer
			if tt.method == http.MethodPost {
				page := "/listings/new"
				if tt.who == visitor {
					page = "/login"
				}
				a = tt.who.post(page, tt.path, "title", "Taken over", "decision", "approve")
			} else {
				a = tt.who.get(tt.path)
			}
			wantStatus(t, a, tt.status)
			if got := a.header.Get("Location"); !strings.HasPrefix(got, tt.location) || (tt.location == "") != (got == "") {
				t.Errorf("got Location %q, want %q", got, tt.location)
			}
			if a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("got Cache-Control %q", a.header.Get("Cache-Control"))
			}
		})
	}
	wantText(t, other.get(path), "Private winch")
}

func TestPages(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	b := s.browser(t)
	tests := []struct {
		name, method, path string
		status             int
		text               string
	}{
		{"home", "GET", "/", 200, "Categories"},
		{"head", "HEAD", "/listings", 200, ""},
		{"listings", "GET", "/listings", 200, "more than 2000 found, page 1 of 100"},
		{"last page", "GET", "/listings?page=100", 200, "page 100 of 100"},
		{"page too far", "GET", "/listings?page=101", 404, "100 pages at most"},
		{"page after the last", "GET", "/listings?q=forklift+course&page=90", 404, ""},
		{"page zero", "GET", "/listings?page=0", 400, ""},
		{"page below", "GET", "/listings?page=-1", 400, ""},
		{"page spelled otherwise", "GET", "/listings?page=%2B2", 400, ""},
		{"page huge", "GET", "/listings?page=99999999999999999999", 400, ""},
		{"kind", "GET", "/listings?kind=people", 400, ""},
		{"long query", "GET", "/listings?q=" + strings.Repeat("a", 101), 400, ""},
		{"operators", "GET", "/listings?q=title%3A+NOT+%22*+NEAR(", 200, "Nothing found"},
		{"no word", "GET", "/listings?q=%21%21", 200, "Nothing found"},
		{"accents", "GET", "/listings?q=facade+zurich", 200, "façade"},
		{"listing", "GET", "/listings/1", 200, "Offered by"},
		{"no listing", "GET", "/listings/999999", 404, "Not Found"},
		{"odd id", "GET", "/listings/01", 404, ""},
		{"word for id", "GET", "/listings/one", 404, ""},
		{"nowhere", "GET", "/nowhere", 404, "<h1>Not Found</h1>"},
		{"method", "DELETE", "/listings", 405, "<h1>Method Not Allowed</h1>"},
		{"webhook method", "GET", "/webhooks/payment", 405, `"status":405`},
		{"health", "GET", "/api/health", 200, `{"release":"r1","status":"ok"}`},
		{"robots", "GET", "/robots.txt", 200, "Disallow: /admin/"},
		{"no asset", "GET", "/static/style.css", 404, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := b.do(tt.method, tt.path, "", "")
			wantStatus(t, a, tt.status)
			wantText(t, a, tt.text)
			if !strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'self'") || a.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("security headers are missing: %v", a.header)
			}
		})
	}
	if got := b.do("DELETE", "/listings", "", "").header.Values("Allow"); strings.Join(got, ",") != "GET,POST" {
		t.Errorf("got Allow %q", got)
	}
	sheet := regexp.MustCompile(`/static/style\.[0-9a-f]{12}\.css`).FindString(b.get("/").body)
	a := b.get(sheet)
	wantStatus(t, a, http.StatusOK)
	if !strings.HasPrefix(a.header.Get("Content-Type"), "text/css") {
		t.Errorf("the stylesheet has %v", a.header)
	}
}

func TestFormsKeepWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	b := s.browser(t)
	a := b.post("/signup", "/signup", "name", "Nia", "team", "T\x00eam", "email", "not an address", "password", "short")
	wantStatus(t, a, http.StatusUnprocessableEntity)
	wantText(t, a, `value="Nia"`, "at least 10 characters", "Enter an e-mail address", "cannot be shown", `aria-describedby="email-problem"`)
	wantNoText(t, a, "short")
	a = b.post("/signup", "/signup", "name", "Nia", "team", "Team", "email", "nia@example.org", "password", strings.Repeat("ü", 37))
	wantText(t, a, "at most 72 bytes")
	b = s.join(t, "Nia")
	a = b.post("/listings/new", "/listings", "title", "Kept title", "kind", "people", "category", "Lifting", "body", "short", "site", "Graz", "price", "1e9")
	wantStatus(t, a, http.StatusUnprocessableEntity)
	wantText(t, a, `value="Kept title"`, "<option selected>Lifting", "Choose one of these", "at least 10 characters", "from 0 to 10000")
}

func TestServerErrorTellsNothing(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	if _, err := s.app.db.write.ExecContext(t.Context(), "ALTER TABLE listings RENAME TO secret_table"); err != nil {
		t.Fatal(err)
	}
	a := s.browser(t).get("/listings/1")
	wantStatus(t, a, http.StatusInternalServerError)
	wantText(t, a, "<h1>Internal Server Error</h1>")
	wantNoText(t, a, "SQL", "table", "listings l")
	if s.logs.FilterMessage("request failed").Len() != 1 {
		t.Errorf("got logs %v", s.logs.All())
	}
}
