// Command quickstart is the main function of the README, as it stands there,
// with two pages of its own.
package main
