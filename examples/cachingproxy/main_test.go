package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestUsage(t *testing.T) {
	t.Parallel()
	const secret = "s3cret-of-redis"
	origin := []string{"-origin", "http://127.0.0.1:9000"}
	tests := []struct {
		name   string
		args   []string
		status int
		says   []string
	}{
		{"help", []string{"--help"}, 0, []string{"-listen", "-origin", "-pass", "-redis", "/account", "REDIS_URL"}},
		{"nothing", nil, 2, []string{"-origin: write the scheme and the host", "such as http://127.0.0.1:9000"}},
		{"host alone", []string{"-origin", "127.0.0.1:9000"}, 2, []string{"-origin: write"}},
		{"scheme alone", []string{"-origin", "http://"}, 2, []string{"-origin: write"}},
		{"other scheme", []string{"-origin", "ftp://127.0.0.1"}, 2, []string{"-origin: write"}},
		{"path", []string{"-origin", "http://127.0.0.1/shop"}, 2, []string{"-origin: write"}},
		{"query", []string{"-origin", "http://127.0.0.1?x"}, 2, []string{"-origin: write"}},
		{"password in the origin", []string{"-origin", "http://me:" + secret + "@127.0.0.1"}, 2, []string{"-origin: write"}},
		{"everything", append(origin, "-pass", "/"), 2, []string{`-pass: "/"`, "such as /account"}},
		{
			"prefixes", append(origin, "-pass", "account", "-pass", "/a/../b", "-pass", "/a//b", "-pass", "/{id}", "-pass", "/a?b", "-pass", "", "-pass", "/a//"), 2,
			[]string{`"account"`, `"/a/../b"`, `"/a//b"`, `"/{id}"`, `"/a?b"`, `""`, `"/a//"`},
		},
		{"no Redis", append(origin, "-redis", "http://:"+secret+"@127.0.0.1"), 2, []string{"-redis (or REDIS_URL): not", "redis://HOST:PORT"}},
		{"broken Redis", append(origin, "-redis", "redis://:"+secret+"@127.0.0.1:x/%"), 2, []string{"-redis (or REDIS_URL): not"}},
		{"space after a flag", append(origin, "-redis=", "redis://:"+secret+"@127.0.0.1"), 2, []string{"belongs to no flag: write -flag=VALUE"}},
		{"every problem", []string{"-pass", "x", "-redis", "y", "z"}, 2, []string{"-origin", "-pass", "-redis", "belongs to no flag"}},
		{"unknown flag", append(origin, "-ttl", "1m"), 2, []string{"-ttl"}},
		{"no port", append(origin, "-listen", "127.0.0.1"), 1, []string{"-listen: ", "write a free HOST:PORT"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			status := command(t.Context(), tt.args, &stdout, &stderr)
			if status != tt.status {
				t.Errorf("exit status %d, want %d", status, tt.status)
			}
			for _, want := range tt.says {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("want %q in:\n%s", want, stderr.String())
				}
			}
			if strings.Contains(stderr.String()+stdout.String(), secret) {
				t.Errorf("the password was printed:\n%s%s", stdout.String(), stderr.String())
			}
		})
	}
}

func TestTakenPortIsNamed(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	var stderr bytes.Buffer
	if status := command(t.Context(), []string{"-origin", "http://127.0.0.1:9000", "-listen", taken.Addr().String()}, io.Discard, &stderr); status != 1 || !strings.Contains(stderr.String(), "-listen: ") {
		t.Errorf("exit status %d:\n%s", status, stderr.String())
	}
}

func TestPrefixesAreDecidedOnce(t *testing.T) {
	t.Parallel()
	o := options{origin: "https://origin.example/", pass: prefixes{"/account/", "/account", "/admin"}}
	s, err := o.settings()
	if err != nil {
		t.Fatal(err)
	}
	var patterns []string
	for _, p := range s.policies {
		patterns = append(patterns, p.Pattern)
	}
	if got, want := strings.Join(patterns, ", "), "GET /, GET /account, GET /account/, GET /admin, GET /admin/"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// proxy is a running proxy.
type proxy struct {
	url  string
	stop func() (status int, stderr string) // as SIGTERM does; may be called again
}

// start runs the command in front of origin until the test ends.
func start(t *testing.T, origin string, args ...string) *proxy {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	var stderr bytes.Buffer // the logger locks it; read when the command has ended
	done := make(chan struct{})
	status := 0
	go func() {
		defer close(done)
		status = command(ctx, append([]string{"-listen", "127.0.0.1:0", "-origin", origin}, args...), in, &stderr)
		_ = in.Close()
	}()
	p := &proxy{stop: func() (int, string) {
		cancel()
		<-done
		return status, stderr.String()
	}}
	t.Cleanup(func() { p.stop() })
	line := make([]byte, 256)
	n, err := out.Read(line)
	if err != nil {
		_, text := p.stop()
		t.Fatalf("it did not start: %s", text)
	}
	p.url = strings.TrimSpace(strings.TrimPrefix(string(line[:n]), "listening on "))
	return p
}
