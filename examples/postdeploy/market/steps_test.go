package market_test

import (
	"os"
	"testing"

	"github.com/launchready/readiness/examples/postdeploy/market"
	"github.com/launchready/readiness/smoke"
)

// TestStepsCompile holds the steps against smoke's own rules: a value that no
// step sets, or a secret without a variable, is an error of New. That they
// pass is the marketplace's test.
func TestStepsCompile(t *testing.T) {
	t.Parallel()
	for name, lookup := range map[string]func(string) (string, bool){
		"development": market.Development,
		"with a token": func(name string) (string, bool) {
			if name == "METRICS_TOKEN" {
				return "a token of thirty-two bytes or so", true
			}
			return market.Development(name)
		},
	} {
		cfg := market.Config(lookup)
		cfg.URL = "https://market.example"
		if _, err := smoke.New(cfg); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNoDevelopmentPasswordLeavesTheMachine: without an environment, a live
// target is refused before anything is sent.
func TestNoDevelopmentPasswordLeavesTheMachine(t *testing.T) {
	for _, name := range []string{"ADMIN_EMAIL", "ADMIN_PASSWORD", "SMOKE_PASSWORD"} {
		t.Setenv(name, "")
	}
	args := os.Args
	t.Cleanup(func() { os.Args = args })
	for arg, want := range map[string]bool{
		"http://127.0.0.1:8080": true, "-url=http://127.0.0.1:8080": true, "--url=http://localhost": true, "http://[::1]:80": true,
		"https://market.example": false, "-url=https://market.example": false, "https://127.0.0.1.market.example": false, "https://127.0.0.1@market.example": false, "127.0.0.1": false,
	} {
		os.Args = []string{"postdeploy", "-url", arg}
		if _, ok := market.LookupEnv("ADMIN_PASSWORD"); ok != want {
			t.Errorf("%s: the development password is given: %v, want %v", arg, ok, want)
		}
	}
}
