package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/launchready/readiness/examples/postdeploy/market"
	"github.com/launchready/readiness/health"
	"github.com/launchready/readiness/internal/redistest"
	"github.com/launchready/readiness/smoke"
)

// quiet is an environment that says nothing, for tests that read it.
func quiet(t *testing.T) {
	t.Helper()
	for _, v := range environment(false).Env {
		t.Setenv(v.Name, "")
	}
}

// started returns the service with the whole library around it, its probes
// running, in a folder of its own.
func started(t *testing.T) *service {
	t.Helper()
	s, err := newService(t.Context(), options{addr: "127.0.0.1:8080", state: seededState(t)}, io.Discard, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = s.probes.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done; s.close() })
	return s
}

// TestPostdeployStepsPass runs the very check of examples/postdeploy, with what
// it measures and reads of /metrics/snapshot: with pages and counts in this process, and in a Redis.
func TestPostdeployStepsPass(t *testing.T) {
	for _, store := range []string{"in-process", "redis"} {
		t.Run(store, func(t *testing.T) {
			quiet(t)
			t.Setenv("METRICS_TOKEN", metricsToken)
			if store == "redis" {
				t.Setenv("REDIS_URL", "redis://"+redistest.Start(t))
			}
			s := started(t)
			s.app.cfg.SecureCookies = true // the steps reach a handler by https
			cfg := market.Config(func(name string) (string, bool) {
				if name == "METRICS_TOKEN" {
					return metricsToken, true
				}
				return market.Development(name)
			})
			cfg.Handler = s.handler()
			smoke.Test(t, cfg)
			if n := s.traffic.Snapshot().Overall.N; n < 15 {
				t.Errorf("metrics saw %d requests", n)
			}
			// A login declares its success through all that stands between.
			if r := s.forms.Snapshot().Rules[0]; r.Succeeded < 1 || r.Succeeded != r.Allowed {
				t.Errorf("the limits saw %+v", r)
			}
		})
	}
}

// The name of a stylesheet holds a digest of it: its policy lets browsers keep
// it for a year.
func TestAssetsAreImmutable(t *testing.T) {
	quiet(t)
	s := started(t)
	answer := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		s.handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
		return w
	}
	sheet := regexp.MustCompile(`/static/style\.[0-9a-f]{12}\.css`).FindString(answer("/").Body.String())
	if got := answer(sheet).Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("%s has Cache-Control %q", sheet, got)
	}
	if got := answer("/static/style.css").Header().Get("Cache-Control"); strings.Contains(got, "immutable") {
		t.Errorf("a 404 has Cache-Control %q", got)
	}
}

