// Command precommit keeps secrets out of a commit. The file pre-commit beside
// it is the hook that builds and runs it; install it once in a clone:
//
//	cp examples/precommit/pre-commit "$(git rev-parse --git-path hooks)"
//
// From there it looks on every branch. Where the program does not build, because
// the work at hand does not compile, the one that was built last looks.
//
// Copy main.go and pre-commit for your own repository. What stands in the way
// and is no secret is named in .readinessignore, or by readiness:allow on its
// line.
package main
