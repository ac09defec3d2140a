package health_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/health"
)

// mixed are four checks: one passes, one failed once, one hangs after a real
// error, one failed and recovered.
func mixed(t *testing.T) (c *health.Checker, stop func()) {
	t.Helper()
	release := make(chan struct{})
	var searched, mailed int
	c, end := start(t, health.Config{Release: "v1.2.3", Checks: []health.Check{
		{Name: "database", Func: func(context.Context) error { time.Sleep(1500 * time.Microsecond); return nil }, Required: true, Interval: time.Hour},
		{Name: "disk", Func: func(context.Context) error { return errors.New("/var: 3.0 MiB free,\n\x1b[+]disk ok: 1ms") }, Interval: time.Hour},
		{Name: "search", Interval: 10 * time.Second, FailAfter: 2, Func: func(context.Context) error {
			if searched++; searched == 1 {
				return errDown
			}
			<-release
			return nil
		}},
		{Name: "mail", Interval: 5 * time.Second, Func: func(context.Context) error {
			if mailed++; mailed == 1 {
				return errors.New("<greylisted>")
			}
			return nil
		}},
	}})
	time.Sleep(15 * time.Second)
	synctest.Wait()
	return c, func() { close(release); end() }
}

func TestDetails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, stop := mixed(t)
		defer stop()
		w := httptest.NewRecorder()
		c.DetailsHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/details", http.NoBody))
		if w.Code != 200 || w.Header().Get("Content-Type") != "application/health+json" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%d %v", w.Code, w.Header())
		}
		var got struct {
			Status, State, Since, ReleaseID string
			Checks                          map[string][]map[string]any
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%v in %s", err, w.Body)
		}
		if got.Status != "warn" || got.State != "degraded" || got.ReleaseID != "v1.2.3" || len(got.Checks) != 4 {
			t.Errorf("%s", w.Body)
		}
		const began = "2000-01-01T00:00:00.000Z"
		for name, want := range map[string]map[string]any{
			"database": {
				"status": "pass", "state": "passing", "required": true, "since": "2000-01-01T00:00:00.001Z", "time": "2000-01-01T00:00:00.001Z",
				"observedValue": 1.5, "observedUnit": "ms",
			},
			"disk": {
				"status": "warn", "state": "degraded", "required": false, "since": began, "time": began, "observedValue": 0.0, "observedUnit": "ms", "failures": 1.0,
				"output": "/var: 3.0 MiB free,\n\x1b[+]disk ok: 1ms", "lastError": "/var: 3.0 MiB free,\n\x1b[+]disk ok: 1ms", "lastErrorAt": began, "cause": "/var: 3.0 MiB free,\n\x1b[+]disk ok: 1ms",
			},
			"search": {
				"status": "fail", "state": "failing", "required": false, "observedValue": 2000.0, "observedUnit": "ms", "failures": 2.0,
				"output": "timed out after 2s", "lastError": "timed out after 2s", "cause": errDown.Error(), "stuck": 1.0, "hanging": true,
			},
			"mail": {
				"status": "pass", "state": "passing", "required": false, "observedValue": 0.0, "observedUnit": "ms",
				"lastError": "<greylisted>", "lastErrorAt": began, "cause": "<greylisted>",
			},
		} {
			if len(got.Checks[name]) != 1 {
				t.Fatalf("%s: %v", name, got.Checks[name])
			}
			one := got.Checks[name][0]
			if name == "search" || name == "mail" { // their times have a jitter
				for _, at := range []string{"since", "time", "lastErrorAt"} {
					if _, err := time.Parse(time.RFC3339, fmt.Sprint(one[at])); err != nil {
						t.Errorf("%s: %s: %v", name, at, err)
					}
					if _, ok := want[at]; !ok {
						delete(one, at)
					}
				}
			}
			if fmt.Sprint(one) != fmt.Sprint(want) {
				t.Errorf("%s\ngot  %v\nwant %v", name, one, want)
			}
		}
	})
}

func TestDetailsVerbose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, stop := mixed(t)
		defer stop()
		since := c.Snapshot().Checks[2].Since.UTC().Format("2006-01-02T15:04:05.000Z")
		got := query(c.DetailsHandler(), "verbose&exclude=mail&exclude=none%0a")
		want := "[+]database ok: 1.5ms\n" +
			"[-]disk degraded since 2000-01-01T00:00:00.000Z: /var: 3.0 MiB free, [+]disk ok: 1ms\n" +
			"[-]search failing since " + since + ": timed out after 2s; before that: dial 10.0.3.7: password hunter2 refused; the run hangs\n" +
			"[+]mail excluded: passing\n" +
			`warn: some health checks cannot be excluded: no matches for ["none\n"]` + "\n" +
			"readyz check passed with warnings\n"
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

func TestDetailsMediaType(t *testing.T) {
	t.Parallel()
	c, err := health.New(health.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ query, accept, want string }{
		{"", "", "application/health+json"},
		{"verbose", "", "text/plain; charset=utf-8"},
		{"verbose=0", "*/*", "text/plain; charset=utf-8"}, // as Kubernetes takes it
		{"verbose", "application/json", "application/health+json"},
		{"verbose", "application/health+json, */*;q=0.1", "application/health+json"},
		{"exclude=x", "text/plain", "application/health+json"},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/details?"+tt.query, http.NoBody)
		r.Header.Set("Accept", tt.accept)
		c.DetailsHandler().ServeHTTP(w, r)
		if got := w.Header().Get("Content-Type"); got != tt.want || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%+v: %v", tt, w.Header())
		}
	}
}

