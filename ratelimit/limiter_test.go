package ratelimit_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/internal/respond"
	"github.com/launchready/readiness/ratelimit"
)

const (
	anna = "192.0.2.1:1000"
	ben  = "192.0.2.2:1000"
)

func TestLimitAndRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{
			{Name: "login", Pattern: "POST /login", Limit: 3, Window: time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}},
		}}).Middleware(ok)
		time.Sleep(10 * time.Second) // of the bubble's clock
		for i := range 3 {
			if w := send(h, "POST", "/login", anna); w.Code != http.StatusNoContent {
				t.Fatalf("request %d: %d", i, w.Code)
			}
		}
		w := send(h, "POST", "/login", anna)
		if w.Code != http.StatusTooManyRequests {
			t.Fatalf("over the limit: %d", w.Code)
		}
		// 50 s to the next window, and there a third of it until the weight
		// of 3 falls to 2.
		if got := w.Header().Get("Retry-After"); got != "70" {
			t.Errorf("Retry-After %s, want 70", got)
		}
		if w := send(h, "POST", "/login", ben); w.Code != http.StatusNoContent {
			t.Errorf("another client: %d", w.Code)
		}
		if w := send(h, "GET", "/login", anna); w.Code != http.StatusNoContent || len(w.Header()) != 0 {
			t.Errorf("a request without a rule: %d %v", w.Code, w.Header())
		}
		time.Sleep(70*time.Second - time.Millisecond)
		if w := send(h, "POST", "/login", anna); w.Code != http.StatusTooManyRequests {
			t.Errorf("a millisecond too early: %d", w.Code)
		}
		time.Sleep(time.Millisecond)
		if w := send(h, "POST", "/login", anna); w.Code != http.StatusNoContent {
			t.Errorf("after Retry-After: %d", w.Code)
		}
	})
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, method, accept, contentType, holds string
	}{
		{name: "program", method: "POST", accept: "application/json", contentType: "application/problem+json", holds: "quota-exceeded"},
		{name: "person", method: "POST", accept: "text/html,*/*;q=0.8", contentType: "text/html; charset=utf-8", holds: "try again in 10 minutes"},
		{name: "head", method: "HEAD", contentType: "application/problem+json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{
					{Name: "one", Pattern: "/x", Limit: 1, Window: 5 * time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}},
				}}).Middleware(ok)
				send(h, "POST", "/x", anna)
				w := send(h, tt.method, "/x", anna, func(r *http.Request) { r.Header.Set("Accept", tt.accept) })
				if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "600" {
					t.Fatal(w.Code, w.Header())
				}
				if got := w.Header().Get("Content-Type"); got != tt.contentType {
					t.Errorf("Content-Type %q", got)
				}
				if got := w.Header().Get("Cache-Control"); got != "no-store" {
					t.Errorf("Cache-Control %q", got)
				}
				body := w.Body.String()
				if !strings.Contains(body, tt.holds) || tt.method == "HEAD" && body != "" {
					t.Errorf("body %q", body)
				}
				if strings.Contains(body, "192.0.2.1") {
					t.Errorf("the body holds the address: %q", body)
				}
			})
		})
	}
}

// Where several rules deny, the longest wait is told.
func TestTheLongestWaitIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{
			{Name: "hour", Limit: 1, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}},
			{Name: "minute", Limit: 1, Window: time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}},
		}}).Middleware(ok)
		send(h, "GET", "/", anna)
		if got := send(h, "GET", "/", anna).Header().Get("Retry-After"); got != "7200" {
			t.Errorf("Retry-After %s, want 7200", got)
		}
	})
}

