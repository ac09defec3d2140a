package cache_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/cache"
)

const aYear = "public, max-age=31536000, immutable"

func assets() cache.Config {
	return cache.Config{Policies: []cache.Policy{{Pattern: "GET /asset/", Class: cache.Immutable}}}
}

func TestImmutable(t *testing.T) {
	t.Parallel()
	set := func(status int, pairs ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(pairs); i += 2 {
				w.Header()[pairs[i]] = append(w.Header()[pairs[i]], pairs[i+1])
			}
			w.WriteHeader(status)
		}
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    string
	}{
		{"an asset", set(200), aYear},
		{"a silent handler", func(http.ResponseWriter, *http.Request) {}, aYear},
		{"a part of one", set(206, "Content-Range", "bytes 0-1/5"), aYear},
		{"not modified", set(304), aYear},
		{"its own max-age", set(200, "Cache-Control", "public, max-age=60"), aYear},
		{"its own must-revalidate", set(200, "Cache-Control", "max-age=60, must-revalidate"), aYear},
		{"its own no-store", set(200, "Cache-Control", "No-Store"), "No-Store"},
		{"its own private", set(200, "Cache-Control", "max-age=60, private"), "max-age=60, private"},
		{"its own no-cache", set(200, "Cache-Control", "no-cache"), "no-cache"},
		{"no-store in a second line", set(200, "Cache-Control", "max-age=60", "Cache-Control", "no-store"), "max-age=60|no-store"},
		{"a cookie", set(200, "Set-Cookie", "a=b"), "private, no-cache"},
		{"a cookie in a name of its own", set(200, "set-cookie", "a=b"), "private, no-cache"},
		{"a cookie and max-age", set(200, "Set-Cookie", "a=b", "Cache-Control", "max-age=60"), "max-age=60"},
		{"404 while a deploy is half done", set(404), "private, no-cache"},
		{"404 that may be kept", set(404, "Cache-Control", "max-age=5"), "max-age=5"},
		{"500", set(500), "private, no-cache"},
		{"503", set(503), "private, no-cache"},
		{"a redirect", set(302, "Location", "/login"), "private, no-cache"},
		{"204", set(204), "private, no-cache"},
	}
	for _, tt := range tests {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			t.Run(tt.name+", "+method, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, assets(), tt.handler)
				for range 2 {
					got := s.do(method, "/asset/app.123.css")
					if says := strings.Join(got.header["Cache-Control"], "|"); says != tt.want || got.header["Cache-Status"] != nil || got.header["Age"] != nil {
						t.Errorf("got %v, want %q", got.header, tt.want)
					}
				}
				s.expectCalls(2) // nothing is stored
				if got := s.cache.Snapshot().Policies[0]; got.Passes != 2 || got.Hits+got.Stale+got.Misses != 0 {
					t.Errorf("counted %+v", got)
				}
			})
		}
	}
}

// An Expires beside it would say something else to an old cache.
func TestImmutableTakesExpiresOff(t *testing.T) {
	t.Parallel()
	s := newSite(t, assets(), func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Expires", "0")
		if r.URL.Path == "/asset/none" {
			w.WriteHeader(404)
		}
	})
	if got := s.get("/asset/a"); got.header["Expires"] != nil {
		t.Errorf("got %v", got.header)
	}
	if got := s.get("/asset/none"); got.header.Get("Expires") != "0" {
		t.Errorf("a 404 has lost its Expires: %v", got.header)
	}
}

// The handler is asked what the client asks, and answers it itself.
func TestImmutableLeavesTheRequestAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t, assets(), func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"a"`)
		http.ServeContent(w, r, "a.txt", time.Time{}, strings.NewReader("0123456789"))
	})
	for header, status := range map[string]int{`If-None-Match: "a"`: 304, "Range: bytes=2-3": 206, "Cookie: a=1": 200, "Authorization: Bearer x": 200, "Range: bytes=99-": 416} {
		got := s.get("/asset/a", header)
		want := aYear
		if status == 416 {
			want = "private, no-cache"
		}
		if got.status != status || got.header.Get("Cache-Control") != want {
			t.Errorf("%s: %d %v", header, got.status, got.header)
		}
	}
}

// A write to the same path is none of an asset.
func TestImmutableIsForReadsOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t, assets(), func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	for _, method := range []string{http.MethodPost, http.MethodDelete, http.MethodOptions} {
		if got := s.do(method, "/asset/a"); got.header["Cache-Control"] != nil {
			t.Errorf("%s: %v", method, got.header)
		}
	}
}
