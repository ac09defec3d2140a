// Package cfgerr words the errors of a configuration.
//
// Every constructor of this module reports all problems of its Config at
// once, each with the path of the field as the user wrote it:
//
//	cache: Policies[2].TTL: must be positive, got -1s
//
// A [List] collects the problems while a constructor walks its Config, and
// its Err joins them. Each is an [Error], so that a program can read the
// path, and each is [ErrConfig] for errors.Is.
package cfgerr
