package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestTheREADMEShowsThisProgram keeps the README's main function one that
// compiles, and that the tests below have run.
func TestTheREADMEShowsThisProgram(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(readme), "```go\n")
	block, _, closed := strings.Cut(block, "```")
	if !found || !closed || block != string(program) {
		t.Error("the README's Go block is not examples/quickstart/main.go: copy the file into it")
	}
}

func TestRunStopsWhereTheSecretIsMissing(t *testing.T) {
	t.Setenv("SESSION_SECRET", "")
	t.Setenv("REDIS_URL", "nonsense")
	err := run(t.Context(), zap.NewNop())
	if err == nil || !strings.Contains(err.Error(), "SESSION_SECRET") || !strings.Contains(err.Error(), "REDIS_URL") {
		t.Errorf("got %v, want both variables named", err)
	}
}

func TestRunServesAndStops(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	_ = free.Close()
	t.Setenv("SESSION_SECRET", "mUZ6c7hWn3QpXv9sRk2bTy5dLf8gJw4a")
	t.Setenv("REDIS_URL", "")
	t.Setenv("ADDR", addr)
	t.Setenv("DOMAIN", "") // tests ask nobody outside
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- run(ctx, zap.NewNop()) }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	get := func(path string) (int, string, http.Header) {
		for deadline := time.Now().Add(20 * time.Second); ; {
			res, err := client.Get("http://" + addr + path)
			if err == nil {
				body, _ := io.ReadAll(res.Body)
				_ = res.Body.Close()
				if res.StatusCode != http.StatusServiceUnavailable { // starting
					return res.StatusCode, string(body), res.Header
				}
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: %v", path, err)
			}
		}
	}
	if status, _, _ := get("/readyz"); status != http.StatusOK {
		t.Errorf("/readyz answered %d", status)
	}
	get("/listings")
	if _, body, h := get("/listings"); body != "Listings\n" || !strings.Contains(h.Get("Cache-Status"), "hit") {
		t.Errorf("/listings: %q, Cache-Status %q", body, h.Get("Cache-Status"))
	}
	limited := 0
	for i := range 25 {
		res, err := client.Post("http://"+addr+"/login/", "application/json", strings.NewReader(fmt.Sprintf(`{"email":"%d@example.org"}`, i)))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited != 5 {
		t.Errorf("%d of 25 logins were limited, want 5", limited)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
