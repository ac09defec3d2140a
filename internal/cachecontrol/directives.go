package cachecontrol

import "time"

// Longest is the largest duration that the package returns, 2^31 seconds (68
// years): what RFC 9111, section 1.2.2, has a cache take for a number of
// seconds that is too large for it.
const Longest = 1 << 31 * time.Second

// Seconds is the argument of a directive that takes a number of seconds.
//
// An argument that is missing or no number, and several that disagree, become
// the value that lets a cache reuse least: 0 for all but min-fresh, whose is
// [Longest]. The response of an unreadable max-age is thereby stale, as RFC
// 9111, section 4.2.1, advises.
type Seconds struct {
	Set   bool          // whether the directive is there, readable or not
	Value time.Duration // whole seconds, 0 to Longest; 0 where Set is false
}

// Directives are the directives of a request's or a response's Cache-Control;
// the zero value is that of a message without any. Each stands for itself:
// that no-store outweighs public is for the reader to know.
type Directives struct {
	// These hold with any argument or none: no-cache="set-cookie" is read as
	// no-cache, which is the safe side (RFC 9111, section 5.2.2.4).
	NoStore, NoCache, Private, MustRevalidate, ProxyRevalidate, NoTransform, OnlyIfCached bool

	// These permit, so they hold only without an argument, as they are
	// defined. MustUnderstand is one of them for what it does to no-store
	// (RFC 9111, section 5.2.2.3).
	Public, MustUnderstand, Immutable bool

	// MaxAge and SMaxAge are freshness lifetimes, and MaxAge in a request is
	// the greatest age that its client accepts; 0 where unreadable.
	MaxAge, SMaxAge Seconds

	// MinFresh is for how much longer a request wants a response to be
	// fresh; Longest, more than any response can promise, where unreadable.
	MinFresh Seconds

	// MaxStale is for how long past its freshness a request takes a
	// response: Longest without an argument, 0 where it is unreadable.
	MaxStale Seconds

	// StaleWhileRevalidate and StaleIfError are for how long past its
	// freshness a response may be served (RFC 5861); 0 where unreadable.
	StaleWhileRevalidate, StaleIfError Seconds
}

// longestName is the length of the longest name that Set knows.
const longestName = len("stale-while-revalidate")

// Set takes one more directive. The name may be of either case, an unknown
// one is ignored. The argument stands without quotes; it is ignored where
// hasArgument is false. Set is for the caller that reads CDN-Cache-Control
// (RFC 9213) with the parser of Structured Fields; [Parse] calls it too. It
// allocates nothing, and must not be called on the same Directives by two
// goroutines at once.
func (d *Directives) Set(name, argument string, hasArgument bool) {
	if len(name) > longestName {
		return
	}
	var buffer [longestName]byte // strings.ToLower would put it on the heap
	lower := buffer[:len(name)]
	for i := range lower {
		lower[i] = name[i]
		if 'A' <= name[i] && name[i] <= 'Z' {
			lower[i] |= 0x20
		}
	}
	if !hasArgument {
		argument = ""
	}
	switch string(lower) {
	case "no-store":
		d.NoStore = true
	case "no-cache":
		d.NoCache = true
	case "private":
		d.Private = true
	case "must-revalidate":
		d.MustRevalidate = true
	case "proxy-revalidate":
		d.ProxyRevalidate = true
	case "no-transform":
		d.NoTransform = true
	case "only-if-cached":
		d.OnlyIfCached = true
	case "public":
		d.Public = d.Public || !hasArgument
	case "must-understand":
		d.MustUnderstand = d.MustUnderstand || !hasArgument
	case "immutable":
		d.Immutable = d.Immutable || !hasArgument
	case "max-age":
		d.MaxAge.read(argument, 0)
	case "s-maxage":
		d.SMaxAge.read(argument, 0)
	case "min-fresh":
		d.MinFresh.read(argument, Longest)
	case "stale-while-revalidate":
		d.StaleWhileRevalidate.read(argument, 0)
	case "stale-if-error":
		d.StaleIfError.read(argument, 0)
	case "max-stale":
		if hasArgument {
			d.MaxStale.read(argument, 0)
		} else {
			d.MaxStale.add(Longest, 0)
		}
	}
}

// read adds an argument; careful is the value of one that is unreadable.
func (s *Seconds) read(argument string, careful time.Duration) {
	value, ok := deltaSeconds(argument)
	if !ok {
		value = careful
	}
	s.add(value, careful)
}

// add adds a value. One that disagrees with an earlier one makes it careful;
// the result does not depend on the order.
func (s *Seconds) add(value, careful time.Duration) {
	if s.Set && s.Value != value {
		value = careful
	}
	*s = Seconds{Set: true, Value: value}
}

// deltaSeconds reads a number of seconds (RFC 9111, section 1.2.2): digits
// alone, of which there may be any number.
func deltaSeconds(s string) (d time.Duration, ok bool) {
	var n int64
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = min(n*10+int64(s[i]-'0'), int64(Longest/time.Second))
	}
	return time.Duration(n) * time.Second, s != ""
}
