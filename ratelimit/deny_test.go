package ratelimit_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/launchready/readiness/internal/respond"
	"github.com/launchready/readiness/ratelimit"
)

// The answer that is made by hand for speed is what respond writes.
func TestTheQuickAnswerIsTheSlowOne(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"login", `a "quoted" \ <name> & more`, strings.Repeat("n", 128)} {
		l := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{{Name: name, Limit: 1, Window: time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}}}})
		for _, seconds := range []int64{1, 2, 90, 91, 5400, 5401, 172_801, 5_000_000} {
			quick, slow := ratelimit.Answers(l, seconds)
			w := httptest.NewRecorder()
			respond.Write(w, httptest.NewRequest("POST", "/", nil), slow)
			if w.Body.String() != quick {
				t.Errorf("%s, %d s:\n%s\n%s", name, seconds, quick, w.Body)
			}
			if !json.Valid([]byte(quick)) {
				t.Errorf("no JSON: %s", quick)
			}
		}
	}
}

func TestThePageSaysWhen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{
			{Name: "one", Limit: 1, Window: 5 * time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}},
		}}).Middleware(ok)
		send(h, "POST", "/", anna)
		w := send(h, "POST", "/", anna, with("Accept", "text/html"))
		for _, part := range []string{`<html lang="en">`, "<h1>Too many requests</h1>", "<p>Please try again in 10 minutes.</p>"} {
			if !strings.Contains(w.Body.String(), part) {
				t.Errorf("%q is not in %s", part, w.Body)
			}
		}
		if strings.Contains(w.Body.String(), "<script") || w.Header().Get("Retry-After") != "600" {
			t.Errorf("%v %s", w.Header(), w.Body)
		}
	})
}

// OnDeny renders a form again with its values; the nearest one answers.
func TestOnDeny(t *testing.T) {
	t.Parallel()
	again := func(who string) func(http.ResponseWriter, *http.Request, ratelimit.Denial) {
		return func(w http.ResponseWriter, r *http.Request, d ratelimit.Denial) {
			w.WriteHeader(d.Status)
			_, _ = fmt.Fprintf(w, "%s %s %s %s", who, d.Rule, d.RetryAfter, r.FormValue("email"))
		}
	}
	synctest.Test(t, func(t *testing.T) {
		h := mustNew(t, ratelimit.Config{
			OnDeny: again("config"),
			Rules: []ratelimit.Rule{
				{Name: "login", Pattern: "/login", Limit: 1, Window: time.Minute, Keys: []ratelimit.Key{ratelimit.Field("email")}},
				{Name: "other", Pattern: "/other", Limit: 1, Window: time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}, OnDeny: again("rule")},
			},
		}).Middleware(ok)
		for target, want := range map[string]string{"/login": "config login 2m0s anna", "/other": "rule other 2m0s anna"} {
			submit(h, form, target, "email=anna")
			w := submit(h, form, target, "email=anna")
			if w.Code != 429 || w.Body.String() != want || w.Header().Get("Retry-After") != "120" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%d %q %v, want %q", w.Code, w.Body, w.Header(), want)
			}
		}
	})
}

// Over its limit a password reset looks as it always does, in every field of
// the response, and sends no mail.
func TestAPasswordResetIsQuietOverItsLimit(t *testing.T) {
	t.Parallel()
	mails := 0
	page := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a mail is on its way") }
	l := mustNew(t, ratelimit.Config{XRateLimit: true, Rules: ratelimit.PasswordResetRules("POST /reset", page)})
	h := l.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mails++
		page(w, r)
	}))
	first := submit(h, form, "/reset", "email=anna%40example.com")
	for range 30 {
		w := submit(h, form, "/reset", "email=anna%40example.com")
		if w.Code != 200 || w.Body.String() != first.Body.String() || fmt.Sprint(w.Header()) != fmt.Sprint(first.Header()) {
			t.Fatalf("%d %v %s\nfirst %d %v", w.Code, w.Header(), w.Body, first.Code, first.Header())
		}
	}
	if mails != 5 {
		t.Errorf("%d mails were sent, want 5", mails)
	}
	if got := l.Snapshot().Rules[1].Denied; got != 26 {
		t.Errorf("%d denials", got)
	}
}

func TestXRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := mustNew(t, ratelimit.Config{XRateLimit: true, Rules: []ratelimit.Rule{
			{Name: "wide", Limit: 100, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}},
			{Name: "tight", Limit: 2, Window: time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}},
		}}).Middleware(ok)
		for i, left := range []string{"1", "0", "0"} {
			w := send(h, "GET", "/", anna)
			reset := fmt.Sprint(time.Now().Add(2*time.Minute - time.Duration(min(i, 1))*30*time.Second).Unix())
			for name, want := range map[string]string{"X-RateLimit-Limit": "2", "X-RateLimit-Remaining": left, "X-RateLimit-Reset": reset} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("request %d: %s is %s, want %s", i, name, got, want)
				}
			}
		}
	})
}