func TestProblemNamesThePolicies(t *testing.T) {
	t.Parallel()
	h := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{
		{Name: "tight", Pattern: "/x", Limit: 1, Window: time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}},
		{Name: "loose", Pattern: "/", Limit: 9, Window: time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}},
	}}).Middleware(ok)
	send(h, "GET", "/x", anna)
	w := send(h, "GET", "/x", anna)
	var p struct {
		Type     string
		Status   int
		Violated []string `json:"violated-policies"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Type != "https://iana.org/assignments/http-problem-types#quota-exceeded" || p.Status != 429 || !slices.Equal(p.Violated, []string{"tight"}) {
		t.Errorf("%+v", p)
	}
}

func TestEveryMatchingRuleAppliesAllOrNothing(t *testing.T) {
	t.Parallel()
	l := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{
		{Name: "site", Limit: 4, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}},
		{Name: "login", Pattern: "POST /login", Limit: 2, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}},
	}})
	h := l.Middleware(ok)
	codes := func(target string, n int) (got []int) {
		for range n {
			got = append(got, send(h, "POST", target, anna).Code)
		}
		return got
	}
	// The denied logins charge the site's rule nothing: two of four are left.
	if got := codes("/login", 5); !slices.Equal(got, []int{204, 204, 429, 429, 429}) {
		t.Fatalf("logins: %v", got)
	}
	if got := codes("/other", 3); !slices.Equal(got, []int{204, 204, 429}) {
		t.Errorf("others: %v", got)
	}
	// And the specific rule does not lift the broad one.
	if got := codes("/login", 1); got[0] != 429 {
		t.Errorf("login after the site's limit: %v", got)
	}
}

func TestNothingEscapesBySpelling(t *testing.T) {
	t.Parallel()
	for _, target := range []string{
		"/login", "/login/", "//login", "/x/../login", "/./login", "/%6Cogin", "/login?x=1", "/x/..//login/",
	} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			h := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{
				{Pattern: "POST /login", Limit: 1, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}},
			}}).Middleware(ok)
			if w := send(h, "POST", "/login", anna); w.Code != http.StatusNoContent {
				t.Fatal(w.Code)
			}
			if w := send(h, "POST", target, anna); w.Code != http.StatusTooManyRequests {
				t.Errorf("%s escaped: %d", target, w.Code)
			}
		})
	}
}

// A rule with a wildcard matches some paths in two spellings, with different
// values. That is one request all the same.
func TestTwoSpellingsAreOneCharge(t *testing.T) {
	t.Parallel()
	h := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{
		{Pattern: "/files/{path...}", Limit: 2, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}},
	}}).Middleware(ok)
	for i, want := range []int{204, 204, 429} {
		if w := send(h, "GET", "/files/a//b/", anna); w.Code != want {
			t.Errorf("request %d: %d, want %d", i, w.Code, want)
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{
			{Name: `a "b" \c`, Pattern: "/x", Limit: 10, Window: time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}},
			{Name: "day", Pattern: "/", Limit: 100, Window: 24 * time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}},
			{Name: "secret", Pattern: "/", Limit: 5, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.Header("X-Api-Key")}},
		}}).Middleware(ok)
		w := send(h, "GET", "/x", anna, func(r *http.Request) { r.Header.Set("X-Api-Key", "k") })
		if got, want := w.Header()["Ratelimit-Policy"], []string{`"a \"b\" \\c";q=10;w=60, "day";q=100;w=86400`}; !slices.Equal(got, want) {
			t.Errorf("RateLimit-Policy %q, want %q", got, want)
		}
		// One is used at the beginning of a window: it is given back at the
		// end of the next.
		if got, want := w.Header()["Ratelimit"], []string{`"a \"b\" \\c";r=9;t=120, "day";r=99;t=172800`}; !slices.Equal(got, want) {
			t.Errorf("RateLimit %q, want %q", got, want)
		}
	})
}

func TestFieldsAreAddedAndNotShared(t *testing.T) {
	t.Parallel()
	rules := func(name string) ratelimit.Config {
		return ratelimit.Config{Rules: []ratelimit.Rule{{Name: name, Limit: 9, Window: time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}}}}
	}
	appends := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("RateLimit-Policy", "appended")
		ok(w, r)
	})
	alone := send(mustNew(t, rules("alone")).Middleware(appends), "GET", "/", anna).Header()
	if got := alone["Ratelimit"]; len(got) != 1 || !strings.HasPrefix(got[0], `"alone";r=8`) {
		t.Errorf("RateLimit after the handler added to RateLimit-Policy: %q", got)
	}
	h := mustNew(t, rules("outer")).Middleware(mustNew(t, rules("inner")).Middleware(appends))
	for range 2 {
		got := send(h, "GET", "/", anna).Header()
		if want := []string{`"outer";q=9;w=60`, `"inner";q=9;w=60`, "appended"}; !slices.Equal(got["Ratelimit-Policy"], want) {
			t.Errorf("RateLimit-Policy %q", got["Ratelimit-Policy"])
		}
		if len(got["Ratelimit"]) != 2 {
			t.Errorf("RateLimit %q", got["Ratelimit"])
		}
	}
}

// What one response was told stays what it is while others are answered.
func TestFieldsStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	const limit = 500
	h := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{
		{Name: "r", Limit: limit, Window: 24 * time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}},
	}}).Middleware(ok)
	headers := make([]http.Header, limit+10)
	for i := range headers {
		headers[i] = send(h, "GET", "/", anna).Header()
	}
	for i, header := range headers {
		want := `"r";r=` + strconv.Itoa(max(0, limit-1-i)) + ";t="
		if got := header["Ratelimit"]; len(got) != 1 || !strings.HasPrefix(got[0], want) || cap(got) != 1 {
			t.Errorf("response %d: %q, want %s…", i, got, want)
		}
		if got := header["Ratelimit-Policy"]; len(got) != 1 || got[0] != `"r";q=500;w=86400` || (header.Get("Retry-After") != "") != (i >= limit) {
			t.Errorf("response %d: %v", i, header)
		}
	}
}

func TestTheRequestIsPassedOnAsItIs(t *testing.T) {
	t.Parallel()
	var passed *http.Request
	h := mustNew(t, ratelimit.Config{Rules: ratelimit.ContactRules("POST /login")}).
		Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { passed = r }))
	r := httptest.NewRequest("POST", "/login", nil)
	h.ServeHTTP(httptest.NewRecorder(), r)
	if passed != r {
		t.Error("the handler got another request")
	}
}

func TestADenialNamesItsRoute(t *testing.T) {
	t.Parallel()
	h := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{
		{Pattern: "POST /listings/{id}", Limit: 1, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}},
	}}).Middleware(ok)
	for i, want := range []string{"", "/listings/{id}"} {
		r := httptest.NewRequest("POST", "/listings/"+strconv.Itoa(i), nil)
		w, rec := respond.Ensure(httptest.NewRecorder(), r)
		h.ServeHTTP(w, r)
		if got := rec.Route(); got != want {
			t.Errorf("request %d: route %q, want %q", i, got, want)
		}
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	l := mustNew(t, ratelimit.Config{Rules: slices.Concat(
		ratelimit.LoginRules("POST /login"), ratelimit.SignupRules("POST /signup"),
		ratelimit.ContactRules("POST /old-contact"), ratelimit.WebhookRules("POST /webhooks/{provider}"),
	)})
	var lines []string
	for _, r := range l.Rules() {
		lines = append(lines, r.String())
	}
	want := []string{
		"POST /login by ip: 20 failures in 1m0s", "POST /login by ip and field email: 5 failures in 15m0s",
		"POST /signup by ip: 30 in 1h0m0s", "POST /signup by ip and field email: 10 in 1h0m0s",
		"POST /old-contact by ip: 20 in 10m0s", "POST /webhooks/{provider} by ip: 300 failures in 1m0s",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("rules %q", lines)
	}
	routes := []string{"POST /login", "POST /signup", "POST /contact", "POST /webhooks/{provider}"}
	if got := l.Unused(slices.Values(routes)); !slices.Equal(got, []string{"POST /old-contact"}) {
		t.Errorf("unused %q", got)
	}
	if got := l.Undecided(slices.Values(routes)); !slices.Equal(got, []string{"POST /contact"}) {
		t.Errorf("undecided %q", got)
	}
}
