// Package ci holds a workflow for GitHub, github.yml, to be copied to
// .github/workflows: launchcheck every morning, postdeploy after each deploy
// with what the releases before measured, and the scan for secrets with every
// push. Its first lines say what to change. secrets_test.go is the test that
// it runs: copy it into any package of your own, and change its package clause
// and the path of the repository.
package ci
