package cache

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// entry is one stored page, or one value of [Load]. Every request that it
// answers reads the same one, and nothing in it changes but the memo of its
// age.
type entry struct {
	status  int
	fields  []field
	dropped []string // headers that the handler took off what middleware around the cache had set
	etag    string   // empty under Follow where the handler gave none
	body    []byte

	// version is what Policy.Version said before the handler ran.
	version string
	// vary are the names of the request headers by whose values the response
	// says that it was chosen: under Follow, where the key cannot know them.
	vary []string
	// signpost marks an entry without a page: it says by vary under which key
	// the page of a request is to be looked for.
	signpost bool
	// groups are the generations of the response's Cache-Groups, by which it
	// lives besides those of its stamp.
	groups []string
	rules  rules

	born  time.Time     // when its handler began, less the age that the response said it had
	fresh time.Duration // how long from then on it is served without a look at the handler
	while time.Duration // how long after that it is served while it is made anew
	onErr time.Duration // how long after fresh it is served where the handler fails
	ends  time.Time     // when nothing can be done with it any more

	aged atomic.Pointer[aged]
}

// rules are what a response says about its own use (RFC 9111, section 5.2.2),
// under Follow.
type rules uint8

const (
	revalidate rules = 1 << iota // no-cache: never without a look at the handler
	neverStale                   // must-revalidate and its kind
	public                       // also for a request with Authorization
)

// field is one header of a stored page. Its values have no spare capacity,
// so that an append by another middleware copies them.
type field struct {
	name   string
	values []string
}

// What things take besides the text in them.
const (
	entryCost = 320 // an entry, its place in the store, and what a hit remembers of it
	fieldCost = 40  // a field without its values
	textCost  = 24  // a string in a list, with what the allocator rounds up
)

// size returns about how many bytes the entry takes in memory, rather too many
// than too few: the store's bound is made of it. The body is counted as it was
// allocated.
func (e *entry) size() int64 {
	n := entryCost + cap(e.body) + cap(e.fields)*fieldCost + texts(e.etag, e.version)
	for _, f := range e.fields {
		n += texts(f.name) + texts(f.values...)
	}
	return int64(n + texts(e.dropped...) + texts(e.vary...) + texts(e.groups...))
}

// texts returns about how many bytes a list of strings takes. Of what is
// allocated for one, an eighth at most is rounded up.
func texts(list ...string) (n int) {
	for _, s := range list {
		n += textCost + len(s) + len(s)/8
	}
	return n
}

// values returns the values of a stored header.
func (e *entry) values(name string) []string {
	if i, ok := slices.BinarySearchFunc(e.fields, name, func(f field, name string) int { return strings.Compare(f.name, name) }); ok {
		return e.fields[i].values
	}
	return nil
}

// age returns the page's age at a time, never less than nothing: clocks of
// machines differ.
func (e *entry) age(now time.Time) time.Duration { return max(0, now.Sub(e.born)) }

// copy returns the entry with everything but the memo of its age. The two
// share what neither changes.
func (e *entry) copy() *entry {
	return &entry{
		status: e.status, fields: e.fields, dropped: e.dropped, etag: e.etag, body: e.body,
		version: e.version, vary: e.vary, signpost: e.signpost, groups: e.groups, rules: e.rules,
		born: e.born, fresh: e.fresh, while: e.while, onErr: e.onErr, ends: e.ends,
	}
}
