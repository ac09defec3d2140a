package metrics

import (
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"
)

const (
	maxGroups = 50
	// logEach is how often one group is logged at most, and logBurst how
	// often all of them together in the same time.
	logEach  = time.Minute
	logBurst = 30
)

// ErrorGroup is failures with one cause: panics that began at the same place,
// or answers of one route with one status. Nothing in it is a value that a
// client sent: a name that reads like no name is shown by its length.
type ErrorGroup struct {
	// ID is the same for the same cause as long as the code stays the same.
	ID string `json:"id"`
	// Count is how many there were since the group came up; First and Last
	// are when.
	Count uint64    `json:"count"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// Route, Method and Status are of the Sample. A panic has 500, whatever
	// was sent before it.
	Route  string `json:"route"`
	Method string `json:"method"`
	Status int    `json:"status"`
	// PanicType is the type of the value, such as "runtime.boundsError", and
	// Stack the functions that were running, the innermost first. Both are
	// empty where it did not panic.
	PanicType string   `json:"panic_type,omitempty"`
	Stack     []string `json:"stack,omitempty"`
	// Release and Revision are what is running.
	Release  string `json:"release,omitempty"`
	Revision string `json:"revision,omitempty"`
	// Sample is one request of the group, the one that was looked at last.
	Sample ErrorSample `json:"sample"`
}

// ErrorSample is what reproduces a request that failed, without a value.
type ErrorSample struct {
	// RequestID is the application's: see [SetRequestID].
	RequestID string `json:"request_id,omitempty"`
	// User is a keyed hash of what [SetUser] was given.
	User string `json:"user,omitempty"`
	// Headers are the names of the header fields that it had, of those in
	// [DefaultHeaders] and ErrorCapture.Headers.
	Headers []string `json:"headers"`
	// QueryKeys are the keys of the query.
	QueryKeys []string `json:"query_keys"`
	// Body is the shape of the first 8 KiB that the handler read of a form or
	// of JSON: names, types and lengths.
	Body string `json:"body,omitempty"`
	// Curl is a command that repeats the request, with placeholders.
	Curl string `json:"curl"`
}

// errorLog keeps the groups. All of its methods can be called concurrently.
type errorLog struct {
	log     *zap.Logger
	build   build
	secret  []byte
	headers []string // canonical names

	mu       sync.Mutex
	groups   map[string]*group
	window   time.Time // in which logBurst holds
	inWindow int
}

// group is an ErrorGroup in the making.
type group struct {
	id          string
	count       uint64
	first, last time.Time
	sample      captured
	logged      time.Time // when a sample was last taken and, room permitting, logged
	skipped     uint64    // how many were not logged since
}

// note counts one failure. It returns its group where a sample is to be
// taken, and whether that is to be logged, with how many were not.
func (l *errorLog) note(id string, now time.Time, c *captured) (g *group, log bool, skipped uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g = l.groups[id]
	if g == nil {
		if len(l.groups) >= maxGroups {
			l.forgetOldest()
		}
		g = &group{id: id, first: now, sample: *c}
		l.groups[id] = g
	}
	g.count++
	g.last = now
	if !g.logged.IsZero() && now.Sub(g.logged) < logEach {
		g.skipped++
		return nil, false, 0
	}
	if now.Sub(l.window) >= logEach {
		l.window, l.inWindow = now, 0
	}
	g.logged = now
	if l.inWindow >= logBurst {
		g.skipped++
		return g, false, 0
	}
	l.inWindow++
	skipped, g.skipped = g.skipped, 0
	return g, true, skipped
}

// forgetOldest makes room: what has not happened for longest goes.
func (l *errorLog) forgetOldest() {
	var oldest *group
	for _, g := range l.groups {
		if oldest == nil || g.last.Before(oldest.last) {
			oldest = g
		}
	}
	delete(l.groups, oldest.id)
}

// keep makes c the sample of its group.
func (l *errorLog) keep(g *group, c *captured) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g.sample = *c
}

// Errors returns the last 50 groups of failures, the one that happened last
// first. It belongs to the caller. Each group is logged when it comes up and
// then once a minute at most, all together at most 30 times a minute; here
// every failure is counted.
func (m *Metrics) Errors() []ErrorGroup {
	l := m.errors
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]ErrorGroup, 0, len(l.groups))
	for _, g := range l.groups {
		c := &g.sample
		list = append(list, ErrorGroup{
			ID: g.id, Count: g.count, First: g.first, Last: g.last,
			Route: c.route, Method: c.method, Status: c.status, PanicType: c.panicType, Stack: slices.Clone(c.stack),
			Release: l.build.release, Revision: l.build.revision,
			Sample: ErrorSample{
				RequestID: c.requestID, User: c.user, Headers: slices.Clone(c.headers), QueryKeys: slices.Clone(c.queryKeys),
				Body: c.body.String(), Curl: c.curl(),
			},
		})
	}
	slices.SortFunc(list, func(a, b ErrorGroup) int { return b.Last.Compare(a.Last) })
	return list
}
