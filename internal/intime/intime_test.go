package intime_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/internal/intime"
)

func TestDo(t *testing.T) {
	t.Parallel()
	errOwn := errors.New("own")
	tests := []struct {
		name string
		f    func() error
		want error
	}{
		{"nothing", func() error { return nil }, nil},
		{"an error", func() error { return errOwn }, errOwn},
		{"a panic", func() error { panic("secret") }, intime.ErrPanic},
		{"too slow", func() error { time.Sleep(time.Minute); return nil }, context.DeadlineExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				began := time.Now()
				if err := intime.Do(ctx, tt.f); !errors.Is(err, tt.want) {
					t.Errorf("got %v, want %v", err, tt.want)
				}
				if took := time.Since(began); took > time.Second {
					t.Errorf("took %s", took)
				}
				time.Sleep(time.Minute) // f ends by itself
			})
		})
	}
}
