package ratelimit_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/httprate"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/launchready/readiness/ratelimit"
)

func keyed(tb testing.TB, k ratelimit.Key, limit int) *ratelimit.Limiter {
	return mustNew(tb, ratelimit.Config{Rules: []ratelimit.Rule{{Name: "r", Limit: limit, Window: time.Hour, Keys: []ratelimit.Key{k}}}})
}

func with(name string, values ...string) func(*http.Request) {
	return func(r *http.Request) { r.Header[http.CanonicalHeaderKey(name)] = values }
}

func TestKeys(t *testing.T) {
	t.Parallel()
	type req struct {
		remote string
		edit   func(*http.Request)
		want   int
	}
	none := func(*http.Request) {}
	user := ratelimit.Func(func(r *http.Request) (string, error) {
		if r.Header.Get("Bad") != "" {
			return "", errors.New("no such user")
		}
		return r.Header.Get("User"), nil
	})
	for _, tt := range []struct {
		name string
		key  ratelimit.Key
		reqs []req
	}{
		{name: "IPv6 clients by their /64", key: ratelimit.IP(), reqs: []req{
			{"[2001:db8::1]:1", none, 204}, {"[2001:db8::ffff]:2", none, 429}, {"[2001:db8:0:1::1]:3", none, 204},
		}},
		{name: "no address is one key", key: ratelimit.IP(), reqs: []req{{"@", none, 204}, {"", none, 429}, {anna, none, 204}}},
		{name: "untrusted headers change nothing", key: ratelimit.IP(), reqs: []req{
			{anna, none, 204}, {anna, with("X-Forwarded-For", "198.51.100.7"), 429}, {anna, with("X-Real-Ip", "198.51.100.7"), 429},
		}},
		{name: "header", key: ratelimit.Header("x-api-key"), reqs: []req{
			{anna, with("X-Api-Key", "k1"), 204}, {ben, with("X-Api-Key", "k1"), 429}, {anna, with("X-Api-Key", "k2"), 204},
		}},
		{name: "all lines of a header", key: ratelimit.Header("X-Api-Key"), reqs: []req{
			{anna, with("X-Api-Key", "a", "b"), 204},
			{anna, with("X-Api-Key", "a,b"), 204},
			{anna, with("X-Api-Key", "ab"), 204},
			{anna, with("X-Api-Key", "a", "b"), 429},
		}},
		{name: "without the header the address counts", key: ratelimit.Header("X-Api-Key"), reqs: []req{
			{anna, none, 204}, {anna, with("X-Api-Key", ""), 429}, {ben, none, 204},
		}},
		{name: "function", key: user, reqs: []req{
			{anna, with("User", "u1"), 204}, {ben, with("User", "u1"), 429}, {anna, with("User", "u2"), 204},
		}},
		{name: "without a value the address counts", key: user, reqs: []req{
			{anna, none, 204}, {anna, with("Bad", "1"), 429}, {ben, with("Bad", "1"), 204},
		}},
		{name: "kinds do not meet", key: user, reqs: []req{
			{anna, none, 204}, {ben, with("User", "192.0.2.1"), 204}, {ben, with("User", "\x04\xc0\x00\x02\x01"), 204},
		}},
		{name: "httprate's functions plug in", key: ratelimit.Func(httprate.KeyByEndpoint), reqs: []req{
			{anna, none, 204}, {ben, none, 429},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := keyed(t, tt.key, 1).Middleware(ok)
			for i, q := range tt.reqs {
				if w := send(h, "GET", "/x", q.remote, q.edit); w.Code != q.want {
					t.Errorf("request %d: %d, want %d", i, w.Code, q.want)
				}
			}
		})
	}
}

// Allow counts together with the requests.
func TestAllowCountsWithRequests(t *testing.T) {
	t.Parallel()
	user := ratelimit.Func(func(r *http.Request) (string, error) { return r.Header.Get("User"), nil })
	for _, tt := range []struct {
		name   string
		key    ratelimit.Key
		remote string
		edit   func(*http.Request)
		text   string
	}{
		{name: "IPv4", key: ratelimit.IP(), remote: anna, text: "192.0.2.1"},
		{name: "IPv4 with a port", key: ratelimit.IP(), remote: anna, text: anna},
		{name: "IPv6", key: ratelimit.IP(), remote: "[2001:db8::1]:1", text: "2001:db8::9"},
		{name: "unknown", key: ratelimit.IP(), remote: "@", text: "unknown"},
		{name: "header", key: ratelimit.Header("X-Api-Key"), remote: anna, edit: with("X-Api-Key", "k"), text: "k"},
		{name: "function", key: user, remote: anna, edit: with("User", "u"), text: "u"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := keyed(t, tt.key, 2)
			edit := tt.edit
			if edit == nil {
				edit = func(*http.Request) {}
			}
			if w := send(l.Middleware(ok), "GET", "/", tt.remote, edit); w.Code != 204 {
				t.Fatal(w.Code)
			}
			for i, want := range []ratelimit.Decision{
				{Allowed: true, Limit: 2, Remaining: 0},
				{Allowed: false, Limit: 2, Remaining: 0},
			} {
				d := allow(t, l, tt.text)
				if d.RetryAfter < time.Hour/2 || d.RetryAfter > 3*time.Hour/2 {
					t.Errorf("call %d: RetryAfter %s", i, d.RetryAfter)
				}
				d.RetryAfter = 0
				if d != want {
					t.Errorf("call %d: %+v, want %+v", i, d, want)
				}
			}
		})
	}
}

