package readiness

import (
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
)

// MarshalJSON returns the JSON form of cfg, which [Load] reads: what is
// declared, without the fields that have no key there. It returns no error.
func (cfg Config) MarshalJSON() ([]byte, error) {
	return json.Marshal(siteFile{
		cfg.Domain, cfg.Hosts, cfg.Canonical, cfg.Proxied, cfg.DNSOnly, cfg.Private, cfg.Origins, each(cfg.CloudflareRanges, netip.Prefix.String),
		each(cfg.Mail, func(m Mail) mailFile {
			return mailFile{m.Domain, m.Sends, m.Receives, m.DKIMSelectors, m.Senders, m.SMTP}
		}), cfg.Registration,
		each(cfg.Redirects, func(r Redirect) redirectFile { return redirectFile{r.From, r.To} }),
		each(cfg.Env, func(v EnvVar) envFile {
			return envFile{v.Name, v.Optional, v.Secret, string(v.Format), v.Schemes, v.OneOf, v.Prefix, v.MinLength}
		}),
		each(cfg.Accept, func(a Acceptance) acceptFile { return acceptFile{a.Code, a.Subject, a.Until, a.Reason} }),
		cfg.Handover.file(),
	})
}

// siteFile is site.json, in the order in which it is best read.
type siteFile struct {
	Domain           string         `json:"domain,omitempty"`
	Hosts            []string       `json:"hosts,omitempty"`
	Canonical        string         `json:"canonical,omitempty"`
	Proxied          []string       `json:"proxied,omitempty"`
	DNSOnly          []string       `json:"dns_only,omitempty"`
	Private          []string       `json:"private,omitempty"`
	Origins          []string       `json:"origins,omitempty"`
	CloudflareRanges []string       `json:"cloudflare_ranges,omitempty"`
	Mail             []mailFile     `json:"mail,omitempty"`
	Registration     bool           `json:"registration,omitempty"`
	Redirects        []redirectFile `json:"redirects,omitempty"`
	Env              []envFile      `json:"env,omitempty"`
	Accept           []acceptFile   `json:"accept,omitempty"`
	Handover         map[string]any `json:"handover,omitempty"`
}

type mailFile struct {
	Domain        string   `json:"domain,omitempty"`
	Sends         bool     `json:"sends"`
	Receives      bool     `json:"receives"`
	DKIMSelectors []string `json:"dkim_selectors,omitempty"`
	Senders       []string `json:"senders,omitempty"`
	SMTP          bool     `json:"smtp,omitempty"`
}

type redirectFile struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type envFile struct {
	Name      string   `json:"name"`
	Optional  bool     `json:"optional,omitempty"`
	Secret    bool     `json:"secret,omitempty"`
	Format    string   `json:"format,omitempty"`
	Schemes   []string `json:"schemes,omitempty"`
	OneOf     []string `json:"one_of,omitempty"`
	Prefix    string   `json:"prefix,omitempty"`
	MinLength int      `json:"min_length,omitempty"`
}

type acceptFile struct {
	Code    string `json:"code"`
	Subject string `json:"subject,omitempty"`
	Until   string `json:"until"`
	Reason  string `json:"reason"`
}

// file returns the entries that are declared.
func (h Handover) file() map[string]any {
	m := map[string]any{}
	for _, e := range entries() {
		if s := *e.at(&h); s != "" {
			m[respell(e.field)] = s
		}
	}
	if len(h.Owners) > 0 {
		m["owners"] = maps.Clone(h.Owners)
	}
	return m
}

// declaredEnv returns the names that the Config declares, sorted.
func (c *Checker) declaredEnv() []string {
	names := each(c.env, func(v EnvVar) string { return v.Name })
	slices.Sort(names)
	return names
}
