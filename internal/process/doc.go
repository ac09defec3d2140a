// Package process runs a program with all that it starts, reads what it prints,
// and leaves nothing of it behind.
package process
