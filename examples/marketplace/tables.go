package main

import (
	"slices"
	"time"

	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/ratelimit"
)

// policies decide for every GET route: three pages are the same bytes for
// everybody and are kept; everything with a session is not.
func policies() []cache.Policy {
	const public = "the page shows nothing of the session"
	return []cache.Policy{
		{Pattern: "GET /{$}", Class: cache.ShortCache, TTL: 30 * time.Second, Tags: []string{"listings"}, SharedDespiteCookies: public},
		{Pattern: "GET /listings", Class: cache.ShortCache, TTL: 30 * time.Second, Query: []string{"q", "page", "kind"}, Tags: []string{"listings"}, SharedDespiteCookies: public},
		{
			Pattern: "GET /listings/{id}", Class: cache.Revalidate, TTL: time.Minute,
			StaleWhileRevalidate: time.Minute, StaleIfError: time.Hour, // a listing is read more often than it changes
			Tags: []string{"listing:{id}"}, SharedDespiteCookies: public,
		},
		{Pattern: "GET /listings/new", Class: cache.NoCache},
		{Pattern: "GET /listings/{id}/edit", Class: cache.NoCache},
		{Pattern: "GET /listings/{id}/request", Class: cache.NoCache},
		{Pattern: "GET /signup", Class: cache.NoCache},
		{Pattern: "GET /login", Class: cache.NoCache},
		{Pattern: "GET /forgot", Class: cache.NoCache},
		{Pattern: "GET /reset", Class: cache.NoCache},
		{Pattern: "GET /account", Class: cache.NoCache},
		{Pattern: "GET /notifications", Class: cache.NoCache},
		{Pattern: "GET /admin/", Class: cache.NoCache},
		{Pattern: "GET /api/", Class: cache.NoCache},
		{Pattern: "GET /static/{file}", Class: cache.Immutable}, // a file's name holds a digest of it
		{Pattern: "GET /robots.txt", Class: cache.ShortCache, TTL: time.Hour, ExpiryOnly: "it changes with a release only"},
	}
}

// purges make a new or changed listing visible at once.
func purges() []cache.Purge {
	return []cache.Purge{
		{Pattern: "POST /listings", Tags: []string{"listings"}},
		{Pattern: "POST /listings/{id}", Tags: []string{"listings", "listing:{id}"}},
	}
}

// rules limit every form and the webhook.
func (a *app) rules() []ratelimit.Rule {
	posting := func(pattern string) ratelimit.Rule {
		return ratelimit.Rule{Pattern: pattern, Limit: 60, Window: 10 * time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}}
	}
	return slices.Concat(
		ratelimit.LoginRules("POST /login"),
		ratelimit.AccountRules("POST /login", a.knownDevice),
		ratelimit.SignupRules("POST /signup"),
		ratelimit.PasswordResetRules("POST /forgot", a.forgotLimited),
		ratelimit.ContactRules("POST /listings/{id}/requests"),
		ratelimit.WebhookRules("POST /webhooks/payment"),
		[]ratelimit.Rule{
			posting("POST /reset"), posting("POST /logout"), posting("POST /listings"), posting("POST /listings/{id}"),
			posting("POST /admin/requests/{id}"),
		},
	)
}
