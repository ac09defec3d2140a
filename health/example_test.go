package health_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"time"

	"github.com/launchready/readiness/health"
)

func Example() {
	mailSent := make(chan struct{})
	probes, err := health.New(health.Config{Checks: []health.Check{
		{Name: "database", Func: func(context.Context) error { return nil }, Required: true},
		{Name: "mail", Func: func(context.Context) error { defer close(mailSent); return errors.New("no route to host") }, Interval: time.Hour},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	get := func(h http.Handler) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", http.NoBody))
		fmt.Println(w.Code, w.Body)
	}
	get(probes.ReadyHandler()) // before Run

	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error)
	go func() { ran <- probes.Run(ctx) }()
	<-mailSent
	for probes.Snapshot().State == health.Starting {
		runtime.Gosched()
	}
	get(probes.ReadyHandler()) // the mail server is down, which takes nobody out
	for _, check := range probes.Snapshot().Checks {
		fmt.Printf("%s is %s %q\n", check.Name, check.State, check.LastError)
	}

	cancel()
	fmt.Println(<-ran)
	get(probes.ReadyHandler())
	// Output:
	// 503 {"status":"fail"}
	// 200 {"status":"warn"}
	// database is passing ""
	// mail is degraded "no route to host"
	// <nil>
	// 503 {"status":"fail"}
}

func ExampleNew_configErrors() {
	_, err := health.New(health.Config{Checks: []health.Check{
		{Name: "database", Interval: 15},
	}})
	fmt.Println(err)
	// Output:
	// health: Checks[0].Func: is nil: set the function that looks at the dependency; HTTP, TCP and the like return nil for what they cannot look at, such as a URL without https://
	// health: Checks[0].Interval: must be at least 1ms, got 15ns: use 0 for the default of 15s, or give a unit such as time.Second
}
