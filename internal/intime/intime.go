// Package intime calls what belongs to somebody else and may not come back.
package intime

import (
	"context"
	"errors"
)

// ErrPanic is what Do returns where f panicked. It does not say with what,
// which may be anything.
var ErrPanic = errors.New("panic")

// Do calls f and returns its error. Where ctx ends first it returns ctx's
// error and leaves f, which should heed ctx, to end by itself.
func Do(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if recover() != nil {
				done <- ErrPanic
			}
		}()
		done <- f()
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
