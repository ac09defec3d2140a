package smoke_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/launchready/readiness/smoke"
)

// Each endpoint is measured, kept under the name of the release, and compared
// with the release before.
func ExamplePerformance() {
	app := http.NewServeMux()
	app.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "<h1>Listings</h1>") })
	app.HandleFunc("GET /listings", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(5 * time.Millisecond) // a search without its index
		_, _ = fmt.Fprint(w, "<h1>Found</h1>")
	})
	checker, err := smoke.New(smoke.Config{
		Handler: app, // after a deploy: URL: "https://market.example"
		Release: "v8",
		Note:    "no index on the title yet",
		Steps:   []smoke.Step{smoke.Page("/").Contains("Listings").Owner("web")},
		Performance: smoke.Performance{
			Endpoints:  []smoke.Step{smoke.Page("/listings?q=lift").Named("search").Owner("web")},
			N:          20,
			SlowerThan: 2 * time.Millisecond, // the default is 800 ms
		},
		// Memory: smoke.Dir(".readiness"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	report := checker.Check(context.Background())
	for _, s := range report.Steps {
		fmt.Println(s.Outcome, s.Name, s.Owner)
	}
	fmt.Println(report.Info[0])
	// Output:
	// ok GET / web
	// failed p95 of search web
	// no earlier release is known, so nothing is compared: Config.Memory keeps what is measured, or -memory DIR
}

// Thirty people look around for twenty seconds. Against an address this has to
// be meant.
func ExampleLoad() {
	_, err := smoke.New(smoke.Config{
		URL:   "https://market.example",
		Steps: []smoke.Step{smoke.Page("/")},
		Performance: smoke.Performance{
			Endpoints: []smoke.Step{smoke.Page("/"), smoke.Page("/listings?q=lift")},
			Load:      smoke.Load{Users: 30, For: 20 * time.Second},
		},
	})
	fmt.Println(err)
	// Output:
	// smoke: Performance.Load.OnURL: a load on a URL is refused: other people may be waiting there; if that is meant, set it to true
}

// A memory in whatever the platform keeps, here in a variable.
func ExampleMemoryFuncs() {
	var row []byte
	memory := smoke.MemoryFuncs{
		LoadFunc: func(context.Context) ([]byte, error) { return row, nil },
		SaveFunc: func(_ context.Context, data []byte) error { row = append([]byte{}, data...); return nil },
	}
	up := true
	app := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !up {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = fmt.Fprint(w, "Listings")
	})
	for _, release := range []string{"v7", "v8"} {
		up = release == "v7"
		checker, err := smoke.New(smoke.Config{Handler: app, Release: release, Memory: memory, Steps: []smoke.Step{smoke.Page("/")}})
		if err != nil {
			fmt.Println(err)
			return
		}
		if report := checker.Check(context.Background()); report.Err() != nil {
			fmt.Println(report.Release, "failed; go back to", report.LastGreen.Release)
		}
	}
	// Output:
	// v8 failed; go back to v7
}

// A fresh deploy is waited for, and then checked once.
func ExampleSettling() {
	looks := 0
	app := http.NewServeMux()
	app.HandleFunc("GET /api/health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if looks++; looks == 1 {
			_, _ = fmt.Fprint(w, `{"release":"v7"}`) // the release before, which still serves
			return
		}
		_, _ = fmt.Fprint(w, `{"release":"v8"}`)
	})
	app.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "Listings") })
	checker, err := smoke.New(smoke.Config{
		Handler: app, Release: "v8", Settling: smoke.Settling{Path: "/api/health"}, Steps: []smoke.Step{smoke.Page("/")},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(checker.Check(context.Background()).Err(), looks)
	// Output:
	// <nil> 3
}

// Old addresses lead to the new ones, and a page has no broken link.
func ExampleFollowRedirects() {
	app := http.NewServeMux()
	app.Handle("GET /ads", http.RedirectHandler("/listings", http.StatusMovedPermanently))
	app.Handle("GET /shop", http.RedirectHandler("/listings", http.StatusFound))
	app.HandleFunc("GET /listings", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `<h1>Listings</h1><a href="/listings/7">a drill</a>`)
	})
	checker, err := smoke.New(smoke.Config{Handler: app, Steps: []smoke.Step{
		smoke.FollowRedirects(map[string]string{"/ads": "/listings", "/shop": "/listings"}),
		smoke.Page("/listings").Links(),
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range checker.Check(context.Background()).Steps {
		fmt.Println(s.Verdict)
	}
	// Output:
	// GET /shop answered 302 Found, which search engines take for a move that will be undone; expected 301 or 308
	// GET /listings has a broken link: /listings/7 answered 404 Not Found
}
