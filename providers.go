package readiness

import (
	"net/netip"
	"path"
	"slices"
	"strings"
)

// provider is who may stand behind a host, known by the names that its
// customers point aliases at and by the addresses that it tells them to use.
type provider struct {
	name string
	// suffixes are ends of names; "*" in a label stands for any text.
	suffixes []string
	// addresses are networks that the provider documents for customers'
	// records. Clouds that rent out addresses have none here: those change
	// hands, and say nothing.
	addresses []string
	// claimable says that a name of the provider that no longer resolves can
	// be registered by any other customer, and with it the hosts that still
	// point there.
	claimable bool
	// unclaimed is what the provider's page says where no customer has
	// connected the host, in lower case.
	unclaimed []string
	// parking says that nothing but placeholder pages stand here.
	parking bool
}

// named returns the provider that the alias target name belongs to.
func named(name string) (provider, bool) {
	labels := strings.Split(name, ".")
	for _, p := range providers {
		if slices.ContainsFunc(p.suffixes, func(suffix string) bool { return endsIn(labels, suffix) }) {
			return p, true
		}
	}
	return provider{}, false
}

// endsIn reports whether the labels end in those of the suffix.
func endsIn(labels []string, suffix string) bool {
	want := strings.Split(suffix, ".")
	if len(labels) < len(want) {
		return false
	}
	for i, label := range labels[len(labels)-len(want):] {
		if ok, err := path.Match(want[i], label); !ok || err != nil {
			return false
		}
	}
	return true
}

// behind returns the provider of a host with this chain and these addresses:
// the last alias that is known counts, since it names who answers.
func behind(chain []string, addresses []netip.Addr) (provider, bool) {
	for _, name := range slices.Backward(chain) {
		if p, ok := named(name); ok {
			return p, true
		}
	}
	for _, addr := range addresses {
		if p, ok := addressed(addr); ok {
			return p, true
		}
	}
	return provider{}, false
}

// addressed returns the provider that the address belongs to.
func addressed(addr netip.Addr) (provider, bool) {
	for _, p := range providers {
		for _, network := range p.addresses {
			if n, err := netip.ParsePrefix(network); err == nil && n.Contains(addr) {
				return p, true
			}
		}
	}
	return provider{}, false
}
