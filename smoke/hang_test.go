package smoke_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/smoke"
)

// switching answers every request with 101 and is silent then, as a proxy for
// WebSockets that is set up for all paths does. net/http hands such a
// connection over, and bounds it no more.
func switching(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 4<<10)) // the request
			_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
			_, _ = c.Read(make([]byte, 1)) // until the client goes away
			_ = c.Close()
		}
	}()
	return "http://" + l.Addr().String()
}

func TestAChangeOfProtocolHangsNothing(t *testing.T) {
	t.Parallel()
	address := switching(t)
	r := checkConfig(t, smoke.Config{URL: address, Steps: []smoke.Step{smoke.Page("/")}})
	failed(t, r, "GET / answered 101 Switching Protocols, expected 200")

	cfg := smoke.Config{Handler: newSite(inInput).handler(), Steps: []smoke.Step{smoke.Page("/")}, Settling: smoke.Settling{Path: "/healthz"}, LookupEnv: credentials}
	var stdout, stderr strings.Builder
	status := smoke.RunCommand(t.Context(), cfg, []string{"-release", "v2", "-deploy-hook", address + "/hook0123456789"}, &stdout, &stderr, false)
	if status != 1 || !strings.Contains(stdout.String(), "the hook answered 101 Switching Protocols, so no deploy was started") {
		t.Errorf("status %d\n%s%s", status, stdout.String(), stderr.String())
	}
}

// A transport of the user's own may read on whatever the context says.
func TestABodyThatHeedsNoContext(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	defer func() { _ = w.Close() }()
	client := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: r}, nil
	})}
	report := checkConfig(t, smoke.Config{URL: "https://smoke.test", Client: client, Timeout: 20 * time.Millisecond, Steps: []smoke.Step{smoke.Page("/")}})
	failed(t, report, "GET /: the answer was not complete after 20ms")
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestMailboxesThatMisbehave(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	defer close(release)
	for name, tt := range map[string]struct {
		mailbox func(context.Context, string) (string, error)
		want    string
	}{
		"panics":                {func(context.Context, string) (string, error) { panic("imap: bob@market.example") }, "the Mailbox panicked"},
		"heeds no context":      {func(context.Context, string) (string, error) { <-release; return "", nil }, "the time of the run is over"},
		"ends with its context": {func(ctx context.Context, _ string) (string, error) { <-ctx.Done(); return "", ctx.Err() }, "the time of the run is over"},
	} {
		su := signup("", nil)
		su.Mailbox = tt.mailbox
		r := checkConfig(t, smoke.Config{Handler: (&club{}).handler(), RunTimeout: 200 * time.Millisecond, Steps: []smoke.Step{su.Step()}})
		if s := r.Steps[0]; s.Outcome == smoke.OK || !strings.Contains(s.Verdict+s.Detail, tt.want) || strings.Contains(s.Verdict+s.Detail, "bob@") {
			t.Errorf("%s: %s %q\n%s", name, s.Outcome, s.Verdict, s.Detail)
		}
	}
}

// What a snapshot says of its numbers is somebody else's word.
func TestASnapshotOfManyRequests(t *testing.T) {
	t.Parallel()
	r := checkConfig(t, liveConfig(snapshot(route("/", 9_000_000_000_000_000_000, 1, 0, 0)), smoke.Live{}))
	if r.Err() != nil {
		t.Error(r.Err())
	}
	for n, want := range map[int]int{9_999: 537, 10_000: 537, 10_001: 537, 100_000: 5114, 1_000_000: 50_359} {
		if got := smoke.SlowNeeded(n); got < want-1 || got > want+1 {
			t.Errorf("%d of %d calls, want about %d", got, n, want)
		}
	}
}

func TestAMailThatDoesNotComeSaysWhy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		su := signup("", nil)
		su.Mailbox = func(ctx context.Context, _ string) (string, error) {
			<-ctx.Done()
			return "", errors.Join(errors.New("the mailbox answered 401 Unauthorized"), ctx.Err())
		}
		r := checkConfig(t, smoke.Config{Handler: (&club{}).handler(), Steps: []smoke.Step{su.Step()}})
		failed(t, r, "no mail with the link came within 2m0s: the mailbox answered 401 Unauthorized")
	})
}
