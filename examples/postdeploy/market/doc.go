// Package market holds the steps that check the marketplace: examples/postdeploy
// runs them against an address, the marketplace's own tests against its
// handler.
package market
