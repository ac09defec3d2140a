package smoke_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

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

// A test that builds the program and starts it as a platform does. Save it
// beside its main.go.
func ExampleBoots() {
	testBoots := func(t *testing.T) {
		binary := filepath.Join(t.TempDir(), "market")
		build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		smoke.Boots(t, binary, map[string]string{
			"ADDR":           "{addr}", // a free one
			"SESSION_SECRET": "no-secret-of-any-deployment-at-all",
		})
	}
	_ = testBoots
}
