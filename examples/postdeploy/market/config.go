package market

import "github.com/launchready/readiness/smoke"

// Config returns the whole check: the release is waited for, the steps are
// run, and the pages that people wait for are measured. What the service tells
// of its own visitors is read where METRICS_TOKEN is in the environment. See
// Steps for the rest of it.
func Config(lookup func(string) (string, bool)) smoke.Config {
	cfg := smoke.Config{
		Settling:  smoke.Settling{Path: "/api/health"},
		Steps:     Steps(lookup),
		LookupEnv: lookup,
		Performance: smoke.Performance{Endpoints: []smoke.Step{
			smoke.Page("/").Contains("Listings").Owner("web"),
			smoke.Page("/listings?q=forklift").Named("search").Contains("/listings/").Owner("web"),
			smoke.Page("/listings/{listing}").Named("a listing").Contains("Smoke test {run}").Owner("web"),
			smoke.Page("/account").Named("the account").As("buyer").Contains("Smoke test {run}").Owner("accounts"),
		}},
	}
	if _, found := lookup("METRICS_TOKEN"); found { // of a login nobody wants forty
		cfg.Performance.Live = smoke.Live{Path: "/metrics/snapshot", Secret: "METRICS_TOKEN", Routes: []string{"/login", "/signup"}}
	}
	return cfg
}
