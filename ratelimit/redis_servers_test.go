package ratelimit_test

import (
	"context"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/launchready/readiness/internal/redistest"
)

// servers is what a Redis store may count in.
type servers struct {
	// client is what the store uses. It waits as long as a loaded test
	// machine may need, unless the store's Timeout says less.
	client redis.UniversalClient
	// another makes another such client.
	another func(testing.TB) redis.UniversalClient
	// nodes are the servers one by one.
	nodes []*redis.Client
	// replace lets client find other servers, which are empty. It is nil where
	// a client would not.
	replace func(*testing.T)
}

// world starts servers.
type world struct {
	name  string
	start func(testing.TB) *servers
}

// realWorlds are a single redis-server and a Cluster of three.
var realWorlds = []world{{"redis", oneRedis}, {"cluster", threeNodes}}

// redisWorlds are those, miniredis and a Ring of two.
var redisWorlds = append([]world{{"miniredis", oneMiniredis}, {"ring", twoShards}}, realWorlds...)

func oneMiniredis(tb testing.TB) *servers {
	addr := miniredis.RunT(tb).Addr()
	another := func(tb testing.TB) redis.UniversalClient { return connect(tb, addr) }
	return &servers{client: another(tb), another: another, nodes: []*redis.Client{connect(tb, addr)}}
}

func twoShards(tb testing.TB) *servers {
	addrs := map[string]string{"one": miniredis.RunT(tb).Addr(), "two": miniredis.RunT(tb).Addr()}
	another := func(tb testing.TB) redis.UniversalClient {
		client := redis.NewRing(&redis.RingOptions{
			Addrs: addrs, ContextTimeoutEnabled: true, ReadTimeout: time.Minute, PoolTimeout: time.Minute,
		})
		tb.Cleanup(func() { _ = client.Close() })
		return client
	}
	return &servers{client: another(tb), another: another}
}

func oneRedis(tb testing.TB) *servers {
	var addr atomic.Value
	addr.Store(redistest.Start(tb))
	var dialer net.Dialer
	another := func(tb testing.TB) redis.UniversalClient {
		client := redis.NewClient(&redis.Options{
			ContextTimeoutEnabled: true, ReadTimeout: time.Minute, PoolTimeout: time.Minute,
			Dialer: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, addr.Load().(string))
			},
		})
		tb.Cleanup(func() { _ = client.Close() })
		return client
	}
	s := &servers{client: another(tb), another: another, nodes: []*redis.Client{connect(tb, addr.Load().(string))}}
	s.replace = func(t *testing.T) {
		addr.Store(redistest.Start(t))
		s.nodes = []*redis.Client{connect(t, addr.Load().(string))}
	}
	return s
}

func threeNodes(tb testing.TB) *servers {
	s := &servers{}
	addrs := redistest.StartCluster(tb)
	for _, addr := range addrs {
		s.nodes = append(s.nodes, connect(tb, addr))
	}
	s.another = func(tb testing.TB) redis.UniversalClient {
		client := redis.NewClusterClient(&redis.ClusterOptions{
			Addrs: addrs, ContextTimeoutEnabled: true, ReadTimeout: time.Minute, PoolTimeout: time.Minute,
		})
		tb.Cleanup(func() { _ = client.Close() })
		return client
	}
	s.client = s.another(tb)
	return s
}

// pid returns the process of a server.
func pid(t *testing.T, node *redis.Client) int {
	t.Helper()
	info, err := node.Info(t.Context(), "server").Result()
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(info, "process_id:")
	text, _, _ := strings.Cut(rest, "\r\n")
	n, err := strconv.Atoi(text)
	if err != nil || n < 2 {
		t.Fatalf("process_id %q", text)
	}
	return n
}
