package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"github.com/launchready/readiness/smoke"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	leaks, err := smoke.StagedSecrets(ctx, ".")
	for _, l := range leaks {
		fmt.Fprintln(os.Stderr, l)
	}
	var unread *smoke.UnreadError
	switch {
	case len(leaks) > 0:
		fmt.Fprintln(os.Stderr, "Not committed: take the secrets out. What is none gets readiness:allow on its line, or its fingerprint in .readinessignore.")
		os.Exit(1)
	case errors.As(err, &unread): // a large file does not stand in the way
		fmt.Fprintln(os.Stderr, err)
	case err != nil:
		fmt.Fprintln(os.Stderr, "Not committed:", err)
		os.Exit(1)
	}
}
