package metrics

import (
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/launchready/readiness/internal/quantile"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

const (
	unmatched = "_unmatched"
	other     = "_other"
	// maxLabel bounds a route's name.
	maxLabel = 200
)

// methods are the labels for the methods that a standard knows (RFC 9110 and
// PATCH), and last the one for all others, because a client may send any.
var methods = [...]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "_OTHER"}

// methodIndex returns the index in methods. Methods are case-sensitive.
func methodIndex(method string) int {
	for i, known := range methods[:len(methods)-1] {
		if method == known {
			return i
		}
	}
	return len(methods) - 1
}

// The classes of measured answers, and last a panic, which has a label of its
// own in error_type.
const (
	classes    = 6
	classPanic = classes - 1
)

var classLabels = [classes]string{"1xx", "2xx", "3xx", "4xx", "5xx", "5xx"}

// classIndex returns the class of a status. What is beyond 599 belongs to no
// class; clients take it for a 5xx (RFC 9110, section 15).
func classIndex(status int) int { return min(max(status/100, 1), 5) - 1 }

// route is what is counted for one route.
type route struct {
	name     string
	excluded bool // nothing is
	ring     *quantile.Ring
	// The histograms, found without putting labels together: an index is
	// a method and a class.
	observers [len(methods)][classes]atomic.Pointer[prometheus.Observer]
}

// routes are the routes seen so far, at most so many. Reading takes no lock:
// the map is copied to add one, which ends at the limit.
type routes struct {
	slowerThan time.Duration
	limit      int
	excluded   int // so many more stand in known from the start
	log        *zap.Logger

	known            atomic.Pointer[map[string]*route]
	unmatched, other *route

	mu   sync.Mutex // to add
	full atomic.Bool

	unnamed namelessCount
}

func newRoutes(cfg Config) *routes {
	t := &routes{slowerThan: cfg.SlowerThan, limit: cfg.MaxRoutes, log: cfg.Logger}
	t.unmatched, t.other = t.fresh(unmatched), t.fresh(other)
	known := map[string]*route{}
	for _, name := range cfg.Exclude {
		switch name {
		case unmatched:
			t.unmatched.excluded = true
		case other:
			t.other.excluded = true
		default:
			known[name] = &route{name: name, excluded: true}
			t.excluded++
		}
	}
	t.known.Store(&known)
	return t
}

func (t *routes) fresh(name string) *route {
	return &route{name: name, ring: quantile.NewRing(t.slowerThan)}
}

// get returns the route of that name, or the one for all beyond the limit.
func (t *routes) get(name string) *route {
	if r := t.find(name); r != nil {
		return r
	}
	if t.full.Load() {
		return t.other
	}
	return t.add(strings.Clone(label(name)))
}

// find returns the route of that name, nil where there is none.
func (t *routes) find(name string) *route {
	known := *t.known.Load()
	if r := known[name]; r != nil {
		return r
	}
	name = label(name) // under the name as it came it would never be found
	switch name {
	case "", unmatched:
		return t.unmatched
	case other:
		return t.other
	}
	return known[name]
}

// counted yields the routes that something may be counted for.
func (t *routes) counted(yield func(*route) bool) {
	for _, r := range *t.known.Load() {
		if !r.excluded && !yield(r) {
			return
		}
	}
	for _, r := range [...]*route{t.unmatched, t.other} {
		if !r.excluded && !yield(r) {
			return
		}
	}
}

// add returns the route of that name, a new one where there is room. It keeps
// the name.
func (t *routes) add(name string) *route {
	t.mu.Lock()
	defer t.mu.Unlock()
	old := *t.known.Load()
	if r, ok := old[name]; ok {
		return r
	}
	if len(old)-t.excluded >= t.limit {
		if t.full.CompareAndSwap(false, true) {
			t.log.Warn("too many routes: further ones are counted as "+other+"; a route's name must be a pattern, never a path", zap.Int("max_routes", t.limit))
		}
		return t.other
	}
	grown := maps.Clone(old)
	r := t.fresh(name)
	grown[name] = r
	t.known.Store(&grown)
	return r
}

// label makes a name fit for a label: valid UTF-8 of bounded length. A valid
// name is only cut, between runes, so that nothing is allocated for it.
func label(name string) string {
	if len(name) > maxLabel {
		end := maxLabel
		for end > maxLabel-utf8.UTFMax && !utf8.RuneStart(name[end]) {
			end--
		}
		name = name[:end]
	}
	return strings.ToValidUTF8(name, "")
}
