package ratelimit

import (
	"net/netip"
	"time"

	"github.com/launchready/readiness/internal/clientip"
)

// LoginRules returns the rules for a login form: 20 requests a minute for one
// client address. That slows the guessing of passwords from one place, and an
// office behind one address still logs in on a Monday morning. It does not
// stop guessing from many addresses. As with every [Rule], the window is an
// approximation: bursts that are timed at its edge get up to 39 through within
// one minute.
func LoginRules(pattern string) []Rule {
	return []Rule{{Pattern: pattern, Limit: 20, Window: time.Minute, Key: IP()}}
}

// SignupRules returns the rules for a sign-up form: 30 requests an hour for
// one client address, failed attempts included; at a window's edge up to 59
// within one hour, see [Rule].
func SignupRules(pattern string) []Rule {
	return []Rule{{Pattern: pattern, Limit: 30, Window: time.Hour, Key: IP()}}
}

// ContactRules returns the rules for a form that sends a message to somebody:
// 20 requests in 10 minutes for one client address; at a window's edge up to
// 39 within 10 minutes, see [Rule].
func ContactRules(pattern string) []Rule {
	return []Rule{{Pattern: pattern, Limit: 20, Window: 10 * time.Minute, Key: IP()}}
}

// WebhookRules returns the rules for a webhook: 1,200 requests a minute for
// one client address. That is far above what a provider sends who catches up
// after an outage, and keeps a stranger from having signatures checked at
// full speed; at a window's edge up to 2,399 pass within one minute, see
// [Rule]. A provider who is refused all the same reads Retry-After and
// comes back.
func WebhookRules(pattern string) []Rule {
	return []Rule{{Pattern: pattern, Limit: 1200, Window: time.Minute, Key: IP()}}
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
