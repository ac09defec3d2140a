// Command postdeploy checks a marketplace after a deploy, and measures it:
//
//	go run ./examples/postdeploy -url http://127.0.0.1:8080
//
// In a pipeline it waits for the release, compares it with the one before, and
// leaves a report that the CI service shows:
//
//	postdeploy -url https://market.example -release "$GIT_SHA" -memory .readiness -junit smoke.xml -markdown smoke.md
//
// Copy main.go and the package market for your own service, and name your own
// steps; -h lists the flags.
package main
