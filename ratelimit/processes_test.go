package ratelimit_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/launchready/readiness/ratelimit"
)

// processEnv makes of the test binary one of several processes that share a
// limit. Its value is the addresses of the servers: one, or a Cluster.
const processEnv = "RATELIMIT_TEST_PROCESS"

const processLimit = 100

// process takes orders from its standard input, "key number of requests",
// sends as many requests at once, and says how many were admitted.
func process(servers string, in io.Reader, out io.Writer) error {
	addrs := strings.Split(servers, ",")
	client := redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: addrs, IsClusterMode: len(addrs) > 1,
		ContextTimeoutEnabled: true, ReadTimeout: time.Minute, PoolTimeout: time.Minute,
	})
	defer func() { _ = client.Close() }()
	var down atomic.Bool
	l, err := ratelimit.New(ratelimit.Config{
		Rules:  []ratelimit.Rule{rule("a", processLimit)},
		Store:  ratelimit.NewRedisStore(client, ratelimit.RedisConfig{}),
		Secret: secret,
		OnEvent: func(e ratelimit.Event) {
			if e.Kind == ratelimit.StoreDown {
				down.Store(true)
			}
		},
	})
	if err != nil {
		return err
	}
	ratelimit.AlwaysAsk(ratelimit.Patient(l))
	if _, err := fmt.Fprintln(out, "ready"); err != nil {
		return err
	}
	for orders := bufio.NewScanner(in); orders.Scan(); {
		var key string
		var n int
		if _, err := fmt.Sscan(orders.Text(), &key, &n); err != nil {
			return err
		}
		var admitted atomic.Int64
		var all sync.WaitGroup
		for range n {
			all.Go(func() {
				if ok, err := ratelimit.NewRequest(l, ratelimit.Charge{Key: key}).Take(context.Background()); ok && err == nil {
					admitted.Add(1)
				}
			})
		}
		all.Wait()
		if _, err := fmt.Fprintln(out, admitted.Load(), down.Load()); err != nil {
			return err
		}
	}
	return nil
}

// worker is a process as the test sees it.
type worker struct {
	orders  io.WriteCloser
	answers *bufio.Reader
}

func startWorker(t *testing.T, servers []string) *worker {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), processEnv+"="+strings.Join(servers, ","))
	cmd.Stderr = os.Stderr
	orders, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	answers, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = orders.Close() // the process ends with its orders
		_ = cmd.Wait()
	})
	w := &worker{orders: orders, answers: bufio.NewReader(answers)}
	if line, err := w.answers.ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("a process says %q, %v", line, err)
	}
	return w
}

// 2,000 requests for one key at once, from 1, 4 and 16 processes: exactly the
// limit is admitted, every time.
func TestProcessesAdmitExactlyTheLimit(t *testing.T) {
	t.Parallel()
	const requests = 2000
	runs := 20
	if testing.Short() {
		runs = 1
	}
	for _, w := range realWorlds {
		var addrs []string
		for _, node := range w.start(t).nodes {
			addrs = append(addrs, node.Options().Addr)
		}
		for _, processes := range []int{1, 4, 16} {
			t.Run(fmt.Sprintf("%s/%d processes", w.name, processes), func(t *testing.T) {
				workers := make([]*worker, processes)
				for i := range workers {
					workers[i] = startWorker(t, addrs)
				}
				for run := range runs {
					for _, w := range workers {
						if _, err := fmt.Fprintf(w.orders, "%d-%d %d\n", processes, run, requests/processes); err != nil {
							t.Fatal(err)
						}
					}
					sum := 0
					for _, w := range workers {
						line, err := w.answers.ReadString('\n')
						if err != nil {
							t.Fatal(err)
						}
						var admitted int
						var down bool
						if _, err := fmt.Sscan(line, &admitted, &down); err != nil || down {
							t.Fatalf("a process says %q, %v", line, err)
						}
						sum += admitted
					}
					if sum != processLimit {
						t.Errorf("run %d admitted %d of %d, want %d", run, sum, requests, processLimit)
					}
				}
			})
		}
	}
}
