package market_test

import (
	"testing"

	"github.com/launchready/readiness/examples/postdeploy/market"
	"github.com/launchready/readiness/smoke"
)

// TestStepsCompile holds the steps against smoke's own rules: a value that no
// step sets, or a secret without a variable, is an error of New. That they
// pass is the marketplace's test.
func TestStepsCompile(t *testing.T) {
	t.Parallel()
	if _, err := smoke.New(smoke.Config{URL: "https://market.example", Steps: market.Steps(), LookupEnv: market.LookupEnv}); err != nil {
		t.Fatal(err)
	}
}
