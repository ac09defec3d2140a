// Command postdeploy checks a marketplace after a deploy:
//
//	go run ./examples/postdeploy -url http://127.0.0.1:8080
//
// Copy this file for your own service and name your own steps.
package main

import (
	"os"

	"github.com/launchready/readiness/examples/postdeploy/market"
	"github.com/launchready/readiness/smoke"
)

func main() {
	os.Exit(smoke.Main(smoke.Config{
		Steps:     market.Steps(market.LookupEnv),
		LookupEnv: market.LookupEnv,
	}))
}
