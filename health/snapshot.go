package health

import "time"

// Snapshot is what a [Checker] knew at one moment. It belongs to the caller.
type Snapshot struct {
	// State is what readiness answers by.
	State State
	// Since is when State began.
	Since time.Time
	// Release is what Config says, or the binary.
	Release string
	// Checks are in the order of Config.Checks.
	Checks []CheckSnapshot
}

// CheckSnapshot is what was known of one check. Its texts may hold what a
// driver says of its connection: they are not for the public.
type CheckSnapshot struct {
	// Name, Required and Interval are the Check's.
	Name     string
	Required bool
	Interval time.Duration
	// State is Starting, Passing, Degraded, Failing or Stale.
	State State
	// Since is when State began.
	Since time.Time
	// Checked is when the last result came in, a time-out included. It is
	// zero before the first.
	Checked time.Time
	// Duration is how long the last run took. Where it outlived its Timeout
	// and did not return yet, it is how long it had taken at Checked.
	Duration time.Duration
	// Failures counts the failures in a row up to now.
	Failures int
	// LastError is the text of the last failure, at most 1 KiB, and
	// LastErrorAt is when that was. They stay when the check passes again,
	// and are zero if it never failed.
	LastError   string
	LastErrorAt time.Time
	// Cause is the last error that the check itself returned, or what it
	// panicked with: a time-out, which says nothing about its reason, does
	// not push it aside. At most 1 KiB; empty if there was none.
	Cause string
	// Stuck counts the runs that outlived their Timeout and did not return
	// within a tenth of a second after it, as one does that ignores its
	// context. Hanging says that the present one is such.
	Stuck   int
	Hanging bool
}

// Snapshot returns the state of the Checker and of every check. It can be
// called at any time and concurrently with all other methods.
func (c *Checker) Snapshot() Snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.snapshot()
}

// snapshot is Snapshot. c.mu is held.
func (c *Checker) snapshot() Snapshot {
	s := Snapshot{State: c.state, Since: c.since, Release: c.release, Checks: make([]CheckSnapshot, len(c.checks))}
	for i, k := range c.checks {
		s.Checks[i] = CheckSnapshot{
			Name: k.name, Required: k.required, Interval: k.interval, State: k.state, Since: k.since,
			Checked: k.checked, Duration: k.duration, Failures: k.failures,
			LastError: k.lastError, LastErrorAt: k.lastErrorAt, Cause: k.cause,
			Stuck: k.stuck, Hanging: k.hanging,
		}
	}
	return s
}
