package cache

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// statusName is the name of this cache in Cache-Status (RFC 9211), empty where
// the field is hidden.
type statusName string

// line returns the value of the field for what happened.
func (n statusName) line(text string) string { return string(n) + "; " + text }

// add adds the field.
func (n statusName) add(h http.Header, text string) {
	if n != "" {
		h.Add("Cache-Status", n.line(text))
	}
}

// lines returns the lines of the field, none where it is hidden.
func (n statusName) lines(text string) []string {
	if n == "" {
		return nil
	}
	return []string{n.line(text)}
}

// with returns text with one more parameter, unless it is empty.
func with(text, name, value string) string {
	if value == "" {
		return text
	}
	return text + "; " + name + "=" + value
}

// aged is what a stored page says of its age within one second of it: Age
// and Cache-Status. Requests of the same second share it.
type aged struct {
	seconds int64
	age     []string
	status  []string
}

// agedAt returns what the page says at a time.
func (e *entry) agedAt(now time.Time, name statusName) *aged {
	age := e.age(now)
	seconds := int64(age / time.Second)
	if a := e.aged.Load(); a != nil && a.seconds == seconds {
		return a
	}
	a := &aged{seconds: seconds, age: []string{strconv.FormatInt(seconds, 10)}}
	if name != "" {
		a.status = []string{name.line("hit; ttl=" + strconv.FormatInt(ttl(e, age), 10))}
	}
	e.aged.Store(a)
	return a
}

// ttl returns how many seconds the page stays fresh, less than none once it is
// stale.
func ttl(e *entry, age time.Duration) int64 {
	left := e.fresh - age
	if left < 0 {
		left -= time.Second - 1 // rounded away from fresh
	}
	return int64(left / time.Second)
}

// forbid makes the header say no-store, to every cache that reads it.
func forbid(h http.Header) {
	if !listed(h["Cache-Control"], "no-store") {
		h.Set("Cache-Control", "no-store")
	}
	for name := range h { // fields that a cache reads before Cache-Control (RFC 9213), or after it, in any case
		switch lower := strings.ToLower(name); {
		case lower == "expires", lower == "surrogate-control", strings.HasSuffix(lower, "-cache-control"),
			lower == "cache-control" && name != "Cache-Control":
			delete(h, name)
		}
	}
}
