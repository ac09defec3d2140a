package smoke_test

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/launchready/readiness/smoke"
)

// The same steps run in a test, against a handler, and after a deploy,
// against an address.
func Example() {
	app := http.NewServeMux()
	app.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "<h1>Listings</h1>") })
	app.HandleFunc("GET /api/health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"status":"degraded"}`)
	})

	checker, err := smoke.New(smoke.Config{
		Handler: app, // after a deploy: URL: "https://market.example"
		Steps: []smoke.Step{
			smoke.Page("/").Contains("Listings"),
			smoke.JSON("/api/health", "status").JSONField("status", "ok").Owner("platform"),
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range checker.Check(context.Background()).Steps {
		fmt.Println(s.Outcome, s.Name)
		if s.Verdict != "" {
			fmt.Println("  " + s.Verdict)
		}
	}
	// Output:
	// ok GET /
	// failed GET /api/health
	//   the JSON field status is "degraded", expected "ok"
}

// A login names the environment variable that holds its password. Values go
// from one step to the next in braces.
func ExampleLogin() {
	steps := []smoke.Step{
		smoke.Login{
			Path:   "/login",
			Fields: map[string]string{"email": "smoke@market.example"},
			Secret: map[string]string{"password": "SMOKE_PASSWORD"},
		}.Step().RedirectsTo("/account"),
		smoke.Form{
			Path:   "/listings/new",
			Fields: map[string]string{"title": "Smoke test {run}"},
		}.Step().RedirectsTo("/listings/{listing}").Writes(),
		smoke.Page("/listings/{listing}").Contains("Smoke test {run}"),
	}
	_, err := smoke.New(smoke.Config{
		URL: "https://market.example", Steps: steps,
		LookupEnv: func(string) (string, bool) { return "", false },
	})
	fmt.Println(err)
	// Output:
	// smoke: Steps[0]: login /login: Secret["password"]: the environment variable SMOKE_PASSWORD is not set
}

// The whole program of a service's own check.
func ExampleMain() {
	main := func() {
		os.Exit(smoke.Main(smoke.Config{Steps: []smoke.Step{
			smoke.Page("/").Contains("Listings"),
		}}))
	}
	_ = main
}
