package metrics_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/metrics"
)

func TestGroups(t *testing.T) {
	t.Parallel()
	m, _ := watched(t, metrics.Config{})
	h := m.Middleware(byPath(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("do") {
		case "panic":
			explode(errors.New(r.URL.Path))
		case "elsewhere":
			explode(errors.New(r.URL.Path))
		case "502":
			w.WriteHeader(http.StatusBadGateway)
		default:
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	for _, path := range []string{
		"/a?do=panic", "/b?do=panic", "/a?do=elsewhere", // one place, two routes; another place
		"/a", "/a?x=1", "/b", "/a?do=502", // two routes, two statuses
	} {
		_, _ = do(h, httptest.NewRequest(http.MethodGet, path, http.NoBody))
	}
	_, _ = do(h, httptest.NewRequest(http.MethodDelete, "/a", http.NoBody))
	var got []string
	for _, g := range m.Errors() {
		if g.PanicType != "" {
			got = append(got, fmt.Sprintf("a panic: %d", g.Count))
		} else {
			got = append(got, fmt.Sprintf("%d of %s: %d", g.Status, g.Route, g.Count))
		}
	}
	slices.Sort(got)
	if want := []string{"500 of /a: 3", "500 of /b: 1", "502 of /a: 1", "a panic: 1", "a panic: 2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLoggingIsRateLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, logs := watched(t, metrics.Config{})
		h := m.Middleware(byPath(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
		for range 1000 {
			get(h, "/a")
		}
		if logs.Len() != 1 || m.Errors()[0].Count != 1000 {
			t.Fatalf("%d lines for %d failures", logs.Len(), m.Errors()[0].Count)
		}
		time.Sleep(time.Minute)
		get(h, "/a")
		if logs.Len() != 2 || logs.All()[1].ContextMap()["not_logged_before"] != uint64(999) {
			t.Errorf("a minute later: %v", logs.All()[1:])
		}
		time.Sleep(time.Minute)
		logs.TakeAll()
		for i := range 500 {
			get(h, fmt.Sprintf("/%d", i%100))
		}
		if logs.Len() != 30 {
			t.Errorf("%d lines for a hundred groups at once", logs.Len())
		}
		time.Sleep(time.Minute)
		get(h, "/99") // the last group was too many then
		if logs.Len() != 31 {
			t.Errorf("%d lines a minute later", logs.Len())
		}
	})
}

func TestTheLastFiftyGroupsAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, _ := watched(t, metrics.Config{})
		h := m.Middleware(byPath(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
		for i := range 60 {
			get(h, fmt.Sprintf("/%d", i))
			time.Sleep(time.Second)
			get(h, "/0") // happens again and again: it stays
			time.Sleep(time.Second)
		}
		groups := m.Errors()
		if len(groups) != 50 || groups[0].Route != "/0" || groups[0].Count != 61 || groups[1].Route != "/59" || groups[49].Route != "/11" {
			t.Errorf("%d groups, first %s (%d), then %s, last %s", len(groups), groups[0].Route, groups[0].Count, groups[1].Route, groups[len(groups)-1].Route)
		}
		if span := groups[0].Last.Sub(groups[0].First); span != 119*time.Second {
			t.Errorf("from first to last: %s", span)
		}
	})
}
