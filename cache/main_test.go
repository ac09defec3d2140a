package cache_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/internal/redistest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(redistest.Rest(m, func() error { return goleak.Find() }))
}

// site is a handler behind a Cache behind a real server, with its client.
type site struct {
	t      testing.TB
	cache  *cache.Cache
	server *httptest.Server
	calls  atomic.Int64
}

// answer is what the client got.
type answer struct {
	status  int
	header  http.Header
	body    string
	trailer http.Header
	err     error // of reading the body
}

// says returns the answer's Cache-Status without our name.
func (a answer) says() string {
	return strings.TrimPrefix(strings.Join(a.header.Values("Cache-Status"), ", "), "readiness; ")
}

// pages is the policy of most tests.
func pages() []cache.Policy {
	return []cache.Policy{
		{Pattern: "GET /list", Class: cache.ShortCache, TTL: time.Minute, Query: []string{"q", "page"}, Tags: []string{"list"}},
		{Pattern: "GET /page/{id}", Class: cache.ShortCache, TTL: time.Minute, Tags: []string{"page:{id}"}},
		{Pattern: "GET /dir/", Class: cache.ShortCache, TTL: time.Minute, Tags: []string{"dir"}},
		{Pattern: "GET /account/", Class: cache.NoCache},
		{Pattern: "POST /account/", Class: cache.NoCache},
	}
}

func newCache(t testing.TB, cfg cache.Config) *cache.Cache {
	t.Helper()
	if cfg.Policies == nil {
		cfg.Policies = pages()
	}
	c, err := cache.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newSite(t testing.TB, cfg cache.Config, handler http.HandlerFunc) *site {
	t.Helper()
	s := &site{t: t, cache: newCache(t, cfg)}
	s.server = httptest.NewServer(s.cache.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.calls.Add(1)
		handler(w, r)
	})))
	s.server.Config.ErrorLog = quiet()
	t.Cleanup(s.server.Close)
	return s
}

// do sends a request; headers come as "Name: value".
func (s *site) do(method, target string, headers ...string) answer {
	s.t.Helper()
	return s.with(context.Background(), method, target, nil, headers...)
}

func (s *site) with(ctx context.Context, method, target string, body io.Reader, headers ...string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, s.server.URL+target, body)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
		}
		r.Header.Add(name, value)
	}
	if len(r.Header.Values("Accept-Encoding")) == 0 {
		r.Header.Set("Accept-Encoding", "identity")
	}
	client := *s.server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(text), resp.Trailer, err}
}

// get is do for GET.
func (s *site) get(target string, headers ...string) answer {
	s.t.Helper()
	return s.do(http.MethodGet, target, headers...)
}

// expectCalls fails unless the handler has run that often.
func (s *site) expectCalls(want int64) {
	s.t.Helper()
	if got := s.calls.Load(); got != want {
		s.t.Errorf("the handler ran %d times, want %d", got, want)
	}
}

// path answers with the path and the query.
func path(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.RequestURI()) }

func contains(list []string, parts ...string) bool {
	return slices.ContainsFunc(list, func(s string) bool {
		for _, p := range parts {
			if !strings.Contains(s, p) {
				return false
			}
		}
		return true
	})
}

// clock is the time plus what a test adds to it.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time      { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) add(d time.Duration) { c.ahead.Add(int64(d)) }
