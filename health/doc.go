// Package health serves liveness, readiness and startup probes, and stops a
// server without dropping a request, given the time for load balancers to
// notice ([ServeConfig], Delay).
//
//	probes, err := health.New(health.Config{
//		Checks: []health.Check{{Name: "database", Func: db.PingContext, Required: true}},
//		Logger: log,
//	})
//	if err != nil {
//		return err
//	}
//	mux.Handle("/livez", probes.LiveHandler())
//	mux.Handle("/readyz", probes.ReadyHandler())
//	mux.Handle("/startupz", probes.StartupHandler())
//	return probes.Serve(ctx, &http.Server{Addr: ":8080", Handler: mux}, health.ServeConfig{Delay: 5 * time.Second})
//
// # What a probe may cost
//
// Checks run in the background, each in its own goroutine at its own
// interval and under a context of its own. The handlers only read what the
// last runs found: a probe never waits for a dependency, a thousand probes at
// once cause no run more, and a client that disconnects spoils nothing.
//
// # What a probe may break
//
// Liveness is about this process alone: no check can be attached to it,
// because a slow database would then restart the whole fleet, one replica
// after the other. Readiness takes a replica out of the load balancer, and a
// dependency that all replicas share takes all of them out at once. A failing
// check therefore only degrades readiness: it answers 200 with the word
// "warn". Only a check that is marked Required, and that failed FailAfter
// times in a row or never passed at all, makes it answer 503. Startup says
// that every check has been tried once; what they found is no matter for it,
// so that it, too, cannot restart anything on behalf of a dependency.
//
// # What a probe tells
//
// The public bodies are one word, as application/health+json: "pass", "warn"
// or "fail". Names, errors and durations are in [Checker.Snapshot], for code
// that decides who may read them. The log names checks and says whether they
// failed, hung or panicked; it never holds an error's text, which may hold
// what a driver was told to connect with.
//
// # Checks that misbehave
//
// A check whose run outlives its Timeout has failed, although the run itself
// cannot be stopped from outside: it is not started again until it returned,
// so a dependency that hangs holds one goroutine and not one more each
// interval, and each interval that passes meanwhile counts as one more
// failure. A panic in a check is a failure of that check.
package health