func TestAnUnknownRuleIsToldTheNames(t *testing.T) {
	t.Parallel()
	l := mustNew(t, ratelimit.Config{Rules: slices.Concat(ratelimit.ContactRules("POST /login"), ratelimit.ContactRules("POST /signup"))})
	_, err := l.Allow(t.Context(), "POST /login", "192.0.2.1")
	want := `ratelimit: there is no rule "POST /login"; the rules are "POST /login by ip", "POST /signup by ip"`
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestAllowErrors(t *testing.T) {
	t.Parallel()
	l := keyed(t, ratelimit.IP(), 1)
	for _, tt := range []struct {
		name, rule string
		keys       []string
		want       string
	}{
		{name: "unknown rule", rule: "x", keys: []string{"192.0.2.1"}, want: `ratelimit: there is no rule "x"; the rules are "r"`},
		{name: "no key", rule: "r", want: `ratelimit: rule "r" counts by ip and takes one value for each of them, got 0`},
		{name: "two keys", rule: "r", keys: []string{"192.0.2.1", "x"}, want: `ratelimit: rule "r" counts by ip and takes one value for each of them, got 2`},
		{name: "no address", rule: "r", keys: []string{"anna@example.com"}, want: `ratelimit: keys[0] does not fit rule "r": it stands for ip`},
		{name: "empty", rule: "r", keys: []string{""}, want: `ratelimit: keys[0] does not fit rule "r": it stands for ip`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if d, err := l.Allow(t.Context(), tt.rule, tt.keys...); err == nil || err.Error() != tt.want || d != (ratelimit.Decision{}) {
				t.Errorf("got %+v, %v", d, err)
			}
		})
	}
}

func TestAFailingKeyIsLoggedOnceWithoutItsText(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zap.DebugLevel)
	h := mustNew(t, ratelimit.Config{Logger: zap.New(core), Rules: []ratelimit.Rule{{
		Name: "r", Limit: 100, Window: time.Hour,
		Keys: []ratelimit.Key{ratelimit.Func(func(*http.Request) (string, error) { return "", errors.New("password hunter2") })},
	}}}).Middleware(ok)
	for range 10 {
		send(h, "GET", "/", anna)
	}
	if got := logs.All(); len(got) != 1 || got[0].ContextMap()["rule"] != "r" || strings.Contains(got[0].Message, "hunter2") {
		t.Errorf("logged %v", got)
	}
}

// A key function that panics takes nothing with it.
func TestAPanickingKeyWedgesNothing(t *testing.T) {
	t.Parallel()
	h := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{
		{Name: "ip", Limit: 2, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}},
		{Name: "f", Limit: 9, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.Func(func(r *http.Request) (string, error) {
			if r.URL.Path == "/panic" {
				panic(http.ErrAbortHandler)
			}
			return "k", nil
		})}},
	}}).Middleware(ok)
	func() {
		defer func() { _ = recover() }()
		send(h, "GET", "/panic", anna)
	}()
	for i, want := range []int{204, 204, 429} {
		if w := send(h, "GET", "/", anna); w.Code != want {
			t.Errorf("request %d: %d, want %d", i, w.Code, want)
		}
	}
}

// FuzzHeaderKey: two lists of values have one key only if they are the same.
func FuzzHeaderKey(f *testing.F) {
	f.Add("a\nb", "ab")
	f.Add("x:y\nz", "x\ny:z")
	f.Add("\x01a", "a")
	f.Fuzz(func(t *testing.T, a, b string) {
		as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
		if (ratelimit.AppendHeader(as) == ratelimit.AppendHeader(bs)) != slices.Equal(as, bs) {
			t.Errorf("%q and %q", as, bs)
		}
	})
}

// FuzzDirectClient: no request of a directly connected client counts under
// another address than its own.
func FuzzDirectClient(f *testing.F) {
	f.Add("X-Forwarded-For", "198.51.100.1")
	f.Add("X-Forwarded-For", "10.0.0.1, 198.51.100.1, 127.0.0.1")
	f.Add("Forwarded", "for=10.0.0.1")
	h := mustNew(f, ratelimit.Config{
		Rules:    []ratelimit.Rule{{Name: "r", Limit: 1, Window: 24 * time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}}},
		ClientIP: ratelimit.ClientIP{TrustedProxies: ratelimit.PrivateNetworks(), Header: "X-Forwarded-For"},
	}).Middleware(ok)
	send(h, "GET", "/", anna)
	f.Fuzz(func(t *testing.T, name, value string) {
		w := send(h, "GET", "/", anna, func(r *http.Request) {
			r.Header.Add(name, value)
			r.Header.Add(name, value)
		})
		if w.Code != http.StatusTooManyRequests {
			t.Errorf("%s: %q escaped: %d", name, value, w.Code)
		}
	})
}
