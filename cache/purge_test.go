package cache_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/launchready/readiness/cache"
)

// shop is a handler with data: GET shows it, POST adds one and redirects, or
// does as the request's X-Do header says.
type shop struct {
	data atomic.Int64
	read chan struct{} // where it is not nil, a GET waits for it after it has read
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		n := s.data.Load()
		if r.Header.Get("X-Wait") != "" {
			s.read <- struct{}{}
			<-s.read
		}
		_, _ = fmt.Fprintf(w, "%s %d", r.URL.Path, n)
		return
	}
	switch do := r.Header.Get("X-Do"); do {
	case "":
		s.data.Add(1)
		http.Redirect(w, r, "/list", http.StatusSeeOther)
	case "silent":
		s.data.Add(1)
	case "late": // answers first, as a handler does that commits in a defer
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		s.read <- struct{}{}
		<-s.read
		s.data.Add(1)
	case "panic":
		panic(http.ErrAbortHandler)
	default:
		code, _ := strconv.Atoi(do)
		w.WriteHeader(code)
	}
}

func shopConfig() cache.Config {
	return cache.Config{
		Policies: pages(),
		Purges: []cache.Purge{
			{Pattern: "POST /list", Tags: []string{"list"}},
			{Pattern: "POST /page/{id}", Tags: []string{"list", "page:{id}"}},
			{Pattern: "/hook", Tags: []string{"dir"}},
		},
	}
}

func TestPurgeByRule(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method, target, do string
		purged                   []string // of the pages below
	}{
		{"a rule", "POST", "/list", "", []string{"/list", "/list?q=1"}},
		{"a rule with a wildcard", "POST", "/page/1", "", []string{"/list", "/list?q=1", "/page/1"}},
		{"another spelling", "POST", "//page/./1/", "", []string{"/list", "/list?q=1", "/page/1"}},
		{"an escaped spelling", "POST", "/page/%31", "", []string{"/list", "/list?q=1", "/page/1"}},
		{"a rule without a method", "PATCH", "/hook", "silent", []string{"/dir/a"}},
		{"its own path without a rule", "DELETE", "/dir/a", "silent", []string{"/dir/a"}},
		{"its own path in another spelling", "DELETE", "/dir//a/", "silent", []string{"/dir/a"}},
		{"a method of its own", "FROB", "/page/2", "silent", []string{"/page/2"}},
		{"a silent handler", "POST", "/list", "silent", []string{"/list", "/list?q=1"}},
		{"201", "POST", "/list", "201", []string{"/list", "/list?q=1"}},
		{"400", "POST", "/list", "400", nil},
		{"500", "POST", "/list", "500", nil},
		{"a panic", "POST", "/list", "panic", nil},
		{"another path", "POST", "/other", "silent", nil},
		{"a Location", "POST", "/other", "", []string{"/list", "/list?q=1"}},
		{"a safe method", "OPTIONS", "/hook", "200", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			all := []string{"/list", "/list?q=1", "/page/1", "/page/2", "/dir/a"}
			// Names share counters in this process, each store in its own way:
			// a page more may end, now and then, and not three times in a row.
			var spared []string
			for range 3 {
				s := newSite(t, shopConfig(), (&shop{}).ServeHTTP)
				for _, target := range all {
					s.get(target)
				}
				s.do(tt.method, tt.target, "X-Do: "+tt.do)
				spared = nil
				for _, target := range all {
					hit := strings.HasPrefix(s.get(target).says(), "hit")
					switch purged := slices.Contains(tt.purged, target); {
					case hit && purged:
						t.Fatalf("%s: hit after its purge", target)
					case !hit && !purged:
						spared = append(spared, target)
					}
				}
				if spared == nil {
					return
				}
			}
			t.Errorf("%q ended without a purge", spared)
		})
	}
}

// A client that follows the redirect sees what it has written, while the
// handler that answered it is still running.
func TestTheRedirectSeesTheNewPage(t *testing.T) {
	t.Parallel()
	followed := make(chan struct{})
	sh := &shop{}
	s := newSite(t, shopConfig(), func(w http.ResponseWriter, r *http.Request) {
		sh.ServeHTTP(w, r)
		if r.Method == http.MethodPost {
			_ = http.NewResponseController(w).Flush()
			<-followed
		}
	})
	s.get("/list")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.server.URL+"/list", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	client := *s.server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.get("/list"); got.body != "/list 1" {
		t.Errorf("got %q", got.body)
	}
	close(followed)
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
}

