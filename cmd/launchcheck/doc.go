// Launchcheck checks what a service needs to be launched: its environment, its
// DNS, its e-mail records, and what its hosts answer. It exits with a status
// that a pipeline can act on.
//
//	launchcheck acme.example
//
// needs no file: it looks at the usual hosts that exist and the usual DKIM
// selectors, and says what it assumed. With -init it writes that to site.json,
// to be edited, and from then on
//
//	launchcheck
//
// checks what site.json declares. Package readiness documents site.json and
// every finding; launchcheck -h lists the options.
//
// The environment looked at is that of its own process or, with -env-file,
// that of a file alone.
//
// The exit status is 0 where nothing at or above -fail-on was found, 1 where
// something was, 2 where the command line or a file is wrong, in which case
// every problem is listed at once, or declares nothing to check, and 3 where it could not look: the domain
// itself, or more than half of all questions, got no usable answer.
package main
