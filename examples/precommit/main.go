package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/launchready/readiness/smoke"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	status := run(ctx, os.Stderr)
	stop()
	os.Exit(status)
}

// run tells what stands in the way of a commit, and returns 0 for nothing.
func run(ctx context.Context, stderr io.Writer) int {
	leaks, err := smoke.StagedSecrets(ctx, ".")
	for _, l := range leaks {
		_, _ = fmt.Fprintln(stderr, l)
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, err)
	}
	var unread *smoke.UnreadError
	switch {
	case len(leaks) > 0:
		_, _ = fmt.Fprintln(stderr, "Not committed: take the secrets out. What is none gets readiness:allow on its line, or its fingerprint in .readinessignore.")
		return 1
	case err != nil && !errors.As(err, &unread): // a large file does not stand in the way
		_, _ = fmt.Fprintln(stderr, "Not committed: what is staged could not be looked at.")
		return 1
	default:
		return 0
	}
}
