package readiness

import (
	"cmp"
	"encoding/json"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// HostMap is a row of the launch map: where a host points.
type HostMap struct {
	_ [0]func()

	// Name is the full name of the host.
	Name string
	// Chain is the names that its aliases (CNAME) lead through, in order.
	Chain []string
	// Addresses are those that the host has, IPv4 first. None: it has none,
	// or that is not known.
	Addresses []netip.Addr
	// Provider is whose addresses or names they are, such as "Cloudflare";
	// empty where that is not known.
	Provider string
	// Proxied says that the host stands behind Cloudflare's proxy.
	Proxied bool
	// Redirect is the URL that "/" of the host leads to; empty where it
	// answers for itself.
	Redirect string
	// CertificateIssuer is the organisation that signed the certificate.
	CertificateIssuer string
	// CertificateEnds is when the certificate does; zero where none was seen.
	CertificateEnds time.Time
	// TTL is how long resolvers keep the host's own record, as its name server
	// says; where none answers, the shortest time left at the resolver. 0: it
	// is not known.
	TTL time.Duration

	lacks string // why there are no addresses, in words
}

// MarshalJSON returns h as an object with the keys name, chain, addresses,
// provider, proxied, redirect, certificate_issuer, certificate_ends (a day, or
// empty) and ttl (seconds). A list is never null. It returns no error.
func (h HostMap) MarshalJSON() ([]byte, error) {
	ends := ""
	if !h.CertificateEnds.IsZero() {
		ends = h.CertificateEnds.UTC().Format(time.DateOnly)
	}
	return json.Marshal(struct {
		Name      string   `json:"name"`
		Chain     []string `json:"chain"`
		Addresses []string `json:"addresses"`
		Provider  string   `json:"provider"`
		Proxied   bool     `json:"proxied"`
		Redirect  string   `json:"redirect"`
		Issuer    string   `json:"certificate_issuer"`
		Ends      string   `json:"certificate_ends"`
		TTL       int64    `json:"ttl"`
	}{h.Name, append([]string{}, h.Chain...), each(h.Addresses, netip.Addr.String), h.Provider, h.Proxied, h.Redirect, h.CertificateIssuer, ends, int64(h.TTL / time.Second)})
}

// keeps returns the TTL for people.
func (h HostMap) keeps() string {
	if h.TTL == 0 {
		return "?"
	}
	return h.TTL.String()
}

// line returns the row as the text shows it: "a -> b -> 192.0.2.1 (Vercel)".
func (h HostMap) line() string {
	parts := append([]string{h.Name}, h.Chain...)
	switch len(h.Addresses) {
	case 0:
		parts = append(parts, cmp.Or(h.lacks, "?"))
	default:
		end := h.Addresses[0].String()
		if n := len(h.Addresses) - 1; n > 0 {
			end += " +" + strconv.Itoa(n)
		}
		parts = append(parts, end)
	}
	s := strings.Join(parts, " -> ")
	switch {
	case h.Proxied:
		s += " (Cloudflare's proxy)"
	case h.Provider != "":
		s += " (" + h.Provider + ")"
	}
	if h.Redirect != "" {
		s += ", redirects to " + h.Redirect
	}
	return s
}