// The log and the hook learn which key was denied, and never what it is.
func TestEvents(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zap.DebugLevel)
	var events []ratelimit.Event
	l := mustNew(t, ratelimit.Config{
		Secret: secret, Logger: zap.New(core), OnEvent: func(e ratelimit.Event) { events = append(events, e) },
		Rules: []ratelimit.Rule{{Name: "email", Limit: 1, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP(), ratelimit.Field("email")}}},
	})
	h := l.Middleware(ok)
	for _, email := range []string{"anna", "anna", "Anna", "ben", "ben"} {
		submit(h, form, "/", "email="+email+"%40example.com")
	}
	kinds := []ratelimit.EventKind{ratelimit.Allowed, ratelimit.Denied, ratelimit.Denied, ratelimit.Allowed, ratelimit.Denied}
	if len(events) != len(kinds) {
		t.Fatalf("%d events", len(events))
	}
	for i, e := range events {
		if e.Kind != kinds[i] || e.Rule != "email" || (e.Key == "") != (e.Kind == ratelimit.Allowed) || (e.RetryAfter > 0) != (e.Kind == ratelimit.Denied) {
			t.Errorf("event %d: %+v", i, e)
		}
	}
	if events[1].Key != events[2].Key || events[1].Key == events[4].Key {
		t.Errorf("keys %s, %s and %s", events[1].Key, events[2].Key, events[4].Key)
	}
	if logs.Len() != 3 {
		t.Errorf("%d lines in the log", logs.Len())
	}
	for _, line := range logs.All() {
		if text := fmt.Sprint(line.Message, line.ContextMap()); strings.Contains(text, "example") || strings.Contains(text, "192.0.2") {
			t.Errorf("the log holds a key: %s", text)
		}
	}
	if got := logs.All()[0].ContextMap()["key"]; got != events[1].Key {
		t.Errorf("the log calls it %v, the hook %s", got, events[1].Key)
	}
}

// A flood of denials is no flood in the log.
func TestTheLogIsSampled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zap.DebugLevel)
		l := mustNew(t, ratelimit.Config{Logger: zap.New(core), Rules: []ratelimit.Rule{{Limit: 1, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}}}})
		h := l.Middleware(ok)
		for range 1001 {
			send(h, "GET", "/", anna)
		}
		if n := logs.Len(); n != 19 {
			t.Errorf("%d lines for a thousand denials in a moment, want 10 and every hundredth", n)
		}
	})
}

func TestSnapshotAndReset(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{
			{Name: "login", Pattern: "/login", Limit: 2, Window: time.Minute, Keys: []ratelimit.Key{ratelimit.IP(), ratelimit.Field("email")}, Penalty: ratelimit.Penalty{First: time.Hour}},
			{Name: "site", Limit: 50, Window: time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}, Count: ratelimit.Failures},
		}})
		h := l.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { ratelimit.Succeed(w) }))
		post := func(email string) int { return submit(h, form, "/login", "email="+email).Code }
		for _, email := range []string{"a", "a", "a", "b"} {
			post(email)
		}
		s := l.Snapshot()
		if r := s.Rules[0]; r.Name != "login" || r.Allowed != 3 || r.Denied != 1 || r.Succeeded != 0 {
			t.Errorf("%+v", r)
		}
		if r := s.Rules[1]; r.Name != "site" || r.Allowed != 3 || r.Denied != 0 || r.Succeeded != 3 {
			t.Errorf("%+v", r)
		}
		if s.Store.Kind != "memory" || s.Store.Keys != 3 || s.Store.Breaker != "" {
			t.Errorf("%+v", s.Store)
		}
		if err := l.Reset(t.Context(), "login", "192.0.2.1", " A"); err != nil {
			t.Fatal(err)
		}
		for i, want := range []int{200, 200, 429} { // neither the count nor the penalty is left
			if got := post("a"); got != want {
				t.Errorf("after the reset, request %d: %d, want %d", i, got, want)
			}
		}
		if got := l.Snapshot().Store.Keys; got != 3 {
			t.Errorf("%d keys", got)
		}
		for _, keys := range [][]string{{"192.0.2.1"}, {"nobody", "a"}, {"192.0.2.1", ""}, {"192.0.2.1", "a", "b"}} {
			if err := l.Reset(t.Context(), "login", keys...); err == nil || strings.Contains(err.Error(), "nobody") {
				t.Errorf("%q: %v", keys, err)
			}
		}
		if err := l.Reset(t.Context(), "signup", "192.0.2.1"); err == nil || !strings.Contains(err.Error(), `the rules are "login", "site"`) {
			t.Errorf("%v", err)
		}
	})
}
