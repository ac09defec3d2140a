package readiness

import "github.com/launchready/readiness/internal/dnsq"

// absence is what is proven of a name without an address.
type absence struct {
	noName, noIPv4, noIPv6 bool
}

// words says what is proven, and "?" where nothing is.
func (a absence) words() string {
	switch {
	case a.noName:
		return "does not exist"
	case a.noIPv4 && a.noIPv6:
		return "no address"
	default:
		return "?"
	}
}

// learn notes what an answer proves that its name lacks. The caller holds mu.
func (l *look) learn(a dnsq.Answer) {
	if a.Type != dnsq.A && a.Type != dnsq.AAAA {
		return
	}
	f := l.facts[a.Name]
	switch a.Status {
	case dnsq.NXDomain:
		f.noName = true // whatever the type (RFC 8020)
	case dnsq.NoData:
		f.noIPv4, f.noIPv6 = f.noIPv4 || a.Type == dnsq.A, f.noIPv6 || a.Type == dnsq.AAAA
	default:
		return
	}
	l.facts[a.Name] = f
}

// lacks says why a row of the launch map has no address: what is proven of the
// end of its aliases, where that was asked for, or of the host. The caller
// holds mu.
func (l *look) lacks(h *HostMap) string {
	if n := len(h.Chain); n > 0 {
		if end, ok := l.facts[h.Chain[n-1]]; ok {
			return end.words()
		}
		if l.facts[h.Name].noName {
			return "does not exist"
		}
		return "?" // whether the end of the aliases has one was not asked
	}
	return l.facts[h.Name].words()
}
