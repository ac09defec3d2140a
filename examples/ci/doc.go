// Package ci holds a workflow for GitHub, github.yml, to be copied to
// .github/workflows: launchcheck every morning, postdeploy after each deploy
// with what the releases before measured, and the scan for secrets with every
// push. Copy secrets_test.go beside it, into any package of your own.
package ci
