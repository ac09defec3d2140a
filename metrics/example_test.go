package metrics_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
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
