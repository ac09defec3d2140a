package redistest_test

import (
	"bufio"
	"net"
	"os/exec"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/launchready/readiness/internal/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func ping(t *testing.T, addr string) (string, error) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Write([]byte("PING\r\n")); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	return strings.TrimSpace(line), err
}

func TestStartServesUntilTheTestEnds(t *testing.T) {
	t.Parallel()
	var addr string
	t.Run("server", func(t *testing.T) {
		addr = redistest.Start(t)
		if got, err := ping(t, addr); err != nil || got != "+PONG" {
			t.Fatalf("PING gave %q, %v", got, err)
		}
		if other := redistest.Start(t); other == addr {
			t.Error("two servers share an address")
		}
	})
	if addr == "" {
		t.Skip("redis-server is not installed")
	}
	if got, err := ping(t, addr); err == nil {
		t.Errorf("the server still answers %q after its test", got)
	}
}

// recorder is a TB that remembers how the test ended.
type recorder struct {
	testing.TB
	skipped, failed bool
}

func (r *recorder) Skipf(string, ...any)  { r.skipped = true }
func (r *recorder) Fatalf(string, ...any) { r.failed = true }

func TestStartWithoutRedis(t *testing.T) { // sets the environment: not parallel
	for _, tt := range []struct {
		name, ci     string
		skips, fails bool
	}{
		{name: "a plain go test skips", ci: "", skips: true},
		{name: "CI fails", ci: "true", fails: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("PATH", t.TempDir())
			t.Setenv("CI", tt.ci)
			if _, err := exec.LookPath("redis-server"); err == nil {
				t.Fatal("the empty PATH still has a redis-server")
			}
			r := &recorder{TB: t}
			if addr := redistest.Start(r); addr != "" || r.skipped != tt.skips || r.failed != tt.fails {
				t.Errorf("got %q, skipped %t, failed %t", addr, r.skipped, r.failed)
			}
		})
	}
}
