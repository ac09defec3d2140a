// Package readiness is a stub.
package readiness
