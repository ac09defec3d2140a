// Package health serves liveness, readiness and startup probes, and stops a
// server without dropping a request, given the time for load balancers to
// notice ([ServeConfig], Delay).
//
//	probes, err := health.New(health.Config{
//		Checks: []health.Check{
//			{Name: "database", Func: health.SQL(db), Required: true},
//			{Name: "redis", Func: health.Redis(client.Ping)},
//			{Name: "disk", Func: health.DiskFree("/var/lib/market", 1<<30)},
//		},
//		Logger: log,
//	})
//	if err != nil {
//		return err
//	}
//	mux.Handle("/livez", probes.LiveHandler())
//	mux.Handle("/readyz", probes.ReadyHandler())
//	mux.Handle("/startupz", probes.StartupHandler())
//	private.Handle("/health", probes.DetailsHandler()) // another listener, for operators only
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
// that every check has been tried once, or that StartupTimeout has passed;
// what they found is no matter for it, so that it, too, cannot restart
// anything on behalf of a dependency. What to assume of a check until its
// first result is its Initial state.
//
// # What to check
//
// [SQL], [Redis], [Ping], [HTTP], [TCP], [DNS] and [DiskFree] look at what most
// services stand on; any func(context.Context) error does the same for the
// rest. [Heartbeat] watches a background worker. Where a check is another
// service, ask for its liveness: services that wait for each other's readiness
// wait for ever, and those that call one another's readiness endpoints pass an
// outage on. As probes only read, at least no circle of calls can come of it.
//
// # What a probe tells
//
// The public bodies are one word, as application/health+json: "pass", "warn"
// or "fail". Names, errors and durations are in [Checker.DetailsHandler], which
// belongs on a private address or behind a token, and in [Checker.Snapshot],
// for code that decides who may read them. Config.OnChange is told of every
// change of state. The log names checks and says whether they failed, hung,
// panicked or went stale; it never holds an error's text, which may hold what
// a driver was told to connect with.
//
// # Checks that misbehave
//
// A check whose run outlives its Timeout has failed, although the run itself
// cannot be stopped from outside: it is not started again until it returned,
// so a dependency that hangs holds one goroutine and not one more each
// interval, and each interval that passes meanwhile counts as one more
// failure. Such runs are counted as stuck. "Timed out" says little about why,
// so the last error that the check returned by itself is kept beside it. A
// panic in a check is a failure of that check.
//
// A result older than three intervals is Stale, however that may come: it
// counts as a failure, and says so. While draining nothing goes stale, since
// the process is about to end.
package health
