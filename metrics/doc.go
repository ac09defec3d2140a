// Package metrics counts what a server answers, how fast and with what
// result, for each route: for Prometheus, and in the process itself, so that
// the 95th percentile of the last minutes can be read without a Prometheus.
//
//	traffic, err := metrics.New(metrics.Config{SlowerThan: 800 * time.Millisecond, Logger: log})
//	if err != nil {
//		return err
//	}
//	router.Use(metrics.Name(chiRoute))                // names routes, inside the router
//	http.Handle("/", traffic.Middleware(router))      // counts, outside of everything
//	internal.Handle("/metrics", traffic.Handler())    // on a private address
//	worst := traffic.Snapshot().Routes                // the costliest routes first
//	traffic.Event("login_failed")                     // what no status tells
//	causes := traffic.Errors()                        // where requests failed, and for a panic why
//
// # Routes
//
// A label is a route's pattern and never a path, because a client chooses
// paths and every new label costs memory for ever. The name comes from
// [Name], which stands in the router's own chain of middleware and sees what
// the router matched, or from the cache or the limiter where they answered
// before the router was reached; else from the pattern of [http.ServeMux].
// What has neither is "_unmatched"; where most answered requests are, one
// warning is logged, because Name is missing then. After MaxRoutes different
// names further ones are counted as "_other", and one warning is logged.
// Routes in Config.Exclude are not counted. [http.TimeoutHandler] lets nothing
// through to the outside: put it around handlers inside the router and not
// around the router, whose routes would all be "_unmatched", and whose users
// and request ids would be lost. For chi:
//
//	func chiRoute(r *http.Request) string {
//		return chi.RouteContext(r.Context()).RoutePattern()
//	}
//
// # What counts as what
//
//   - A panic counts as 5xx with error_type="panic", whatever was sent before
//     it, and goes on up. Put the middleware that recovers panics outside.
//   - Where the client went away before the handler was done (the request's
//     context is cancelled), nobody waited for the answer: neither its
//     duration nor the 500 that the handler made of it says anything about
//     the service. It is counted under the class "499".
//   - A handler that gave up with http.ErrAbortHandler, or with
//     runtime.Goexit, has no duration that could be compared with that of a
//     page.
//   - Nor has a stream, which goes on for as long as both sides like: a
//     connection taken over (a WebSocket over HTTP/1.1), a 2xx of
//     text/event-stream, a 2xx to CONNECT (a WebSocket over HTTP/2). While its
//     handler runs it is in http_server_open_streams, and afterwards it counts
//     as a stream, whoever ended it. A handler that takes a connection over,
//     leaves it to a goroutine and returns ends it in these figures.
//
// These last three kinds are in http_server_unmeasured_requests_total, with the
// reason, and in nothing else; all others are in the histogram and in
// [Metrics.Snapshot]. A stream that panics is a 5xx with error_type="panic"
// there.
//
// # The last five minutes
//
// [Metrics.Snapshot] gives p50, p95 and p99, how many requests were slower
// than SlowerThan and how many failed, for each route and overall, out of ten
// slots of 30 seconds; [Metrics.Route] gives those of one. Show n beside every
// figure: below 20 requests [RouteStats.Verdict] says that nothing can be
// said. Snapshots of replicas are merged bucket by bucket ([Merge]), because
// percentiles cannot be averaged, and two releases are compared by
// [Snapshot.Diff].
//
// [Metrics.SnapshotHandler] serves a snapshot as JSON to holders of a token:
//
//	{"format": 1, "taken": "2026-11-24T03:04:05Z", "span_s": 287.4, "release": "v1.4.2", "replicas": 1,
//	 "slower_than_ms": 800, "active_requests": 2, "open_streams": 0,
//	 "overall": {"n": 4211, "p50_ms": 12.1, "p95_ms": 180.2, "p99_ms": 640.0, "slower": 17, "errors": 1, "verdict": "fast enough"},
//	 "routes": [{"route": "/login", "n": 40, "p50_ms": …, "buckets": [[201, 3], [202, 9], …]}, …],
//	 "events": [{"name": "login_failed", "total": 12, "recent": 3, "per_minute": 0.6, "last_seen": "2026-11-24T03:01:00Z"}]}
//
// Members may be added; format changes when one comes to mean something else.
// Buckets are pairs of a number and a count; the figures of a snapshot that is
// read back are made of them.
//
// # Errors
//
// A 5xx or a panic is captured as what reproduces it safely: the route, method
// and status, the request's id ([SetRequestID]), release and revision, where
// the panic began and the type of its value, the names of header fields, the
// keys of the query, the shape of the body, a keyed hash of the user
// ([SetUser]), and a curl command with placeholders. No value that a client
// sent is in it, unless the application takes its request ids from the client,
// and neither the panic's text nor that of an error, which may quote one. A
// name from the client that reads like no name is shown by its length. A word
// that a client puts where a name belongs cannot be told from a name, nor can
// every token.
//
// Failures are grouped by where they panicked, or by route and status. Each
// group is logged when it comes up and once a minute at most, and the last 50
// are in [Metrics.Errors]. Until a request is over, the first 8 KiB of a body
// that is a form or JSON are kept in memory as the handler reads them;
// ErrorCapture.Off ends that.
//
// # Prometheus
//
//	http_server_request_duration_seconds{http_request_method,http_route,http_response_status_class,error_type}
//	http_server_unmeasured_requests_total{http_request_method,http_route,http_response_status_class,error_type,reason}
//	http_server_active_requests{http_request_method}
//	http_server_open_streams{kind}
//	app_events_total{event}
//	app_event_last_seen_timestamp_seconds{event}
//
// Names and bucket boundaries are OpenTelemetry's, in Prometheus spelling,
// with the status's class ("2xx") for its code, and one more boundary at
// SlowerThan, so that the share of requests slower than that is exact and not
// interpolated. The histogram has native buckets besides, for servers that
// scrape them, and exemplars where Config.TraceID is given. Methods that no
// standard knows are counted as "_OTHER". Open streams are among the active
// requests. The folder examples/prometheus has rules, alerts and a dashboard.
package metrics
