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

// ask sends one inline command and returns the first line of its reply.
func ask(t *testing.T, addr, command string) (string, error) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Write([]byte(command + "\r\n")); err != nil {
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
		if got, err := ask(t, addr, "PING"); err != nil || got != "+PONG" {
			t.Fatalf("PING gave %q, %v", got, err)
		}
		if other := redistest.Start(t); other == addr {
			t.Error("two servers share an address")
		}
	})
	if addr == "" {
		t.Skip("redis-server is not installed")
	}
	if got, err := ask(t, addr, "PING"); err == nil {
		t.Errorf("the server still answers %q after its test", got)
	}
}

// Every node serves its own slots and knows who serves the others.
func TestStartClusterServesEverySlot(t *testing.T) {
	t.Parallel()
	var addrs []string
	t.Run("cluster", func(t *testing.T) {
		addrs = redistest.StartCluster(t)
		if len(addrs) != 3 {
			t.Fatalf("%d nodes: %q", len(addrs), addrs)
		}
		served := map[string]int{}
		for _, key := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			owner := ""
			for _, addr := range addrs {
				got, err := ask(t, addr, "SET "+key+" 1")
				if err != nil {
					t.Fatal(err)
				}
				if got == "+OK" {
					owner = addr
				}
			}
			served[owner]++
			for _, addr := range addrs {
				got, err := ask(t, addr, "GET "+key)
				if err != nil {
					t.Fatal(err)
				}
				if addr == owner && got != "$1" || addr != owner && !strings.HasSuffix(got, " "+owner) {
					t.Errorf("%s is served by %q, and %s says %q", key, owner, addr, got)
				}
			}
		}
		if len(served) != 3 || served[""] > 0 {
			t.Errorf("the keys are served by %v", served)
		}
	})
	if len(addrs) == 0 {
		t.Skip("redis-server is not installed")
	}
	for _, addr := range addrs {
		if got, err := ask(t, addr, "PING"); err == nil {
			t.Errorf("%s still answers %q after its test", addr, got)
		}
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
				t.Errorf("Start: got %q, skipped %t, failed %t", addr, r.skipped, r.failed)
			}
			r = &recorder{TB: t}
			if addrs := redistest.StartCluster(r); addrs != nil || r.skipped != tt.skips || r.failed != tt.fails {
				t.Errorf("StartCluster: got %q, skipped %t, failed %t", addrs, r.skipped, r.failed)
			}
		})
	}
}
