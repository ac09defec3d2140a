package main

import (
	"os"

	"github.com/launchready/readiness/examples/postdeploy/market"
	"github.com/launchready/readiness/smoke"
)

func main() {
	os.Exit(smoke.Main(market.Config(market.LookupEnv)))
}
