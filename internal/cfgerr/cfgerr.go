package cfgerr

import (
	"errors"
	"fmt"
	"strconv"
)

// ErrConfig is what every configuration error of this module is, for
// errors.Is. Each public package re-exports it under the same name.
var ErrConfig = errors.New("invalid configuration")

// Error is one problem of one Config. Its text is
// "package: path: problem". It is immutable once made.
type Error struct {
	// Package is the package whose Config it is, such as "cache".
	Package string
	// Path is the field as the user wrote it, such as "Policies[2].TTL". It
	// is empty where the problem concerns the Config as a whole.
	Path string
	// Problem says what is wrong and what to do, without the path.
	Problem string
	// Err is the cause, where another error is one; nil otherwise.
	Err error
}

// Error returns "package: path: problem".
func (e *Error) Error() string {
	s := e.Package + ": "
	if e.Path != "" {
		s += e.Path + ": "
	}
	return s + e.Problem
}

// Is reports whether target is [ErrConfig].
func (e *Error) Is(target error) bool { return target == ErrConfig }

// Unwrap returns the cause, nil where there is none.
func (e *Error) Unwrap() error { return e.Err }

// List collects the problems of one Config. Make one with [For]. It is not
// safe for concurrent use.
type List struct {
	pkg  string
	errs []error
}

// For returns an empty List for the Config of the named package.
func For(pkg string) *List { return &List{pkg: pkg} }

// Addf adds a problem of the field at path. The format and its arguments are
// those of fmt.Errorf: an error wrapped with %w becomes the cause.
func (l *List) Addf(path, format string, args ...any) {
	err := fmt.Errorf(format, args...)
	l.errs = append(l.errs, &Error{Package: l.pkg, Path: path, Problem: err.Error(), Err: errors.Unwrap(err)})
}

// Err returns nil where no problem was added, and all of them joined with
// errors.Join otherwise, in the order in which they were added.
func (l *List) Err() error { return errors.Join(l.errs...) }

// Index returns the path of an element of a list: Index("Policies", 2, "TTL")
// is "Policies[2].TTL". An empty field names the element itself.
func Index(list string, i int, field string) string {
	p := list + "[" + strconv.Itoa(i) + "]"
	if field == "" {
		return p
	}
	return p + "." + field
}