// TestHealthWatchesWhatTheServiceNeeds looks at the checks of a service that
// has everything: a real Redis and a mail server.
func TestHealthWatchesWhatTheServiceNeeds(t *testing.T) {
	quiet(t)
	t.Setenv("REDIS_URL", "redis://"+redistest.Start(t))
	t.Setenv("SMTP_URL", "smtp://"+openPostOffice(t, nil).addr)
	t.Setenv("MAIL_FROM", "market@market.test")
	s := started(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.app.runOutbox(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	for state := health.NotRunning; state == health.NotRunning || state == health.Starting; state = s.probes.Snapshot().State {
		time.Sleep(time.Millisecond)
	}
	want := map[string]bool{"database": true, "disk": false, "redis": false, "mail worker": false} // Required
	for _, k := range s.probes.Snapshot().Checks {
		if required, ok := want[k.Name]; !ok || k.Required != required || k.State != health.Passing {
			t.Errorf("%+v", k)
		}
		delete(want, k.Name)
	}
	if len(want) > 0 {
		t.Errorf("nobody watches %v", want)
	}
	public, private := httptest.NewRecorder(), httptest.NewRecorder()
	s.handler().ServeHTTP(public, httptest.NewRequest(http.MethodGet, "/readyz?verbose", http.NoBody))
	s.probes.DetailsHandler().ServeHTTP(private, httptest.NewRequest(http.MethodGet, "/health?verbose", http.NoBody))
	if public.Body.String() != `{"status":"pass"}` || strings.Count(private.Body.String(), "[+]") != 4 {
		t.Errorf("public: %s\nprivate: %s", public.Body, private.Body)
	}
}

func TestEveryRouteIsDecided(t *testing.T) {
	quiet(t)
	s := started(t)
	routes := chiRoutes(s.app.routes())
	if got := s.pages.Undecided(routes); len(got) > 0 {
		t.Errorf("routes without a caching decision: %q", got)
	}
	if got := s.pages.Unused(routes); len(got) > 0 {
		t.Errorf("decisions without a route: %q", got)
	}
	if got := s.forms.Unused(routes); len(got) > 0 {
		t.Errorf("rules without a route: %q", got)
	}
	var posts []string
	for pattern := range routes {
		if strings.HasPrefix(pattern, "POST ") {
			posts = append(posts, pattern)
		}
	}
	if got := s.forms.Undecided(slices.Values(posts)); len(got) > 0 {
		t.Errorf("forms without a limit: %q", got)
	}
}

func TestChiRoutesAreTranslated(t *testing.T) {
	t.Parallel()
	for route, want := range map[string]string{
		`/l/{id:[0-9]{1,4}}/x`: "/l/{id}/x", "/a/*": "/a/{rest...}", "/m/*/sub/{x}": "/m/sub/{x}", "/s/": "/s/{$}", "/": "/{$}", "/p": "/p",
	} {
		if got := chiPattern(route); got != want {
			t.Errorf("%s became %s, want %s", route, got, want)
		}
	}
}

// TestProductionNeedsItsVariables looks at what a deploy with an empty
// environment gets: every problem at once, status 1, and no port.
func TestProductionNeedsItsVariables(t *testing.T) {
	quiet(t)
	t.Setenv("APP_ENV", "production")
	t.Setenv("WEBHOOK_SECRET", "changeme")
	port, err := net.Listen("tcp", "127.0.0.1:0") // taken: to open it would fail in another way
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = port.Close() }()
	var stdout, stderr bytes.Buffer
	status := command(t.Context(), []string{"-addr", port.Addr().String(), "-state", t.TempDir()}, &stdout, &stderr)
	if status != 1 {
		t.Errorf("exit status %d, want 1", status)
	}
	for _, name := range []string{"SESSION_SECRET", "WEBHOOK_SECRET", "PUBLIC_URL", "ADMIN_EMAIL", "ADMIN_PASSWORD", "SMTP_URL", "MAIL_FROM"} {
		if !strings.Contains(stderr.String(), name) {
			t.Errorf("%s is not named in\n%s", name, stderr.String())
		}
	}
	if strings.Contains(stdout.String()+stderr.String(), "changeme") {
		t.Error("a secret's value was printed")
	}
	if strings.Contains(stderr.String(), "address already in use") {
		t.Error("the port was opened before the environment was right")
	}
}

func TestCheckOpensNoPortAndLeavesTheStateAlone(t *testing.T) {
	quiet(t)
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = port.Close() }()
	state := filepath.Join(t.TempDir(), "not-there-yet")
	var stdout, stderr bytes.Buffer
	if status := command(t.Context(), []string{"-check", "-addr", port.Addr().String(), "-state", state}, &stdout, &stderr); status != 0 {
		t.Fatalf("exit status %d\n%s", status, stderr.String())
	}
	if _, err := os.Stat(state); !os.IsNotExist(err) {
		t.Errorf("-check made the state folder: %v", err)
	}
	for _, want := range []string{"environment: ", "GET /listings/{id}", "POST /login"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is missing in\n%s", want, stdout.String())
		}
	}
	if !strings.Contains(stdout.String(), "configuration ok") {
		t.Error("-check does not say that all is well")
	}
	for name, args := range map[string][]string{
		"a file for a folder": {"-state", "service.go"},
		"no folder can be":    {"-state", "service.go/below"},
		"no database":         {"-state", garbage(t)},
		"an impossible port":  {"-addr", "127.0.0.1:99999"},
		"no port":             {"-addr", "8090"},
		"a private address":   {"-private-addr", "zzz"},
	} {
		stderr.Reset()
		if status := command(t.Context(), append(args, "-check"), io.Discard, &stderr); status != 1 || !strings.Contains(stderr.String(), args[0]+": ") {
			t.Errorf("%s: exit status %d, %s", name, status, stderr.String())
		}
		if status := command(t.Context(), append(args, "-addr", port.Addr().String()), io.Discard, io.Discard); status != 1 {
			t.Errorf("%s, to serve: exit status %d", name, status)
		}
	}
	t.Setenv("REDIS_URL", "https://not.redis.example")
	if status := command(t.Context(), []string{"-check"}, io.Discard, io.Discard); status != 1 {
		t.Errorf("a wrong REDIS_URL: exit status %d, want 1", status)
	}
	if status := command(t.Context(), []string{"-no-such-flag"}, io.Discard, io.Discard); status != 2 {
		t.Errorf("a wrong flag: exit status %d, want 2", status)
	}
}

