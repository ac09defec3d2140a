package health_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/launchready/readiness/health"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

//go:noinline
func unlock(key [4]byte) error { panic(key) }

func TestAPanicsStackHoldsNoArgument(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zap.InfoLevel)
		checker, err := health.New(health.Config{Logger: zap.New(core), Checks: []health.Check{
			{Name: "vault", Func: func(context.Context) error { return unlock([4]byte{0xc0, 0xff, 0xee, 0x11}) }},
		}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		go func() { _ = checker.Run(ctx) }()
		synctest.Wait()
		stop()
		synctest.Wait()
		failed := logs.FilterMessage("health check failed").All()
		if len(failed) != 1 {
			t.Fatalf("%d failures in the log", len(failed))
		}
		stack, _ := failed[0].ContextMap()["stack"].(string)
		if !strings.HasPrefix(stack, "github.com/launchready/readiness/health_test.unlock stack_test.go:") || strings.Contains(stack, "0x") {
			t.Errorf("the stack is\n%s", stack)
		}
	})
}
