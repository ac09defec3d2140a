package ratelimit_test

import (
	"net/http"
	"net/netip"
	"slices"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/launchready/readiness/ratelimit"
)

func TestExemptions(t *testing.T) {
	t.Parallel()
	prefixes := func(list ...string) []netip.Prefix {
		var out []netip.Prefix
		for _, s := range list {
			out = append(out, netip.MustParsePrefix(s))
		}
		return out
	}
	for _, tt := range []struct {
		name, remote, token string
		edit                func(*ratelimit.Rule)
		exempt              bool
	}{
		{name: "in a network", remote: "198.51.100.7:1", exempt: true},
		{name: "in a network of IPv6", remote: "[2001:db8:1::7]:1", exempt: true},
		{name: "v4 in v6", remote: "[::ffff:198.51.100.7]:1", exempt: true},
		{name: "outside", remote: anna},
		{name: "outside, IPv6", remote: "[2001:db9::1]:1"},
		{name: "no address", remote: "@"},
		{name: "by function", remote: anna, token: "monitor", exempt: true},
		{name: "not by function", remote: anna, token: "other"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{{
				Limit: 1, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()},
				Allow:     prefixes("198.51.100.0/24", "2001:db8::/32"),
				AllowFunc: func(r *http.Request) bool { return r.Header.Get("Token") == "monitor" },
			}}}).Middleware(ok)
			code, fields := 0, 0
			for range 3 {
				w := send(h, "GET", "/", tt.remote, with("Token", tt.token))
				code, fields = w.Code, len(w.Header())
			}
			if (code == http.StatusNoContent) != tt.exempt || tt.exempt && fields > 0 {
				t.Errorf("the third request: %d, %d fields", code, fields)
			}
		})
	}
}

func TestCost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		costs []int
		want  []int
	}{
		{name: "one by default of sense", costs: []int{0, -7, 1, 1, 1, 1}, want: []int{204, 204, 204, 204, 204, 429}},
		{name: "as many as it says", costs: []int{3, 3, 2, 1}, want: []int{204, 429, 204, 429}},
		{name: "never more than the limit", costs: []int{1_000_000, 1}, want: []int{204, 429}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			next := 0
			h := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{{
				Limit: 5, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()},
				Cost: func(*http.Request) int { next++; return tt.costs[next-1] },
			}}}).Middleware(ok)
			var got []int
			for range tt.costs {
				got = append(got, send(h, "GET", "/", anna).Code)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// Nor does a dry run refuse a form that lacks its field, or has it too often.
func TestADryRunRefusesNoForm(t *testing.T) {
	t.Parallel()
	h := byField(t, 1, func(r *ratelimit.Rule) { r.DryRun, r.Required = true, true }).Middleware(ok)
	for _, body := range []string{"x=1", "email=1&email=2&email=3&email=4&email=5", "email=1", "email=1"} {
		if w := submit(h, form, "/", body); w.Code != http.StatusNoContent {
			t.Errorf("%s: %d", body, w.Code)
		}
	}
}

// A dry run is the whole way of a rule, but for the answer.
func TestDryRun(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zap.InfoLevel)
	var events []ratelimit.EventKind
	l := mustNew(t, ratelimit.Config{
		Logger:  zap.New(core),
		OnEvent: func(e ratelimit.Event) { events = append(events, e.Kind) },
		Rules: []ratelimit.Rule{
			{Name: "trial", Limit: 1, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}, DryRun: true, Penalty: ratelimit.Penalty{First: time.Hour}},
			{Name: "real", Limit: 3, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}},
		},
	})
	h := l.Middleware(ok)
	for i, want := range []int{204, 204, 204, 429} {
		w := send(h, "GET", "/", anna)
		if w.Code != want || len(w.Header()["Ratelimit-Policy"]) != 1 || w.Header().Get("RateLimit-Policy") != `"real";q=3;w=3600` {
			t.Errorf("request %d: %d %v", i, w.Code, w.Header())
		}
	}
	want := []ratelimit.EventKind{
		ratelimit.Allowed, ratelimit.Allowed, ratelimit.DryRun, ratelimit.Allowed, ratelimit.DryRun, ratelimit.Allowed, ratelimit.DryRun, ratelimit.Denied,
	}
	if !slices.Equal(events, want) {
		t.Errorf("events %v, want %v", events, want)
	}
	if n := logs.FilterField(zap.String("event", "dry run")).Len(); n != 3 {
		t.Errorf("%d dry runs in the log", n)
	}
	if s := l.Snapshot().Rules[0]; s.Allowed != 1 || s.WouldDeny != 3 || s.Denied != 0 {
		t.Errorf("%+v", s)
	}
}
