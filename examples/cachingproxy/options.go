package main

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/launchready/readiness/cache"
)

// options are the command line.
type options struct {
	listen, origin, redis string
	pass                  prefixes
}

type prefixes []string

func (p *prefixes) String() string     { return strings.Join(*p, " ") }
func (p *prefixes) Set(s string) error { *p = append(*p, s); return nil }

// settings are what the options mean.
type settings struct {
	listen   string
	origin   *url.URL
	policies []cache.Policy
	redis    *redis.Client // nil: pages are kept in this process
}

// settings reports every problem of the options at once. No error shows a URL:
// it may hold a password.
func (o *options) settings() (*settings, error) {
	s := &settings{listen: o.listen, policies: []cache.Policy{
		{Pattern: "GET /", Class: cache.Follow, ExpiryOnly: "the origin says how long each of its responses lives"},
	}}
	var problems []error
	u, err := url.Parse(o.origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || *u != (url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}) || strings.Trim(u.Path, "/") != "" {
		problems = append(problems, errors.New("-origin: write the scheme and the host of a server and nothing else, such as http://127.0.0.1:9000"))
	}
	s.origin = u
	var seen []string
	for _, prefix := range o.pass {
		clean := strings.TrimSuffix(prefix, "/")
		switch {
		case clean == "" || clean != path.Clean("/"+clean) || strings.ContainsAny(clean, "{}%?# \t"):
			problems = append(problems, fmt.Errorf("-pass: %q is not a plain path below the root; write one such as /account", prefix))
		case !slices.Contains(seen, clean):
			seen = append(seen, clean)
			s.policies = append(s.policies,
				cache.Policy{Pattern: "GET " + clean, Class: cache.NoCache},
				cache.Policy{Pattern: "GET " + clean + "/", Class: cache.NoCache})
		}
	}
	if o.redis != "" {
		opt, err := redis.ParseURL(o.redis)
		if err != nil {
			return nil, errors.Join(append(problems, errors.New("-redis (or REDIS_URL): not the URL of a Redis; write redis://HOST:PORT, or rediss:// for TLS"))...)
		}
		opt.ContextTimeoutEnabled = true // the store bounds each call
		s.redis = redis.NewClient(opt)   // it connects when it is used
	}
	return s, errors.Join(problems...)
}
