package metrics_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/launchready/readiness/metrics"
)

func Example() {
	traffic, err := metrics.New(metrics.Config{SlowerThan: 800 * time.Millisecond})
	if err != nil {
		fmt.Println(err)
		return
	}
	router := http.NewServeMux()
	router.HandleFunc("GET /listings/{id}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") == "13" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	root := http.NewServeMux() // probes and scrapes are no traffic
	root.Handle("/metrics", traffic.Handler())
	root.Handle("/", traffic.Middleware(router))

	for i := range 25 {
		r := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/listings/%d", i), http.NoBody)
		root.ServeHTTP(httptest.NewRecorder(), r)
	}
	root.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/wp-login.php", http.NoBody))

	for _, route := range traffic.Snapshot().Routes {
		if route.Verdict() == metrics.TooFew {
			continue
		}
		fmt.Printf("%s: n=%d, %d errors, %d slower than 800 ms: %s\n", route.Route, route.N, route.Errors, route.Slower, route.Verdict())
	}
	// Output: /listings/{id}: n=25, 1 errors, 0 slower than 800 ms: fast enough
}

// A router that has patterns of its own names its routes from within: the
// pattern is known only once it has matched.
func ExampleName() {
	traffic, err := metrics.New(metrics.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	matched := func(*http.Request) string { return "/listings/{id}" } // for chi: chi.RouteContext(r.Context()).RoutePattern()
	router := metrics.Name(matched)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))

	traffic.Middleware(router).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/listings/7", http.NoBody))
	fmt.Println(traffic.Snapshot().Routes[0].Route)
	// Output: /listings/{id}
}

// An event is what no status tells: a page that says "wrong password" is a
// good answer.
func ExampleMetrics_Event() {
	traffic, err := metrics.New(metrics.Config{Events: []string{"login_failed", "email_sent"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 3 {
		traffic.Event("login_failed")
	}
	for _, e := range traffic.Snapshot().Events {
		fmt.Printf("%s: %d, %.0f a minute, ever: %v\n", e.Name, e.Total, e.PerMinute, !e.LastSeen.IsZero())
	}
	// Output:
	// login_failed: 3, 3 a minute, ever: true
	// email_sent: 0, 0 a minute, ever: false
}

// A failure is told by what reproduces it, and by nothing that the client
// said.
func ExampleMetrics_Errors() {
	traffic, err := metrics.New(metrics.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	router := http.NewServeMux()
	router.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err == nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	r := httptest.NewRequest(http.MethodPost, "/login?next=/account", strings.NewReader("email=ada%40example.org&password=hunter2"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	traffic.Middleware(router).ServeHTTP(httptest.NewRecorder(), r)

	for _, e := range traffic.Errors() {
		fmt.Println(e.Method, e.Route, e.Status, "x", e.Count)
		fmt.Println(e.Sample.Body)
		fmt.Println(e.Sample.Curl)
	}
	// Output:
	// POST /login 500 x 1
	// email=string(15)&password=string(7)
	// curl -g -X POST -H 'Content-Type: application/x-www-form-urlencoded' --data-urlencode 'email=string(15)' --data-urlencode 'password=string(7)' "$BASE_URL"'/login?next=<value>'
}

// The p95 of a service with replicas is that of all their requests together.
func ExampleMerge() {
	serve := func(requests int, status int) string {
		traffic, err := metrics.New(metrics.Config{SnapshotTokens: []string{"7f3d0c5b9a1e4f628d0b6c3a5e7f9012"}})
		if err != nil {
			return err.Error()
		}
		router := http.NewServeMux()
		router.HandleFunc("GET /listings", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		for range requests {
			traffic.Middleware(router).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/listings", http.NoBody))
		}
		r := httptest.NewRequest(http.MethodGet, "/metrics/snapshot", http.NoBody)
		r.Header.Set("Authorization", "Bearer 7f3d0c5b9a1e4f628d0b6c3a5e7f9012")
		w := httptest.NewRecorder()
		traffic.SnapshotHandler().ServeHTTP(w, r)
		return w.Body.String()
	}
	first, errFirst := metrics.ReadSnapshot(strings.NewReader(serve(30, http.StatusOK)))
	second, errSecond := metrics.ReadSnapshot(strings.NewReader(serve(12, http.StatusBadGateway)))
	both, err := metrics.Merge(first, second)
	if err := errors.Join(errFirst, errSecond, err); err != nil {
		fmt.Println(err)
		return
	}
	listings := both.Routes[0]
	fmt.Printf("%d replicas, %s: n=%d, %d errors, %s\n", both.Replicas, listings.Route, listings.N, listings.Errors, listings.Verdict())
	for _, change := range both.Diff(first) {
		fmt.Printf("%q: %s\n", change.Route, change.Change)
	}
	// Output:
	// 2 replicas, /listings: n=42, 12 errors, fast enough
	// "": more errors
	// "/listings": more errors
}

// Whoever starts traces around the Metrics can say which one a request
// belongs to. The header that W3C defines is a client's word: it may lead to a
// trace that does not exist, and to no harm.
func ExampleConfig_traceID() {
	traceparent := func(r *http.Request) string {
		if parts := strings.Split(r.Header.Get("Traceparent"), "-"); len(parts) == 4 {
			return parts[1]
		}
		return ""
	}
	traffic, err := metrics.New(metrics.Config{TraceID: traceparent})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	traffic.Middleware(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), r)

	r = httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
	r.Header.Set("Accept", "application/openmetrics-text; version=1.0.0")
	w := httptest.NewRecorder()
	traffic.Handler().ServeHTTP(w, r)
	fmt.Println(strings.Contains(w.Body.String(), `{trace_id="0af7651916cd43dd8448eb211c80319c"}`))
	// Output: true
}
