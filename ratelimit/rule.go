package ratelimit

import (
	"net/http"
	"net/netip"
	"strconv"
	"time"
)

// Rule is one limit. Every rule whose Pattern matches a request applies to
// it: a specific rule never lifts a broad one. Its functions are called by many
// requests at a time, and must neither change nor keep the request.
type Rule struct {
	_ [0]func()

	// Name stands in the response fields, in logs and in the key space of the
	// counts, where renaming a rule forgets them. Default: the pattern and the
	// keys, "POST /login by ip". It must be unique among the rules, of
	// printable ASCII, and at most 128 characters long.
	Name string
	// Pattern is a pattern of net/http's ServeMux: "POST /login". Without a
	// method it means every method; empty it matches every request. It is
	// tried in every spelling of the path that a router may accept, such as
	// //login and /login/.
	Pattern string
	// Limit is how many requests one key has in a Window: 1 to 1,000,000. The
	// sliding window is an approximation from two counts, see Window: never
	// more than Limit are admitted in a window of the clock, and up to
	// 2·Limit−1 in some other stretch of the same length, if they come in
	// bursts that are timed at a window's edge. In exchange some are denied
	// that a log of every request would admit: a Limit of 1 a second admits
	// one every two seconds. Where no stretch may have more than n, set
	// (n+1)/2.
	Limit int
	// Window is the length of the sliding window, in whole seconds: 1 s to
	// 31 days. Windows follow one another on the store's clock. What is held
	// against Limit is the count of the current one and the weighted count of
	// the one before, so that a request may weigh for up to two windows.
	Window time.Duration
	// Keys are what to count by, together: {IP(), Field("email")} counts each
	// pair of an address and an e-mail address. One to four; there is no
	// default.
	Keys []Key

	// Count says which requests count: [All] (the default), [Failures] or
	// [ResetOnSuccess].
	Count Count
	// SuccessStatus lists the statuses of a response that are a success, for
	// rules that count failures, where the handler declares nothing: for a
	// JSON API that answers a wrong password with 401, {200} or {204}. Of
	// several rules for a form, such as those of [LoginRules], each needs it.
	// Default: none, only [Succeed] is a success.
	SuccessStatus []int
	// Penalty refuses a key for longer and longer. Default: not at all.
	Penalty Penalty
	// Cost says how much of the limit a request uses, such as the number of
	// invitations in a form. Default (nil): 1. What it returns is taken for 1
	// where it is less, and for Limit where it is more. It must not read the
	// body.
	Cost func(*http.Request) int

	// Required answers a request without one of the rule's fields with 400,
	// and with 413 where the form is so long that its fields are not all
	// known. Neither the handler nor OnDeny sees it: a form that wants to
	// answer an empty field itself sets this to false, and needs a rule by IP
	// beside. Default: such a request is not counted by the rule.
	Required bool
	// Known reports whether a request comes from a device that the account
	// knows, by a cookie that an earlier login has set and signed for this
	// account. Such a request is not counted, so that guesses from elsewhere
	// do not lock the owner out. A rule that counts failures by Field alone
	// must have it. It may read the form (PostFormValue, as the handler does, or at most 64 KiB of the
	// body), which the handler then finds as it was.
	Known func(*http.Request) bool
	// Allow lists networks whose clients are not counted, by their address as
	// Config.ClientIP finds it: IPv4, or IPv6 of a /64 or wider.
	Allow []netip.Prefix
	// AllowFunc reports whether a request is not to be counted: a health
	// check, or a customer with another contract. It must not read the body,
	// and must not trust what a client can choose.
	AllowFunc func(*http.Request) bool

	// DryRun lets pass what the rule would deny. It is counted and told to
	// Config.OnEvent and the log as with any rule, and the client sees nothing
	// of it: to try a rule on real traffic.
	DryRun bool
	// FailClosed answers 503 while a shared store does not answer, where this
	// process would otherwise count alone: for a form that must not send one
	// SMS too many. With counts in the process it never applies.
	FailClosed bool
	// Quiet keeps a denial by this rule out of the response's fields: there is
	// no Retry-After and no RateLimit, so that OnDeny, which it needs, can
	// answer as if nothing had happened.
	Quiet bool
	// OnDeny answers what this rule denies, in place of Config.OnDeny.
	OnDeny func(http.ResponseWriter, *http.Request, Denial)
}

// RuleInfo is one line of the table that [Limiter.Rules] returns.
type RuleInfo struct {
	// Name is the rule's name, the default where none was given.
	Name string
	// Pattern is the rule's pattern as it was written.
	Pattern string
	// Limit is how many requests a key has in a Window, see [Rule].
	Limit int
	// Window is the length of the sliding window, see [Rule].
	Window time.Duration
	// Keys is what is counted by: "ip and field email".
	Keys string
	// Count says which requests count.
	Count Count
	// DryRun says that the rule denies nothing.
	DryRun bool
}

// String returns the line as text: `POST /login by ip: 20 failures in 1m0s`.
func (i RuleInfo) String() string {
	text := i.Name + ": " + strconv.Itoa(i.Limit)
	switch i.Count {
	case Failures:
		text += " failures"
	case ResetOnSuccess:
		text += " failures in a row"
	}
	text += " in " + i.Window.String()
	if i.DryRun {
		text += ", dry run"
	}
	return text
}
