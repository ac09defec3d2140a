package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"go.uber.org/zap"
)

// A temporary main, until the wiring stands: the bare application.
func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "marketplace-")
	if err != nil {
		return err
	}
	var secrets [3]string
	for i := range secrets {
		if secrets[i], err = randomID(); err != nil {
			return err
		}
	}
	const addr = "127.0.0.1:8080"
	a, err := newApp(ctx, appConfig{
		StateDir: dir, SessionSecret: []byte(secrets[0]), WebhookSecret: []byte(secrets[1]), PublicURL: "http://" + addr,
		AdminEmail: "admin@example.org", AdminPassword: secrets[2], Release: "dev", Log: zap.NewExample(),
	})
	if err != nil {
		return err
	}
	fmt.Printf("http://%s/  state %s  admin@example.org %s\n", addr, dir, secrets[2])
	server := &http.Server{Addr: addr, Handler: a.routes(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = a.runOutbox(ctx) }()
	return server.ListenAndServe()
}
