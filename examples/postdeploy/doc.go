// Command postdeploy checks a marketplace after a deploy:
//
//	go run ./examples/postdeploy -url http://127.0.0.1:8080
//
// Copy main.go for your own service and name your own steps.
package main
