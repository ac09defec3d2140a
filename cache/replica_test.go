package cache_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/internal/redistest"
)

// The environment of another process of this program, which is a replica.
const (
	replicaRedis  = "READINESS_TEST_REPLICA_REDIS"
	replicaData   = "READINESS_TEST_REPLICA_DATA" // the address of the data
	replicaStrict = "READINESS_TEST_REPLICA_STRICT"
)

func replicaStore(t *testing.T, addr string, strict bool) cache.Store {
	t.Helper()
	// The timeout leaves time for a connection that is made anew.
	return cache.NewRedisStore(client(t, addr), cache.RedisConfig{Strict: strict, Timeout: 2 * time.Second})
}

// TestReplicaProcess is the replica in the other process. It writes its
// address and serves until its input ends.
func TestReplicaProcess(t *testing.T) {
	addr := os.Getenv(replicaRedis)
	if addr == "" {
		t.Skip("it is started by TestTwoProcesses")
	}
	strict := os.Getenv(replicaStrict) == "true"
	store := replicaStore(t, addr, strict)
	s := newSite(t, cache.Config{Store: store}, func(w http.ResponseWriter, r *http.Request) {
		resp, err := http.Get(os.Getenv(replicaData) + r.URL.Path)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = resp.Body.Close() }()
		_, _ = io.Copy(w, resp.Body)
	})
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	if strict {
		inBackground(t, s.cache)
	} else {
		leased(t, s.cache, store)
	}
	fmt.Println("replica", s.server.URL)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// startReplica starts the other process and returns its address.
func startReplica(t *testing.T, addr, data string, strict bool) string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestReplicaProcess$", "-test.v")
	cmd.Env = append(os.Environ(), replicaRedis+"="+addr, replicaData+"="+data, replicaStrict+"="+strconv.FormatBool(strict))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var said []string
	t.Cleanup(func() {
		_ = in.Close()
		for lines.Scan() {
			said = append(said, lines.Text())
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the replica: %v\n%s", err, strings.Join(said, "\n"))
		}
	})
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "replica "); ok {
			return url
		}
		said = append(said, lines.Text())
	}
	t.Fatalf("the replica does not start:\n%s", strings.Join(said, "\n"))
	return ""
}

// purges is a history: what was purged, and when that returned.
type purges struct {
	mu       sync.Mutex
	returned []time.Time // of the purge of each number, from 1 on
}

func (p *purges) add() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.returned = append(p.returned, time.Now())
}

// before returns the number of the last purge of a page, of several that take
// turns, that had returned at a time.
func (p *purges) before(at time.Time, page, pages int) (number int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.returned); i > 0; i-- {
		if i%pages == page && p.returned[i-1].Before(at) {
			return i
		}
	}
	return 0
}

// Two processes and one Redis, which kills every connection again and again:
// no page is served after its purge has returned to the other process, or
// past the lease.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	const pages = 4
	total := 2000
	if testing.Short() {
		total = 200
	}
	for _, strict := range []bool{true, false} {
		t.Run(map[bool]string{true: "strict", false: "leased"}[strict], func(t *testing.T) {
			t.Parallel()
			addr := redistest.Start(t)
			var data [pages]atomic.Int64 // the number of the last change of each page
			values := func(w http.ResponseWriter, r *http.Request) {
				page, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/page/"))
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = fmt.Fprint(w, data[page].Load())
			}
			source := httptest.NewServer(http.HandlerFunc(values))
			t.Cleanup(source.Close)
			replica := startReplica(t, addr, source.URL, strict)
			here := newSite(t, cache.Config{Store: replicaStore(t, addr, strict)}, values)

			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var background sync.WaitGroup
			defer background.Wait()
			defer cancel()
			var kills atomic.Int64
			background.Go(func() {
				admin := client(t, addr)
				tick := time.NewTicker(20 * time.Millisecond)
				defer tick.Stop()
				for {
					select {
					case <-tick.C:
						if admin.Do(ctx, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes").Err() == nil {
							kills.Add(1)
						}
					case <-ctx.Done():
						return
					}
				}
			})

			var done purges
			bound := cache.LeaseFor
			if strict {
				bound = 0
			}
			var hits, reads atomic.Int64
			look := func(page int) {
				floor := done.before(time.Now().Add(-bound), page, pages)
				resp, err := http.Get(fmt.Sprintf("%s/page/%d", replica, page))
				if err != nil {
					t.Error(err)
					return
				}
				defer func() { _ = resp.Body.Close() }()
				body, err := io.ReadAll(resp.Body)
				if err != nil {
					t.Error(err)
				}
				reads.Add(1)
				if strings.Contains(resp.Header.Get("Cache-Status"), "; hit") {
					hits.Add(1)
				}
				if n, err := strconv.Atoi(string(body)); err != nil || n < floor {
					t.Errorf("page %d is of change %q, and change %d was purged more than %s before", page, body, floor, bound)
				}
			}
			background.Go(func() {
				for i := 0; ctx.Err() == nil && !t.Failed(); i++ {
					look(i % pages)
				}
			})
			for i := 1; i <= total && !t.Failed(); i++ {
				page := i % pages
				data[page].Store(int64(i))
				for here.cache.Purge(t.Context(), fmt.Sprintf("page:%d", page)) != nil && !t.Failed() {
					select { // refused while Redis is left alone
					case <-time.After(50 * time.Millisecond):
					case <-ctx.Done():
					}
				}
				done.add()
				if strict || i%20 == 0 {
					look(page)
				}
			}
			// Until the last purge is one that everybody must have heard of.
			for page := range pages {
				until(t, func() bool {
					look(page)
					return t.Failed() || done.before(time.Now().Add(-bound), page, pages) > total-pages
				})
			}
			t.Logf("%d reads, %d of them hits, %d times all connections killed", reads.Load(), hits.Load(), kills.Load())
			if hits.Load() < 100 || kills.Load() == 0 {
				t.Errorf("%d hits, %d kills: nothing was tried", hits.Load(), kills.Load())
			}
		})
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
}
