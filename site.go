package readiness

import (
	"crypto/x509"
	"net/netip"
	"slices"
	"time"

	"github.com/launchready/readiness/internal/webprobe"
)

// site is what a Config declares about the domain, compiled by New: every
// name is a full one in lower case without the last dot, every default is
// filled in. Nothing writes to it.
type site struct {
	domain  string   // "" where none is declared
	hosts   []string // the apex, www, Hosts and Private, each once, in this order
	implied []string // those of hosts that nobody declared: the apex or www
	// canonical is the apex or www; "" where nothing is declared.
	canonical                 string
	proxied, dnsOnly, private []string
	origins                   []origin
	cloudflare                []netip.Prefix
	mail                      []mailDomain
	redirects                 []Redirect
	custom                    []Custom
	accept                    []acceptance
	registration              bool
	handover                  Handover
	handedOver                bool // there is something to hand over
	memory                    Memory

	stopOn       Severity
	only         []string
	timeout      time.Duration
	interval     time.Duration
	resolvers    []string // HOST:PORT
	connectTo    []webprobe.ConnectTo
	roots        *x509.CertPool
	allowPrivate bool
	progress     func(int, time.Duration)
}

// mailDomain is a Mail with its full domain. One that nobody declared is
// assumed: what it does follows from its records, and what is absent from
// them is no finding.
type mailDomain struct {
	Mail

	assumed bool
}

// origin is a server behind the proxy. Addr is the zero value where Host is a
// name.
type origin struct {
	Host string // an address or a name
	Port string
	Addr netip.Addr
}

// wants reports whether a family is to be looked at.
func (s *site) wants(family string) bool {
	return len(s.only) == 0 || slices.Contains(s.only, family)
}

// inCloudflare reports whether an address is one of Cloudflare's proxy.
func (s *site) inCloudflare(addr netip.Addr) bool {
	return slices.ContainsFunc(s.cloudflare, func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) })
}

// copyEnv returns a deep copy.
func copyEnv(env []EnvVar) []EnvVar {
	env = slices.Clone(env)
	for i := range env {
		env[i].Schemes = slices.Clone(env[i].Schemes)
		env[i].OneOf = slices.Clone(env[i].OneOf)
	}
	return env
}
