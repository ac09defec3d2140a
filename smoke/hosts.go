package smoke

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/cfgerr"
)

// hostRef stands in an address of [Config.Hosts] for the host of the target.
const hostRef = "{host}"

// On sends the step to the host of that name in [Config.Hosts], where a
// person stays who they are: cookies go from one host to the other as their
// Domain lets them. The default is "", the target itself.
func (s Step) On(host string) Step { s.host = host; return s }

// checkHosts parses the addresses of the hosts. They need a target: New
// reports a missing one itself.
func checkHosts(problems *cfgerr.List, cfg Config, base *url.URL) map[string]*url.URL {
	hosts := map[string]*url.URL{}
	for _, name := range slices.Sorted(maps.Keys(cfg.Hosts)) {
		path := `Hosts["` + name + `"]`
		if name == "" {
			problems.Addf(path, "needs a name, such as api; the target itself has none")
			continue
		}
		if base == nil {
			continue
		}
		u, ok := baseURL(strings.ReplaceAll(cfg.Hosts[name], hostRef, base.Hostname()))
		switch {
		case !ok:
			problems.Addf(path, "must be http:// or https:// with a host, and no user, path, query or fragment, such as https://api.market.example or https://api.{host}")
			continue
		case foreignLetters(cfg.Hosts[name]) != "":
			problems.Addf(path, "%s", foreignLetters(cfg.Hosts[name]))
			continue
		case base.Scheme == "https" && u.Scheme != "https":
			problems.Addf(path, "must be https, as the target is")
			continue
		}
		hosts[name] = u
	}
	return hosts
}

// address returns where the paths of the step in hand lie.
func (s *Session) address() *url.URL {
	if u := s.run.checker.hosts[s.step.host]; u != nil {
		return u
	}
	return s.run.target.base
}

// names returns the names of the hosts that steps may talk to.
func (t *target) names() []string {
	names := []string{t.base.Hostname()}
	for _, u := range t.others {
		names = append(names, u.Hostname())
	}
	return names
}

// allows returns "" where a request may be sent to u, and otherwise what is
// wrong with it, in words that follow "leads to". Only the host is named: the
// rest of the address may hold a token.
func (t *target) allows(u *url.URL) string {
	problem := allowedFrom(t.base, u)
	for _, other := range t.others {
		if problem == "" {
			break
		}
		if next := allowedFrom(other, u); next == "" || strings.HasPrefix(next, "plain http") {
			problem = next
		}
	}
	return problem
}

// sameOrigin reports whether two addresses are of one scheme, host and port.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && portOf(a) == portOf(b)
}