// TestDetailsExclude leaves one check after the other out of the verdict.
func TestDetailsExclude(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bad := func(context.Context) error { return errDown }
		c, stop := start(t, health.Config{Checks: []health.Check{
			{Name: "db", Func: bad, Required: true},
			{Name: "a b", Func: bad},
			{Name: "ok", Func: well},
		}})
		defer stop()
		h := c.DetailsHandler()
		for _, tt := range []struct {
			query  string
			status int
			word   string
			notes  []string
		}{
			{"", 503, "fail", nil},
			{"exclude=ok", 503, "fail", nil},
			{"exclude=db", 200, "warn", nil},
			{"exclude=db&exclude=a+b", 200, "pass", nil},
			{"exclude=db&exclude=a%20b&exclude=db", 200, "pass", nil},
			{"exclude=db&exclude=a+b&exclude=ok", 200, "pass", nil},
			{"exclude=DB", 503, "fail", []string{"exclude: no check has the name DB"}},
			{"exclude=db,ok", 503, "fail", []string{"exclude: no check has the name db,ok"}},
			{"exclude=x&exclude=y&exclude=x", 503, "fail", []string{"exclude: no check has the name x", "exclude: no check has the name y"}},
			{"exclude", 503, "fail", []string{"exclude: no check has the name "}},
			{"exclude=%zz", 503, "fail", nil}, // cannot be read: excludes nothing
		} {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/?"+tt.query, http.NoBody))
			var got struct {
				Status string
				Notes  []string
				Checks map[string]any
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if w.Code != tt.status || got.Status != tt.word || !slices.Equal(got.Notes, tt.notes) || len(got.Checks) != 3 {
				t.Errorf("?%s: %d %s", tt.query, w.Code, w.Body)
			}
		}
		if got := probe(c.ReadyHandler()); got != fail {
			t.Errorf("readiness itself excludes nothing: %s", got)
		}
		c.Drain()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/?verbose&exclude=db", http.NoBody))
		if w.Code != 503 || !strings.HasSuffix(w.Body.String(), "\nreadyz check failed: draining\n") {
			t.Errorf("draining cannot be excluded: %d %s", w.Code, w.Body)
		}
	})
}

// TestDetailsAreNeverOlderThanTheLastResult compares what is kept with what
// is true after every change.
func TestDetailsAreNeverOlderThanTheLastResult(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var db switchable
		c, stop := start(t, health.Config{Checks: []health.Check{{Name: "db", Func: db.check, Interval: time.Second, Required: true, FailAfter: 1}}})
		defer stop()
		h := c.DetailsHandler()
		for i := range 40 {
			db.down.Store(i%3 == 0)
			time.Sleep(1100 * time.Millisecond)
			synctest.Wait()
			want := query(h, "unknown=parameter") // rendered for this request
			if got := query(h, ""); got != want || !strings.Contains(got, fmt.Sprintf(`"state":%q`, c.Snapshot().State)) {
				t.Fatalf("got %s\nwant %s", got, want)
			}
			if got := query(h, ""); got != want {
				t.Fatalf("the second time: %s\nwant %s", got, want)
			}
		}
	})
}

func TestDetailsRefuseALongQuery(t *testing.T) {
	t.Parallel()
	c, err := health.New(health.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]int{2 << 10: http.StatusServiceUnavailable, 2<<10 + 1: http.StatusRequestURITooLong} {
		w := httptest.NewRecorder()
		c.DetailsHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/?"+strings.Repeat("x", n), http.NoBody))
		if w.Code != want {
			t.Errorf("a query of %d bytes: %d", n, w.Code)
		}
	}
}

// FuzzDetailsQuery holds what may be asked against what must come back: the
// verdict of the checks that are not named, and a body that can be read.
func FuzzDetailsQuery(f *testing.F) {
	for _, q := range []string{"", "verbose", "exclude=db", "exclude=db&verbose", "exclude=%00", "exclude=\xff", "verbose=%0a[%2b]db", "exclude=db;x", "&&=&"} {
		f.Add(q, "")
		f.Add(q, "application/json")
	}
	release := make(chan struct{})
	c, err := health.New(health.Config{Checks: []health.Check{
		{Name: "db", Func: func(context.Context) error { return errDown }, Required: true, Interval: time.Hour},
		{Name: "ok", Func: func(context.Context) error { close(release); return nil }, Interval: time.Hour},
	}})
	if err != nil {
		f.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- c.Run(ctx) }()
	<-release
	for c.Snapshot().State == health.Starting {
		time.Sleep(time.Millisecond)
	}
	f.Cleanup(func() {
		cancel()
		if err := <-ran; err != nil {
			f.Error(err)
		}
	})
	h := c.DetailsHandler()
	f.Fuzz(func(t *testing.T, query, accept string) {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.URL.RawQuery = query
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		want := http.StatusServiceUnavailable
		if slices.Contains(r.URL.Query()["exclude"], "db") {
			want = http.StatusOK
		}
		if len(query) > 2<<10 {
			want = http.StatusRequestURITooLong
		}
		if w.Code != want {
			t.Fatalf("?%q: %d, want %d", query, w.Code, want)
		}
		switch w.Header().Get("Content-Type") {
		case "application/health+json":
			if !json.Valid(w.Body.Bytes()) {
				t.Errorf("?%q: %s", query, w.Body)
			}
		case "text/plain; charset=utf-8":
			if lines := strings.Count(w.Body.String(), "\n"); lines < 3 || lines > 4 {
				t.Errorf("?%q: %d lines:\n%s", query, lines, w.Body)
			}
		}
	})
}