// garbage returns a folder whose database is none.
func garbage(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, databaseName), bytes.Repeat([]byte("no database "), 100), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestProductionStartsEmpty(t *testing.T) {
	quiet(t)
	for name, value := range map[string]string{
		"APP_ENV": "production", "SESSION_SECRET": "mUZ6c7hWn3QpXv9sRk2bTy5dLf8gJw4a", "WEBHOOK_SECRET": "4aJw8gLf5dTy2bRk9sXv3QpWn7hcUZ6m",
		"PUBLIC_URL": "https://market.test", "ADMIN_EMAIL": "ops@market.test", "ADMIN_PASSWORD": "k7Wq2 zR9f pT4x",
		"SMTP_URL": "smtp://market:vX8rQ2mZ@mail.market.test:587", "MAIL_FROM": "market@market.test",
	} {
		t.Setenv(name, value)
	}
	if status := command(t.Context(), []string{"-check"}, io.Discard, io.Discard); status != 1 {
		t.Errorf("without -state: exit status %d, want 1", status)
	}
	var stderr bytes.Buffer
	s, err := newService(t.Context(), options{addr: "127.0.0.1:8080", state: t.TempDir()}, &stderr, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	var listings int
	if s.cfg.PublicURL != "https://market.test" {
		t.Errorf("PublicURL is %q", s.cfg.PublicURL)
	}
	if err := s.app.db.read.QueryRowContext(t.Context(), "SELECT count(*) FROM listings").Scan(&listings); err != nil || listings != 0 {
		t.Errorf("a new production database holds %d listings, %v", listings, err)
	}
}

// TestNoEarlierAdministratorStays starts with the development administrator
// and then with another one on the same state.
func TestNoEarlierAdministratorStays(t *testing.T) {
	quiet(t)
	state := seededState(t)
	admins := func(email string) (list []string) {
		t.Setenv("ADMIN_EMAIL", email)
		s, err := newService(t.Context(), options{addr: "127.0.0.1:8080", state: state}, io.Discard, zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
		rows, err := s.app.db.read.QueryContext(t.Context(), "SELECT email FROM users WHERE admin = 1")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var one string
			if err := rows.Scan(&one); err != nil {
				t.Fatal(err)
			}
			list = append(list, one)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return list
	}
	for _, email := range []string{developmentAdmin, "ops@market.test", developmentAdmin} {
		if got := admins(email); !slices.Equal(got, []string{email}) {
			t.Errorf("configured %s, administrators are %q", email, got)
		}
	}
}

// TestTheProcessStopsCleanly starts the program as people do and stops it as
// a platform does, with a request under way.
func TestTheProcessStopsCleanly(t *testing.T) {
	quiet(t)
	binary := filepath.Join(t.TempDir(), "marketplace")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), binary, "-addr", "127.0.0.1:0", "-state", seededState(t))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }()
	url := waitFor(t, out, regexp.MustCompile(`listening on (http://\S+)`))
	metrics := waitFor(t, out, regexp.MustCompile(`metrics: (http://\S+)`))
	details := waitFor(t, out, regexp.MustCompile(`health: (http://\S+)`))
	for _, path := range []string{url + "/livez", url + "/listings", metrics, details + "&exclude=database&exclude=disk"} {
		res, err := http.Get(path)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s answered %d", path, res.StatusCode)
		}
	}
	// A request that has begun: the client sends its body once the handler
	// asks for it (100 Continue), so the handler runs when the signal comes.
	body, send := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/webhooks/payment", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Expect", "100-continue")
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	defer client.CloseIdleConnections()
	answer := make(chan int, 1)
	go func() {
		res, err := client.Do(req)
		if err != nil {
			t.Error(err)
			answer <- 0
			return
		}
		_ = res.Body.Close()
		answer <- res.StatusCode
	}()
	_, _ = io.WriteString(send, `{"id":`)
	go func() { _, _ = io.Copy(io.Discard, out) }()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(send, `"x"}`)
	_ = send.Close()
	if got := <-answer; got != http.StatusForbidden {
		t.Errorf("the request under way was answered %d, want 403 for its missing signature", got)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the process ended with %v", err)
	}
}

// waitFor reads out until re matches and returns its group.
func waitFor(t *testing.T, out io.Reader, re *regexp.Regexp) string {
	t.Helper()
	var seen []byte
	for one := make([]byte, 1); ; {
		if _, err := out.Read(one); err != nil {
			t.Fatalf("%v before %s in\n%s", err, re, seen)
		}
		seen = append(seen, one[0])
		if m := re.FindSubmatch(seen); m != nil && one[0] == '\n' {
			return string(m[1])
		}
	}
}
