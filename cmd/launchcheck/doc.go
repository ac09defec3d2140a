// Launchcheck checks what a service needs to be launched, as its site.json
// declares it, and exits with a status that a pipeline can act on.
//
//	launchcheck [-config site.json] [-env-file FILE] [-format text|json] [-fail-on blocker|high|medium|never]
//
// Today it checks the environment: the variables of its own process or, with
// -env-file, those of a file alone. Package readiness documents site.json and
// every finding; launchcheck -h prints a summary.
//
// The exit status is 0 where nothing at or above -fail-on was found, 1 where
// something was, and 2 where the command line, site.json or the environment
// file is wrong, in which case every problem is listed at once.
package main
