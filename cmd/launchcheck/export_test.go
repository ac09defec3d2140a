package main

// Run is the whole command, for the tests.
var Run = run
