package health_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/health"
	"github.com/launchready/readiness/internal/dnstest"
)

// closedPort is an address where nobody listens: the kernel gives it to none.
const closedPort = "127.0.0.1:1"

func TestTCP(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err == nil {
			_, err = c.Read(make([]byte, 1)) // until the check has closed it
			_ = c.Close()
		}
		accepted <- err
	}()
	if err := health.TCP(l.Addr().String())(t.Context()); err != nil {
		t.Errorf("somebody listens: %v", err)
	}
	if err := <-accepted; !errors.Is(err, io.EOF) {
		t.Errorf("the connection was not closed: %v", err)
	}
	_ = l.Close()
	if err := health.TCP(closedPort)(t.Context()); err == nil {
		t.Error("nobody listens, and that is well")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := health.TCP(l.Addr().String())(ctx); err == nil {
		t.Error("it does not heed its context")
	}
}

func TestDNS(t *testing.T) {
	t.Parallel()
	srv := dnstest.Start(t, "db.internal. IN A 192.0.2.1\nsix.internal. IN AAAA 2001:db8::1\n_x.internal. IN A 192.0.2.2\nmail.internal. IN MX 5 db.internal.\nsilent.internal. IN A 192.0.2.3\n",
		map[string]dnstest.Fault{"silent.internal": dnstest.Silent})
	resolver := health.Resolver(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, srv.Addr)
	})
	resolver.PreferGo = true // the C library's would ask another server
	for name, want := range map[string]string{
		"db.internal.": "", "six.internal.": "", "_x.internal.": "",
		"gone.internal.": "no such host", "mail.internal.": "no such host",
	} {
		if err := health.LookUp(resolver, name)(t.Context()); want == "" && err != nil || want != "" && !strings.Contains(text(err), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	// Each look-up would go on for ten seconds; goleak waits for less.
	for range 10 {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		if err := health.LookUp(resolver, "silent.internal.")(ctx); err == nil {
			t.Error("no answer is no failure")
		}
		cancel()
	}
	if err := health.DNS("localhost")(t.Context()); err != nil {
		t.Errorf("the system's resolver does not know localhost: %v", err)
	}
}

// TestChecksThatCannotWorkAreReportedByNew gives each constructor what it
// cannot use.
func TestChecksThatCannotWorkAreReportedByNew(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a.", 126)
	late, beat := health.Heartbeat("late", 0)
	beat(nil) // no panic
	checks := map[string]func(context.Context) error{
		"ping": health.Ping(nil), "redis": health.Redis[*command](nil), "sql": health.SQL(nil), "heartbeat": late.Func,
		"disk without a path": health.DiskFree("", 1), "disk without bytes": health.DiskFree("/", 0),
	}
	for _, address := range []string{"", "db", "db.example/health", "//db.example", "ftp://db.example", "https://", "https://:443", "http://[::1", "http://a b/", "mailto:a@b"} {
		checks["HTTP "+address] = health.HTTP(address)
	}
	for _, addr := range []string{"", "db", "db:", ":25", "db:smtp", "db:0", "db:65536", "db:-1", "db:1:2", "[::1]"} {
		checks["TCP "+addr] = health.TCP(addr)
	}
	for _, name := range []string{"", ".", "a..b", "a b", "192.0.2.1", "2001:db8::1", "db:53", "https://db", "*.db", strings.Repeat("a", 64), long + "aa", "grün"} {
		checks["DNS "+name] = health.DNS(name)
	}
	for name, f := range checks {
		if _, err := health.New(health.Config{Checks: []health.Check{{Name: "ok", Func: well}, {Name: "x", Func: f}}}); !errors.Is(err, health.ErrConfig) || !strings.HasPrefix(err.Error(), "health: Checks[1].Func: is nil") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"db", "db.", "a-b.c_d.example", "xn--grn-hoa.example", long + "a"} {
		if health.DNS(name) == nil {
			t.Errorf("DNS refuses %q", name)
		}
	}
}

func FuzzRemote(f *testing.F) {
	for _, s := range []string{"", "db:25", "[::1]:80", "https://a.example/x?y", "http://[::1%25eth0]:80/", "a.b.", "\x00", "db:+5", "http://a:99999/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if health.TCP(s) != nil {
			host, port, err := net.SplitHostPort(s)
			if n, errPort := strconv.Atoi(port); err != nil || errPort != nil || host == "" || n < 1 || n > 65535 {
				t.Errorf("TCP takes %q", s)
			}
		}
		if health.HTTP(s) != nil {
			if _, err := http.NewRequest(http.MethodGet, s, http.NoBody); err != nil {
				t.Errorf("HTTP takes %q, net/http does not: %v", s, err)
			}
		}
		if health.DNS(s) != nil {
			// What is a host's name can stand in a URL as it is.
			if u, err := url.Parse("http://" + s + "/"); err != nil || u.Hostname() != s || len(s) > 254 {
				t.Errorf("DNS takes %q", s)
			}
		}
	})
}
