package ratelimit

import (
	"net/http"
	"net/netip"
	"time"

	"github.com/launchready/readiness/internal/clientip"
)

// LoginRules returns the rules for a login form: 20 failures a minute for one
// client address, and 5 in 15 minutes for one address and the account in the
// field "email", which is required. Failures are all requests that the handler
// does not declare to have succeeded, with [Succeed]: an office behind one
// address logs in on a Monday morning without a limit but the 20 that may be in
// flight at once. A 21st is denied, with a Retry-After for the case that all
// of them fail; where they succeed, the next try passes, on another replica
// within a second. Where more people than that arrive together, raise the first
// rule's Limit. Name the method in pattern: under "/login" the GET that shows
// the form is counted too, and is answered 400 for want of the field.
//
// That stops guessing from one place, and not from many addresses at once,
// each of which begins anew: add [AccountRules]. As with every [Rule], the
// window is an approximation: bursts that are timed at its edge get up to 39,
// and 9, through within one.
func LoginRules(pattern string) []Rule {
	return []Rule{
		{Pattern: pattern, Limit: 20, Window: time.Minute, Keys: []Key{IP()}, Count: Failures},
		{Pattern: pattern, Limit: 5, Window: 15 * time.Minute, Keys: []Key{IP(), Field("email")}, Count: Failures, Required: true},
	}
}

// AccountRules returns the rule that slows the guessing of one account's
// password from many addresses: after 5 failures in 30 seconds for the account
// in the field "email", a delay of 10 seconds that doubles with every further
// denial, and is never longer than a minute. A success ends it. So an attack
// does not lock the owner out, not even on a new device; and where known
// reports that the request comes from a device that the account knows, see
// [Rule.Known], nothing is counted or refused at all. [New] demands known.
func AccountRules(pattern string, known func(*http.Request) bool) []Rule {
	return []Rule{{
		Pattern: pattern, Limit: 5, Window: 30 * time.Second, Keys: []Key{Field("email")}, Count: ResetOnSuccess,
		Penalty: Penalty{First: 10 * time.Second, Max: time.Minute}, Known: known,
	}}
}

// SignupRules returns the rules for a sign-up form: 30 requests an hour for
// one client address, failed attempts included, and 10 for one address and the
// field "email", so that nobody is sent one confirmation after the other; at a
// window's edge up to 59, and 19, within one hour, see [Rule].
func SignupRules(pattern string) []Rule {
	return []Rule{
		{Pattern: pattern, Limit: 30, Window: time.Hour, Keys: []Key{IP()}},
		{Pattern: pattern, Limit: 10, Window: time.Hour, Keys: []Key{IP(), Field("email")}},
	}
}

// ContactRules returns the rules for a form that sends a message to somebody:
// 20 requests in 10 minutes for one client address; at a window's edge up to
// 39 within 10 minutes, see [Rule].
func ContactRules(pattern string) []Rule {
	return []Rule{{Pattern: pattern, Limit: 20, Window: 10 * time.Minute, Keys: []Key{IP()}}}
}

// PasswordResetRules returns the rules for a form that mails a link to reset a
// password: 10 requests in 15 minutes for one client address, and 5 an hour for
// the account in the field "email", whoever asks. A request over a limit is
// answered by samePage, which must show what the form always shows ("If there
// is an account, a mail is on its way") and send no mail: nobody learns that
// somebody else has asked, and no mailbox is flooded. It gets no Retry-After.
// Where samePage is nil the answer is 429, as with other rules.
//
// A stranger who asks 5 times has had the owner sent 5 working links, so that
// the limit locks nobody out as long as these links live for an hour.
func PasswordResetRules(pattern string, samePage http.HandlerFunc) []Rule {
	rules := []Rule{
		{Pattern: pattern, Limit: 10, Window: 15 * time.Minute, Keys: []Key{IP()}},
		{Pattern: pattern, Limit: 5, Window: time.Hour, Keys: []Key{Field("email")}, Required: true},
	}
	if samePage != nil {
		for i := range rules {
			rules[i].Quiet = true
			rules[i].OnDeny = func(w http.ResponseWriter, r *http.Request, _ Denial) { samePage(w, r) }
		}
	}
	return rules
}

// WebhookRules returns the rules for a webhook: 300 bad signatures a minute
// for one client address. The handler calls [Succeed] as soon as it has found a
// signature good, whatever it answers then, so that a payment provider who
// retries, or catches up after an outage, is never refused, with up to 300
// requests in flight. A stranger cannot have signatures checked at full speed;
// at a window's edge up to 599 pass within one minute, see [Rule].
func WebhookRules(pattern string) []Rule {
	return []Rule{{Pattern: pattern, Limit: 300, Window: time.Minute, Keys: []Key{IP()}, Count: Failures}}
}

// CloudflareRangesDate is the day (YYYY-MM-DD) of the ranges that
// [CloudflareRanges] returns.
const CloudflareRangesDate = clientip.CloudflareDate

// CloudflareRanges returns the networks that Cloudflare's proxies connect
// from, for [ClientIP.TrustedProxies], as published on [CloudflareRangesDate].
// A range that was added since is not trusted: its clients then share the
// proxy's count. A server that the Internet also reaches directly is safe,
// because only these peers are believed. The slice is the caller's own.
func CloudflareRanges() []netip.Prefix { return clientip.Cloudflare() }

// PrivateNetworks returns the networks that the Internet does not route, for
// [ClientIP.TrustedProxies] of a service whose proxy stands in the same
// private network: loopback, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16,
// 100.64.0.0/10, link-local, and their counterparts in IPv6. Where your users
// are in such a network too, list the proxies' own addresses instead: every
// client in a trusted network can choose its address. The slice is the
// caller's own.
func PrivateNetworks() []netip.Prefix { return clientip.Private() }
