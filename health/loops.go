package health

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// loops are the goroutines beside a server: the Background loops, and after
// them the checks'.
type loops struct {
	done   []chan error  // one result each
	failed chan struct{} // has one element once a loop returned an error
}

// startLoops starts the Background loops and the checks.
func (c *Checker) startLoops(ctx context.Context, background []func(context.Context) error) *loops {
	l := &loops{failed: make(chan struct{}, 1)}
	for i, loop := range background {
		l.start(ctx, fmt.Sprintf("Background[%d]", i), loop)
	}
	l.start(ctx, "checks", func(ctx context.Context) error {
		c.loops(ctx)
		return nil
	})
	return l
}

func (l *loops) start(ctx context.Context, name string, loop func(context.Context) error) {
	done := make(chan error, 1) // with room: one that ends late is not held up
	l.done = append(l.done, done)
	go func() {
		err := loop(ctx)
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			err = nil // its context's end, in other words
		}
		if err != nil {
			err = fmt.Errorf("health: %s: %w", name, err)
			select {
			case l.failed <- struct{}{}:
			default:
			}
		}
		done <- err
	}()
}

// wait waits until every loop has returned, no longer than bound for all of
// them, and returns their errors.
func (l *loops) wait(bound time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	var problems []error
	for i, done := range l.done {
		err, returned := await(done, ctx.Done())
		if !returned {
			name := fmt.Sprintf("Background[%d]", i)
			if i == len(l.done)-1 {
				name = "a check, or OnChange,"
			}
			err = fmt.Errorf("health: %s did not return within %s after its context ended", name, bound)
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}