// A handler that commits after it has answered: the page that was made in
// between ends when it returns.
func TestALateCommitPurgesToo(t *testing.T) {
	t.Parallel()
	sh := &shop{read: make(chan struct{})}
	s := newSite(t, shopConfig(), sh.ServeHTTP)
	done := make(chan answer)
	go func() { done <- s.do(http.MethodPost, "/list", "X-Do: late") }()
	<-sh.read
	if got := s.get("/list"); got.body != "/list 0" || got.says() != "fwd=miss; stored" {
		t.Errorf("in between: %+v", got)
	}
	sh.read <- struct{}{}
	<-done
	if got := s.get("/list"); got.body != "/list 1" {
		t.Errorf("afterwards: %q", got.body)
	}
}

// A page whose handler has read before the purge is never served after it.
func TestAPageFromBeforeAPurgeIsNotStored(t *testing.T) {
	t.Parallel()
	purges := map[string]func(*site) error{
		"Purge":     func(s *site) error { return s.cache.Purge(context.Background(), "page:x", "list") },
		"PurgePath": func(s *site) error { return s.cache.PurgePath(context.Background(), "/list") },
		"PurgeAll":  func(s *site) error { return s.cache.PurgeAll(context.Background()) },
		"a rule": func(s *site) error {
			s.do(http.MethodPost, "/list", "X-Do: 200")
			return nil
		},
	}
	for backend, open := range backends() {
		for name, purge := range purges {
			t.Run(backend+"/"+name, func(t *testing.T) {
				t.Parallel()
				sh := &shop{read: make(chan struct{})}
				cfg := shopConfig()
				cfg.Store = open(t)
				s := newSite(t, cfg, sh.ServeHTTP)
				done := make(chan answer)
				go func() { done <- s.get("/list", "X-Wait: 1") }()
				<-sh.read
				sh.data.Add(1)
				if err := purge(s); err != nil {
					t.Error(err)
				}
				sh.read <- struct{}{}
				// In Redis it may be stored, and then it is dead.
				if got := <-done; got.body != "/list 0" || backend == "memory" && got.says() != "fwd=miss" {
					t.Errorf("before: %+v", got)
				}
				if got := s.get("/list"); got.body != "/list 1" {
					t.Errorf("after: %q", got.body)
				}
			})
		}
	}
}

func TestPurgeArguments(t *testing.T) {
	t.Parallel()
	c := newCache(t, cache.Config{})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if c.Purge(ended) != nil || c.Purge(ended, "list") != nil || c.PurgeAll(ended) != nil || c.PurgePath(ended, "/") != nil {
		t.Error("a purge without effect, or after its ctx has ended, is an error")
	}
	if c.Purge(ended, "a", "") == nil || c.PurgePath(ended, "") == nil || c.PurgePath(ended, "x") == nil {
		t.Error("an empty tag or a relative path is none")
	}
	if err := c.Purge(t.Context(), "lsit", "list"); err == nil || err.Error() != `cache: purge of the tag "lsit", which no policy can carry` {
		t.Errorf("a misspelt tag: %v", err)
	}
}

// FuzzFits holds the quick question, whether a text can be a tag, against the
// general one between two tags.
func FuzzFits(f *testing.F) {
	f.Add("listing:{id}", "listing:7")
	f.Add("{a}:{b}:{c}", "x:y:")
	f.Add("a{x}a", "a")
	f.Fuzz(func(t *testing.T, tag, text string) {
		if strings.Contains(text, "{") || strings.Count(tag, "{") != strings.Count(tag, "}") || strings.Contains(tag, "}{") || len(tag)+len(text) > 200 {
			return
		}
		if got, want := cache.Fits(cache.ShapeOf(tag), text), cache.CanMeet(tag, text); got != want {
			t.Errorf("%q and %q: %v, the general answer is %v", tag, text, got, want)
		}
	})
}
