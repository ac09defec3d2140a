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
//
// # Routes
//
// A label is a route's pattern and never a path, because a client chooses
// paths and every new label costs memory for ever. The name comes from
// [Name], which stands in the router's own chain of middleware and sees what
// the router matched, or from the cache or the limiter where they answered
// before the router was reached; else from the pattern of [http.ServeMux].
// What has neither is "_unmatched". After MaxRoutes different names further
// ones are counted as "_other", and one warning is logged. For chi:
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
//   - A handler that gave up with http.ErrAbortHandler, a connection taken
//     over (WebSocket) and a stream of events have no duration that could be
//     compared with that of a page.
//
// These last kinds are in http_server_unmeasured_requests_total and in
// nothing else; all others are in the histogram and in [Metrics.Snapshot].
//
// # Prometheus
//
//	http_server_request_duration_seconds{http_request_method,http_route,http_response_status_class,error_type}
//	http_server_unmeasured_requests_total{http_request_method,http_route,http_response_status_class,reason}
//	http_server_active_requests{http_request_method}
//
// Names and bucket boundaries are OpenTelemetry's, in Prometheus spelling,
// with the status's class ("2xx") for its code, and one more boundary at
// SlowerThan, so that the share of requests slower than that is exact and not
// interpolated. The histogram has native buckets besides, for servers that
// scrape them. Methods that no standard knows are counted as "_OTHER".
package metrics
