// Command precommit keeps secrets out of a commit. The file pre-commit beside
// it is the hook that runs it; install it once in a clone:
//
//	git config core.hooksPath examples/precommit
//
// Copy main.go and pre-commit for your own repository. What stands in the way
// and is no secret is named in .readinessignore, or by readiness:allow on its
// line.
package main
