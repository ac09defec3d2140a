// Package peerbench measures this module beside other libraries for the same
// purpose, in the same run and with the same ResponseWriter. It is a module of
// its own, so that nobody who imports this one downloads what it is compared
// with, and stands outside go.work: run it with GOWORK=off.
package peerbench
