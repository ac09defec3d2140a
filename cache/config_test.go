package cache_test

import (
	"errors"
	"io"
	"log"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/launchready/readiness/cache"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func TestConfigErrors(t *testing.T) {
	t.Parallel()
	short := func(change func(*cache.Policy)) cache.Config {
		p := cache.Policy{Pattern: "GET /a/{id}", Class: cache.ShortCache, TTL: time.Second, Tags: []string{"a:{id}"}}
		change(&p)
		return cache.Config{Policies: []cache.Policy{p}}
	}
	with := func(change func(*cache.Config)) cache.Config {
		cfg := cache.Config{Policies: []cache.Policy{{Pattern: "GET /a/{id}", Class: cache.ShortCache, TTL: time.Second, Tags: []string{"a:{id}"}}}}
		change(&cfg)
		return cfg
	}
	tests := []struct {
		name string
		cfg  cache.Config
		want []string // "Path: part of the problem", all of them
	}{
		{"no policy", cache.Config{}, []string{"Policies: without a policy"}},
		{"no pattern", short(func(p *cache.Policy) { p.Pattern, p.Tags = "", []string{"a"} }), []string{"Policies[0].Pattern: must be set"}},
		{"malformed pattern", short(func(p *cache.Policy) { p.Pattern, p.Tags = "GET a", []string{"a"} }), []string{"Policies[0].Pattern: "}},
		{"no class", short(func(p *cache.Policy) { p.Class = 0 }), []string{"Policies[0].Class: must be"}},
		{"unknown class", short(func(p *cache.Policy) { p.Class = 99 }), []string{"Policies[0].Class: must be"}},
		{"no TTL", short(func(p *cache.Policy) { p.TTL = 0 }), []string{"Policies[0].TTL: must be set"}},
		{"negative TTL", short(func(p *cache.Policy) { p.TTL = -time.Second }), []string{"Policies[0].TTL: must be positive, got -1s"}},
		{"long TTL", short(func(p *cache.Policy) { p.TTL = 25 * time.Hour }), []string{"Policies[0].TTL: must be at most 24h"}},
		{"no invalidation", short(func(p *cache.Policy) { p.Tags = nil }), []string{"Policies[0].Tags: must name"}},
		{"blank reason", short(func(p *cache.Policy) { p.Tags, p.ExpiryOnly = nil, " " }), []string{"Policies[0].Tags: must name"}},
		{"reason and tags", short(func(p *cache.Policy) { p.ExpiryOnly = "why" }), []string{"Policies[0].ExpiryOnly: contradicts"}},
		{"unknown wildcard", short(func(p *cache.Policy) { p.Tags = []string{"a:{nr}"} }), []string{"Policies[0].Tags[0]: {nr}"}},
		{"open brace", short(func(p *cache.Policy) { p.Tags = []string{"a:{id"} }), []string{"Policies[0].Tags[0]: without its }"}},
		{"empty tag", short(func(p *cache.Policy) { p.Tags = []string{""} }), []string{"Policies[0].Tags[0]: must not be empty"}},
		{"tag twice", short(func(p *cache.Policy) { p.Tags = []string{"a", "a"} }), []string{"Policies[0].Tags[1]: twice"}},
		{"unsafe method", short(func(p *cache.Policy) { p.Pattern = "POST /a/{id}" }), []string{"Policies[0].Pattern: has POST"}},
		{"HEAD", short(func(p *cache.Policy) { p.Pattern = "HEAD /a/{id}" }), []string{"Policies[0].Pattern: has HEAD"}},
		{"query", short(func(p *cache.Policy) { p.Query = []string{"q", "", "q"} }), []string{"Policies[0].Query[1]: empty", "Policies[0].Query[2]: twice"}},
		{
			"vary",
			short(func(p *cache.Policy) {
				p.Vary = []string{"*x y", "cookie", "authorization", "Accept-Language", "accept-language"}
			}),
			[]string{"Policies[0].Vary[0]: not a header", "Policies[0].Vary[1]: Cookie cannot", "Policies[0].Vary[2]: Authorization cannot", "Policies[0].Vary[4]: twice"},
		},
		{"blank cookies reason", short(func(p *cache.Policy) { p.SharedDespiteCookies = "\t" }), []string{"Policies[0].SharedDespiteCookies: must say why"}},
		{
			"NoCache with everything",
			cache.Config{Policies: []cache.Policy{{
				Pattern: "/", Class: cache.NoCache, TTL: 1, Query: []string{"q"}, DropOtherQuery: true, Vary: []string{"A"},
				Tags: []string{"a"}, ExpiryOnly: "x", SharedDespiteCookies: "x",
			}}},
			[]string{
				"Policies[0].TTL: no meaning", "Policies[0].Query: no meaning", "Policies[0].DropOtherQuery: no meaning", "Policies[0].Vary: no meaning",
				"Policies[0].Tags: no meaning", "Policies[0].ExpiryOnly: no meaning", "Policies[0].SharedDespiteCookies: no meaning",
			},
		},
		{
			"twice", with(func(c *cache.Config) {
				c.Policies = append(c.Policies, cache.Policy{Pattern: "/a/{x}", Class: cache.NoCache})
			}),
			[]string{"Policies[1].Pattern: Policies[0].Pattern"},
		},
		{
			"overlap", with(func(c *cache.Config) {
				c.Policies = append(c.Policies, cache.Policy{Pattern: "/{x}/b", Class: cache.NoCache})
			}),
			[]string{"Policies[1].Pattern: Policies[0].Pattern"},
		},
		{
			"purge", with(func(c *cache.Config) {
				c.Purges = []cache.Purge{
					{Pattern: "GET /a/{id}", Tags: []string{"a:{id}"}},
					{Pattern: "POST /a", Tags: nil},
					{Pattern: "POST /a/{id}", Tags: []string{"aa:{id}", "a:{id}", "a:{x}", ""}},
					{Tags: []string{"a:1"}},
				}
			}),
			[]string{
				"Purges[0].Pattern: has GET", "Purges[1].Tags: at least one", "Purges[2].Tags[0]: carried by no policy",
				"Purges[2].Tags[2]: {x}", "Purges[2].Tags[3]: must not be empty", "Purges[3].Pattern: must be set",
			},
		},
		{
			"Revalidate without anything", short(func(p *cache.Policy) { p.Class = cache.Revalidate }),
			[]string{"Policies[0].Class: Revalidate needs StaleWhileRevalidate, StaleIfError or Version: without one it is ShortCache"},
		},
		{
			"negative times", short(func(p *cache.Policy) {
				p.Class, p.StaleWhileRevalidate, p.StaleIfError, p.ClientTTL, p.CDNTTL = cache.Revalidate, -1, -2, -time.Second, -time.Hour
			}),
			[]string{
				"Policies[0].StaleWhileRevalidate: must not be negative, got -1ns", "Policies[0].StaleIfError: must not be negative, got -2ns",
				"Policies[0].ClientTTL: must not be negative, got -1s", "Policies[0].CDNTTL: must not be negative, got -1h",
			},
		},
		{
			"times without a unit", short(func(p *cache.Policy) {
				p.Class, p.TTL, p.StaleWhileRevalidate, p.StaleIfError, p.ClientTTL, p.CDNTTL = cache.Revalidate, 30, 30, 30, 30, 30
			}),
			[]string{
				"Policies[0].TTL: must be at least 1ms, got 30ns: give a unit such as time.Second",
				"Policies[0].StaleWhileRevalidate: must be at least 1ms, got 30ns: give a unit", "Policies[0].StaleIfError: must be at least 1ms, got 30ns: give a unit",
				"Policies[0].ClientTTL: must be at least 1s, got 30ns: give a unit", "Policies[0].CDNTTL: must be at least 1s, got 30ns: give a unit",
			},
		},
		{"less than a second for a browser", short(func(p *cache.Policy) { p.ClientTTL = time.Second - 1 }), []string{"Policies[0].ClientTTL: must be at least 1s, got 999.999999ms"}},
		{
			"long times", short(func(p *cache.Policy) {
				p.Class, p.StaleWhileRevalidate, p.StaleIfError = cache.Revalidate, 24*time.Hour+1, 25*time.Hour
				p.ClientTTL, p.CDNTTL = 25*time.Hour, 366*24*time.Hour
			}),
			[]string{
				"Policies[0].StaleWhileRevalidate: must be at most 24h", "Policies[0].StaleIfError: must be at most 24h",
				"Policies[0].ClientTTL: must be at most 24h", "Policies[0].CDNTTL: must be at most 8760h",
			},
		},
		{
			"ShortCache with what Revalidate has", short(func(p *cache.Policy) {
				p.StaleWhileRevalidate, p.StaleIfError, p.Version = time.Second, time.Second, func(*http.Request) (string, error) { return "", nil }
			}),
			[]string{
				"Policies[0].StaleWhileRevalidate: has no meaning with ShortCache; remove it, or choose Revalidate",
				"Policies[0].StaleIfError: has no meaning with ShortCache; remove it, or choose Revalidate",
				"Policies[0].Version: has no meaning with ShortCache; remove it, or choose Revalidate",
			},
		},
		{
			"Follow with what is declared elsewhere", short(func(p *cache.Policy) {
				p.Class, p.ClientTTL, p.CDNTTL, p.Query, p.DropOtherQuery = cache.Follow, time.Second, time.Second, []string{"q"}, true
			}),
			[]string{
				"Policies[0].TTL: has no meaning with Follow; remove it, or choose ShortCache or Revalidate", "Policies[0].ClientTTL: no meaning with Follow",
				"Policies[0].CDNTTL: no meaning with Follow", "Policies[0].Query: no meaning with Follow", "Policies[0].DropOtherQuery: no meaning with Follow",
			},
		},
		{
			"Follow without an end",
			cache.Config{Policies: []cache.Policy{{Pattern: "/", Class: cache.Follow}}},
			[]string{"Policies[0].Tags: must name how it is purged, or ExpiryOnly must say why its time is enough"},
		},
		{
			"Immutable with anything", short(func(p *cache.Policy) {
				p.Class, p.Vary, p.SharedDespiteCookies, p.Audience = cache.Immutable, []string{"A"}, "x", func(*http.Request) (string, bool) { return "", true }
			}),
			[]string{
				"Policies[0].TTL: no meaning with Immutable", "Policies[0].Vary: no meaning with Immutable", "Policies[0].Tags: no meaning with Immutable; remove it, or choose ShortCache or Revalidate or Follow",
				"Policies[0].SharedDespiteCookies: no meaning with Immutable", "Policies[0].Audience: no meaning with Immutable",
			},
		},
		{
			"Immutable for a write",
			cache.Config{Policies: []cache.Policy{{Pattern: "PUT /a/", Class: cache.Immutable}}},
			[]string{"Policies[0].Pattern: has PUT, and only the answer to a GET is cached; write GET, or choose NoCache"},
		},
		{
			"loads", with(func(c *cache.Config) {
				c.Loads = []cache.LoadPolicy{
					{},
					{Name: "a", TTL: time.Minute, Tags: []string{"a:1"}},
					{Name: "a", TTL: -time.Minute, ExpiryOnly: "x"},
					{Name: "b", TTL: 30, Args: []string{"id", "", "{x}", "id"}, Tags: []string{"b:{id}", "b:{nr}", "", "b:{id}", "b:{id", "{x1}:{x2}"}, ExpiryOnly: "x"},
					{Name: "c", TTL: 25 * time.Hour, ExpiryOnly: " "},
				}
			}),
			[]string{
				"Loads[0].Name: must be set: LoadKey names it", "Loads[0].TTL: must be set for a value of Load, for example 30 * time.Second", "Loads[0].Tags: must name how it is purged",
				`Loads[2].Name: "a" is declared twice`, "Loads[2].TTL: must be positive, got -1m0s",
				`Loads[3].Args[1]: "" must be a name without braces`, `Loads[3].Args[2]: "{x}" must be a name without braces`, `Loads[3].Args[3]: "id" is listed twice`,
				"Loads[3].TTL: must be at least 1ms, got 30ns: give a unit", "Loads[3].ExpiryOnly: contradicts Tags; keep one of them",
				`Loads[3].Tags[1]: {nr} in "b:{nr}" is not one of Args`, "Loads[3].Tags[2]: must not be empty", `Loads[3].Tags[3]: "b:{id}" is listed twice`, `Loads[3].Tags[4]: "b:{id" has a { without its }`,
				`Loads[3].Tags[5]: {x1} in "{x1}:{x2}" is not one of Args`, `Loads[3].Tags[5]: {x2} in "{x1}:{x2}" is not one of Args`,
				"Loads[4].TTL: must be at most 24h", "Loads[4].Tags: must name how it is purged",
			},
		},
		{"a name that is no token", with(func(c *cache.Config) { c.StatusName = "my cache" }), []string{`StatusName: "my cache" is not a token: a letter, then letters, digits and hyphens`}},
		{"a name that Structured Fields do not take", with(func(c *cache.Config) { c.StatusName = "1st" }), []string{`StatusName: "1st" is not a token`}},
		{"a hidden name", with(func(c *cache.Config) { c.StatusName, c.HideStatus = "edge", true }), []string{"StatusName: contradicts HideStatus; keep one of them"}},
		{"a pattern of cookies", with(func(c *cache.Config) { c.PublicCookies = []string{"_ga*"} }), []string{`PublicCookies[0]: "_ga*" is compared letter by letter: list every name`}},
		{"cookies", with(func(c *cache.Config) { c.PublicCookies = []string{"a b", "x", "x"} }), []string{"PublicCookies[0]: not a cookie", "PublicCookies[2]: twice"}},
		{"negative bytes", with(func(c *cache.Config) { c.MaxBytes, c.MaxBody = -1, -2 }), []string{"MaxBytes: positive, got -1", "MaxBody: positive, got -2"}},
		{"large body", with(func(c *cache.Config) { c.MaxBytes, c.MaxBody = 1000, 501 }), []string{"MaxBody: half of MaxBytes"}},
		{"huge body", with(func(c *cache.Config) { c.MaxBytes, c.MaxBody = 1<<40, 1<<30 }), []string{"MaxBody: at most"}},
		{
			"Redis", with(func(c *cache.Config) {
				c.MaxBytes, c.Store = 1, cache.NewRedisStore(nil, cache.RedisConfig{Prefix: "{x}", Timeout: -1})
			}),
			[]string{"MaxBytes: Store is set", "Store: needs a client", "Store: without braces", "Store: Timeout must be positive"},
		},
		{
			"Cluster", with(func(c *cache.Config) {
				c.Store = cache.NewRedisStore(redis.NewClusterClient(&redis.ClusterOptions{}), cache.RedisConfig{})
			}),
			[]string{"Store: ContextTimeoutEnabled"},
		},
		{
			"a Cluster that reads from replicas", with(func(c *cache.Config) {
				cluster := redis.NewClusterClient(&redis.ClusterOptions{ContextTimeoutEnabled: true, ReadOnly: true})
				t.Cleanup(func() { _ = cluster.Close() })
				c.Store = cache.NewRedisStore(cluster, cache.RedisConfig{})
			}),
			[]string{"Store: remove ReadOnly"},
		},
		{
			"near bytes", with(func(c *cache.Config) {
				c.Store = cache.NewRedisStore(client(t, "127.0.0.1:1"), cache.RedisConfig{NearBytes: -1})
			}),
			[]string{"Store: RedisConfig.NearBytes must be positive, got -1"},
		},
		{
			"nil client", with(func(c *cache.Config) {
				c.Store = cache.NewRedisStore((*redis.Client)(nil), cache.RedisConfig{})
			}),
			[]string{"Store: nil *redis.Client"},
		},
		{
			"other client", with(func(c *cache.Config) {
				c.Store = cache.NewRedisStore(struct{ redis.UniversalClient }{}, cache.RedisConfig{})
			}),
			[]string{"Store: whose calls it cannot bound"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := cache.New(tt.cfg)
			if c != nil || !errors.Is(err, cache.ErrConfig) {
				t.Fatalf("got %v, %v", c, err)
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(tt.want) {
				t.Errorf("got %d problems, want %d:\n%v", len(lines), len(tt.want), err)
			}
			for _, want := range tt.want {
				path, part, _ := strings.Cut(want, ": ")
				if !contains(lines, "cache: "+path+": ", part) {
					t.Errorf("no problem of %s with %q in\n%v", path, part, err)
				}
			}
			var one *cache.ConfigError
			if !errors.As(err, &one) || one.Package != "cache" {
				t.Errorf("errors.As gave %+v", one)
			}
		})
	}
}

func TestConfigIsCopied(t *testing.T) {
	t.Parallel()
	policies := pages()
	s := newSite(t, cache.Config{Policies: policies}, path)
	policies[0].Query[0], policies[0].Tags[0], policies[0].TTL = "x", "x", 0
	s.get("/list?q=1")
	if got := s.get("/list?q=1").says(); !strings.HasPrefix(got, "hit") {
		t.Errorf("got %s", got)
	}
}

// What is right is no problem: the bounds themselves, and Loads without
// Policies, whose tags a rule may purge.
func TestConfigsThatAreRight(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for name, cfg := range map[string]cache.Config{
		"loads alone": {
			Loads:  []cache.LoadPolicy{{Name: "a", Args: []string{"id"}, TTL: time.Millisecond, Tags: []string{"a:{id}", "{id}"}}},
			Purges: []cache.Purge{{Pattern: "POST /a/{number}", Tags: []string{"a:{number}"}}},
		},
		"the longest times": {Policies: []cache.Policy{{
			Pattern: "/a", Class: cache.Revalidate, TTL: day, StaleWhileRevalidate: day, StaleIfError: day, ClientTTL: day, CDNTTL: 365 * day, ExpiryOnly: "x",
		}}},
		"the shortest times": {Policies: []cache.Policy{{
			Pattern: "/a", Class: cache.Revalidate, TTL: time.Millisecond, StaleWhileRevalidate: time.Millisecond, ClientTTL: time.Second, CDNTTL: time.Second, ExpiryOnly: "x",
		}}},
		"a version alone": {Policies: []cache.Policy{{
			Pattern: "/a", Class: cache.Revalidate, TTL: time.Second, Version: func(*http.Request) (string, error) { return "", nil }, ExpiryOnly: "x",
		}}},
		"a name": {Policies: []cache.Policy{{Pattern: "/", Class: cache.NoCache}}, StatusName: "ExampleCache-1"},
	} {
		if _, err := cache.New(cfg); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A struct that a user fills in takes fields for ever: it can be neither
// compared nor written without its field names.
func TestStructsOfUsersAreOpen(t *testing.T) {
	t.Parallel()
	for _, v := range []any{cache.Config{}, cache.Policy{}, cache.Purge{}, cache.RedisConfig{}, cache.LoadPolicy{}, cache.LoadKey{}} {
		typ := reflect.TypeOf(v)
		if typ.Comparable() {
			t.Errorf("%s is comparable", typ)
		}
		if f := typ.Field(0); f.Name != "_" || f.Type.Size() != 0 {
			t.Errorf("%s begins with %s", typ, f.Name)
		}
	}
}

func TestUndecidedAndUnused(t *testing.T) {
	t.Parallel()
	c := newCache(t, cache.Config{Purges: []cache.Purge{{Pattern: "PUT /page/{id}", Tags: []string{"page:{id}"}}}})
	routes := []string{"GET /list", "GET /page/{id}", "POST /list", "GET /new", "/account/me", "POST /account/me", "GET /dir/x"}
	if got, want := c.Undecided(slices.Values(routes)), []string{"GET /new"}; !slices.Equal(got, want) {
		t.Errorf("Undecided: got %q, want %q", got, want)
	}
	if got, want := c.Unused(slices.Values(routes)), []string{"PUT /page/{id}"}; !slices.Equal(got, want) {
		t.Errorf("Unused: got %q, want %q", got, want)
	}
}

func TestCanMeet(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, a, b string
		want       bool
	}{
		{"same", "list", "list", true},
		{"other", "list", "lists", false},
		{"wildcards of other names", "page:{id}", "page:{n}", true},
		{"filled in", "page:{id}", "page:5", true},
		{"other kind", "page:{id}", "pages:5", false},
		{"crossed", "{kind}:5", "page:{id}", true},
		{"crossed without", "{kind}:5", "page:{id}x", false},
		{"only wildcards", "{a}{b}", "x", true},
		{"middle", "a{x}c", "ab{y}", true},
		{"middle without", "a{x}c", "b{y}", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if cache.CanMeet(tt.a, tt.b) != tt.want || cache.CanMeet(tt.b, tt.a) != tt.want {
				t.Errorf("%q and %q: want %t both ways", tt.a, tt.b, tt.want)
			}
		})
	}
}
