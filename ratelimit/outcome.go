package ratelimit

import (
	"net/http"

	"github.com/launchready/readiness/internal/respond"
)

// Count says which requests a rule counts.
type Count uint8

// The ways to count.
const (
	// All counts every request that is admitted. It is the default.
	All Count = iota
	// Failures counts what fails: each request is charged before the handler
	// runs, so that a hundred guesses at once are a hundred guesses, and what
	// succeeded is given back afterwards. As many requests as Limit can
	// therefore be in flight for one key.
	Failures
	// ResetOnSuccess counts as Failures does, and a success forgets all that
	// was counted for its key, the penalty too. It is for keys of an account,
	// by Field or Func: under IP alone an attacker with one account of his own
	// would wipe out his guesses at others, and New refuses it.
	ResetOnSuccess
)

// String returns "all", "failures" or "reset on success".
func (c Count) String() string {
	switch c {
	case All:
		return "all"
	case Failures:
		return "failures"
	case ResetOnSuccess:
		return "reset on success"
	default:
		return "unknown"
	}
}

// Succeed declares, inside a handler, that the request has succeeded: the
// password was right, the signature was good. Rules that count [Failures] give
// back what they charged. Nothing else is a success, unless the rule has
// SuccessStatus: a wrong password is often answered with 200 or a redirect.
//
// w is the handler's ResponseWriter, or one around it that has an Unwrap
// method. Of several declarations the last one counts. Where no rule counts
// failures it does nothing. It must be called before the handler returns, by
// the handler's goroutine.
func Succeed(w http.ResponseWriter) { declare(w, respond.Succeeded) }

// Fail declares that the request has failed, whatever its status says. It
// matters to rules with SuccessStatus, and after [Succeed].
func Fail(w http.ResponseWriter) { declare(w, respond.Failed) }

func declare(w http.ResponseWriter, o respond.Outcome) {
	if rec := respond.Find(w); rec != nil {
		rec.SetOutcome(o)
	}
}
