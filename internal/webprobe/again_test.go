package webprobe_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/launchready/readiness/internal/webprobe"
	"github.com/launchready/readiness/internal/webtest"
)

// TestFetchAgain checks that a second fetch is one, and is itself kept.
func TestFetchAgain(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	address := webtest.Plain(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader([]int{0, 503, 502, 200}[calls.Add(1)])
	}))
	p := webprobe.New(webprobe.Config{AllowPrivate: true})
	for range 2 {
		if v := p.Fetch(t.Context(), "http://"+address+"/"); v.Status() != 503 {
			t.Errorf("first: %+v", v)
		}
		if v := p.FetchAgain(t.Context(), "http://"+address+"/"); v.Status() != 502 {
			t.Errorf("again: %+v", v)
		}
	}
}

// TestBrokeOff checks that a body which breaks off is told from an empty one,
// and that a challenge is known as one.
func TestBrokeOff(t *testing.T) {
	t.Parallel()
	address := webtest.Plain(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/broken":
			w.Header().Set("Content-Length", "10")
		case "/challenge":
			w.Header().Set("Cf-Mitigated", "challenge")
		}
	}))
	p := webprobe.New(webprobe.Config{AllowPrivate: true})
	for _, c := range []struct {
		path              string
		broken, challenge bool
	}{{"/empty", false, false}, {"/broken", true, false}, {"/challenge", false, true}} {
		v := p.Fetch(t.Context(), "http://"+address+c.path)
		if v.Status() != 200 || len(v.Body) != 0 || v.BrokeOff != c.broken || v.Last().Challenge() != c.challenge {
			t.Errorf("%s: %+v", c.path, v)
		}
	}
}
