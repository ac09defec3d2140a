package smoke_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/smoke"
)

// answers serves /health from a list, the last of it for ever, and a page.
func answers(looks *atomic.Int64, list ...string) http.Handler {
	h := http.NewServeMux()
	h.HandleFunc("GET /health", func(w http.ResponseWriter, r *http.Request) {
		n := min(int(looks.Add(1)), len(list)) - 1
		var status int
		var release string
		_, _ = fmt.Sscan(list[n], &status, &release)
		if status == 0 {
			<-r.Context().Done()
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"release":%q,"build":{"sha":"s-%s"}}`, release, release)
	})
	h.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("Listings")) })
	h.HandleFunc("GET /busy", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "busy", http.StatusServiceUnavailable) })
	return h
}

func TestSettling(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		answers []string
		release string
		cfg     smoke.Settling
		looks   int64
		want    string
		within  time.Duration
	}{
		{"at once", []string{"200"}, "", smoke.Settling{}, 2, "", time.Second},
		{"late", []string{"502", "503", "504", "200"}, "", smoke.Settling{}, 5, "", 5 * time.Second},
		{"flaps", []string{"200", "503", "200", "502", "200"}, "", smoke.Settling{}, 6, "", 10 * time.Second},
		{"release", []string{"200 v6", "200 v6", "200 v7"}, "v7", smoke.Settling{}, 4, "", 5 * time.Second},
		{"two instances", []string{"200 v7", "200 v6", "200 v7"}, "v7", smoke.Settling{}, 4, "", 5 * time.Second},
		{"a release that is none", []string{"200"}, "", smoke.Settling{Field: "build"}, 2, "", time.Second},
		{"two instances, and nobody said which", []string{"200 v6", "200 v7", "200 v6", "200 v7"}, "", smoke.Settling{}, 6, "", 10 * time.Second},
		{"another field", []string{"200 v7"}, "s-v7", smoke.Settling{Field: "build.sha"}, 2, "", time.Second},
		{"never", []string{"503"}, "", smoke.Settling{}, 0, "did not settle within 1m0s: GET /health answered 503 Service Unavailable", time.Minute},
		{"the old release stays", []string{"200 v6"}, "v7", smoke.Settling{Within: 10 * time.Second}, 0, `did not settle within 10s: GET /health tells the release "v6", expected "v7"`, 10 * time.Second},
		{"no such field", []string{"200 v7"}, "v7", smoke.Settling{Field: "version", Within: time.Second}, 0, "did not settle within 1s: GET /health does not tell its release: the JSON has no field version", time.Second},
		{"a failure is no deploy", []string{"503", "500"}, "", smoke.Settling{}, 2, "GET /health answered 500 Internal Server Error, which is no deploy that settles", time.Second},
		{"nor is a missing page", []string{"404"}, "", smoke.Settling{}, 1, "GET /health answered 404 Not Found", time.Second},
		{"hangs", []string{"0"}, "", smoke.Settling{}, 1, "GET /health: no answer within 10s", 10 * time.Second},
		{"hangs beyond the waiting", []string{"0"}, "", smoke.Settling{Within: 3 * time.Second}, 1, "did not settle within 3s: GET /health: no answer before the waiting was over", 3 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var looks atomic.Int64
				tt.cfg.Path = "/health"
				r := checkConfig(t, smoke.Config{Handler: answers(&looks, tt.answers...), Release: tt.release, Settling: tt.cfg, Steps: []smoke.Step{smoke.Page("/")}})
				first, page := r.Steps[0], r.Steps[1]
				if first.Name != "settle /health" || r.Duration > tt.within {
					t.Errorf("%s took %s", first.Name, r.Duration)
				}
				if tt.looks > 0 && looks.Load() != tt.looks {
					t.Errorf("looked %d times, want %d", looks.Load(), tt.looks)
				}
				if tt.want == "" {
					if err := r.Err(); err != nil {
						t.Error(err)
					}
					return
				}
				if first.Outcome != smoke.Failed || !strings.Contains(first.Verdict, tt.want) {
					t.Errorf("got %s %q, want %q", first.Outcome, first.Verdict, tt.want)
				}
				if page.Outcome != smoke.Skipped || page.Verdict != "the service did not settle" {
					t.Errorf("the page: %s %q", page.Outcome, page.Verdict)
				}
			})
		})
	}
}

// The pauses grow to five seconds, so a minute of waiting is a few looks and
// no storm.
func TestSettlingIsNoStorm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var looks atomic.Int64
		checkConfig(t, smoke.Config{Handler: answers(&looks, "503"), Settling: smoke.Settling{Path: "/health"}, Steps: []smoke.Step{smoke.Page("/")}})
		if n := looks.Load(); n < 12 || n > 30 {
			t.Errorf("looked %d times within a minute", n)
		}
	})
}

func TestAfterSettlingThereIsOneTry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var looks atomic.Int64
		failed(t, checkConfig(t, smoke.Config{Handler: answers(&looks, "200"), Settling: smoke.Settling{Path: "/health"}, Steps: []smoke.Step{smoke.Page("/busy")}}),
			"GET /busy answered 503 Service Unavailable, expected 200")
	})
}

func TestSettlingEndsWithTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var looks atomic.Int64
		c, err := smoke.New(smoke.Config{Handler: answers(&looks, "503"), Settling: smoke.Settling{Path: "/health"}, Steps: []smoke.Step{smoke.Page("/")}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if r := c.Check(ctx); r.Duration != 2*time.Second || r.Steps[0].Outcome != smoke.Failed {
			t.Errorf("took %s: %+v", r.Duration, r.Steps[0])
		}
	})
}

// A refused connection is waited for over a real socket.
func TestAServerThatStartsLate(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var looks atomic.Int64
	var tries atomic.Int64
	srv := &http.Server{Handler: answers(&looks, "200"), ErrorLog: quiet()}
	served := make(chan struct{})
	dialer := net.Dialer{}
	tr := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if tries.Add(1) == 3 { // the first two were refused
			l, err := net.Listen("tcp", address)
			if err != nil {
				return nil, err
			}
			go func() {
				defer close(served)
				_ = srv.Serve(l)
			}()
		}
		return dialer.DialContext(ctx, network, addr)
	}}
	defer tr.CloseIdleConnections()
	r := checkConfig(t, smoke.Config{
		URL: "http://" + address, Client: &http.Client{Transport: tr},
		Settling: smoke.Settling{Path: "/health"}, Steps: []smoke.Step{smoke.Page("/")},
	})
	_ = srv.Close()
	<-served
	if err := r.Err(); err != nil {
		t.Error(err)
	}
	if looks.Load() != 2 || tries.Load() < 3 {
		t.Errorf("%d looks after %d connections", looks.Load(), tries.Load())
	}
}

func TestSettlingIsChecked(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]smoke.Settling{
		"smoke: Settling.Path: name the health endpoint, such as /api/health":                               {Field: "version"},
		`smoke: Settling.Path: must begin with one slash and hold no fragment and no {value}, got "health"`: {Path: "health"},
		"smoke: Settling.Within: must not be negative, got -1s":                                             {Path: "/health", Within: -time.Second},
	} {
		if _, err := smoke.New(smoke.Config{Handler: text(""), Settling: cfg, Steps: []smoke.Step{smoke.Page("/")}}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestAFailureTellsWhereTheTimeWent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(200 * time.Millisecond)
			_, _ = w.Write([]byte("half"))
			_ = http.NewResponseController(w).Flush()
			time.Sleep(3 * time.Second)
			_, _ = w.Write([]byte(" and half"))
		})
		got := failed(t, check(t, h, smoke.Page("/").Contains("whole")), "does not contain")
		if want := "time: 3.2s = first byte 200ms + body 3s\n"; !strings.Contains(got.Detail, want) {
			t.Errorf("no %q in\n%s", want, got.Detail)
		}
		hang := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		got = failed(t, check(t, hang, smoke.Page("/")), "no answer within 10s")
		if want := "time: 10s = no first byte\n"; !strings.Contains(got.Detail, want) {
			t.Errorf("no %q in\n%s", want, got.Detail)
		}
	})
}

func TestShortRevisions(t *testing.T) {
	t.Parallel()
	tells := func(release string) http.Handler {
		h := http.NewServeMux()
		h.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"release":%q}`, release)
		})
		h.Handle("/", answering(nil, "<p>Listings"))
		return h
	}
	for _, tt := range []struct {
		told, wanted string
		same         bool
	}{
		{"abcdef1", "abcdef1234567", true},
		{"abcdef1234567", "abcdef1", true},
		{"abcdef", "abcdef1234567", false},
		{"abcdef2", "abcdef1234567", false},
		{"v1", "v12", false},
		{"release-1", "release-12", false},
		{"v2", "v2", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := checkConfig(t, smoke.Config{Handler: tells(tt.told), Release: tt.wanted, Settling: smoke.Settling{Path: "/healthz", Within: time.Second}, Steps: []smoke.Step{smoke.Page("/")}})
			if (r.Err() == nil) != tt.same {
				t.Errorf("%s for %s: %v", tt.told, tt.wanted, r.Err())
			}
		})
	}
}
