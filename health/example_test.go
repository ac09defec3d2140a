package health_test

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
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

// A worker that nobody waits for, and that everybody should hear of when it
// stands still.
func ExampleHeartbeat() {
	check, beat := health.Heartbeat("mail worker", time.Minute)
	probes, err := health.New(health.Config{Checks: []health.Check{check}})
	if err != nil {
		fmt.Println(err)
		return
	}
	sendMail := func(context.Context) error { return errors.New("no route to host") }
	worker := func(ctx context.Context) error { // stands in ServeConfig.Background
		tick := time.NewTicker(10 * time.Second)
		defer tick.Stop()
		for {
			beat(sendMail(ctx))
			select {
			case <-tick.C:
			case <-ctx.Done():
				return nil
			}
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	fmt.Println(worker(ended)) // one round
	fmt.Println(check.Func(context.Background()))
	fmt.Println(len(probes.Snapshot().Checks), check.Required)
	// Output:
	// <nil>
	// no route to host
	// 1 false
}

// Details are for those who run the service. Here they need a token; an
// address that only the cluster reaches will do as well.
func ExampleChecker_DetailsHandler() {
	probes, err := health.New(health.Config{Release: "v1.2.3", Checks: []health.Check{
		{Name: "payments", Func: health.HTTP("https://api.payments.example/livez")},
		{Name: "disk", Func: health.DiskFree("/", 1<<30)},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	const token = "ZWlnaHQtYW5kLXR3ZW50eS1ieXRlcw" // from the environment
	want := sha256.Sum256([]byte("Bearer " + token))
	details := probes.DetailsHandler()
	private := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := sha256.Sum256([]byte(r.Header.Get("Authorization")))
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			http.NotFound(w, r)
			return
		}
		details.ServeHTTP(w, r)
	})
	for _, authorization := range []string{"", "Bearer " + token} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/details?verbose&exclude=disk", http.NoBody)
		r.Header.Set("Authorization", authorization)
		private.ServeHTTP(w, r)
		line, _, _ := strings.Cut(w.Body.String(), " since ")
		fmt.Println(w.Code, line)
	}
	// Output:
	// 404 404 page not found
	//
	// 503 [-]payments starting
}

// What can be pinged needs no more than its own method.
func ExampleRedis() {
	client := newRedisClient() // github.com/redis/go-redis, say
	ask := health.Redis(client.Ping)
	fmt.Println(ask(context.Background()))
	// Output: <nil>
}

type redisClient struct{}

func newRedisClient() redisClient { return redisClient{} }

func (redisClient) Ping(context.Context) *command { return new(command) }

func ExampleNew_configErrors() {
	_, err := health.New(health.Config{Checks: []health.Check{
		{Name: "database", Interval: 15},
	}})
	fmt.Println(err)
	// Output:
	// health: Checks[0].Func: is nil: set the function that looks at the dependency; HTTP, TCP and the like return nil for what they cannot look at, such as a URL without https://
	// health: Checks[0].Interval: must be at least 1ms, got 15ns: use 0 for the default of 15s, or give a unit such as time.Second
}
