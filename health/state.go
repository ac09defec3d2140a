package health

// State is how a [Checker], or one of its checks, is doing. A check is only
// ever Starting, Passing, Degraded, Failing or Stale, a Checker never Stale.
type State string

// The states.
const (
	// NotRunning is a Checker whose Run was not called. Not ready.
	NotRunning State = "not running"
	// Starting is a check without a result yet, or a Checker with such a
	// check. Not ready. It ends with StartupTimeout at the latest.
	Starting State = "starting"
	// Passing is a check whose last run passed, or a Checker of which every
	// check did. Ready.
	Passing State = "passing"
	// Degraded is a check that failed fewer than FailAfter times in a row,
	// or a Checker with a check that does not pass without making it Failing.
	// Ready, and readiness says "warn".
	Degraded State = "degraded"
	// Failing is a check that failed FailAfter times in a row, or a Required
	// one that failed and never passed; or a Checker with a Required check
	// that is Failing or Stale. Not ready.
	Failing State = "failing"
	// Stale is a check whose last result is older than three intervals, or
	// that has none StartupTimeout after Run. What it last found is no longer
	// relied on: it counts as Failing until there is a new result. Nothing
	// turns Stale while draining.
	Stale State = "stale"
	// Draining is a Checker after Drain, or one whose Run has ended. It
	// stays so. Not ready.
	Draining State = "draining"
)

// initial reports whether a check may begin in the state.
func (s State) initial() bool {
	return s == Starting || s == Passing || s == Degraded || s == Failing
}

// word returns what the probes and the draft call the state.
func (s State) word() string {
	switch s {
	case Passing:
		return "pass"
	case Degraded:
		return "warn"
	default:
		return "fail"
	}
}
