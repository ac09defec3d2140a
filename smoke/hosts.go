package smoke

import (
	"maps"
	"net"
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
func checkHosts(problems *cfgerr.List, cfg Config, base *url.URL) (hosts map[string]*url.URL, declared map[string]bool) {
	hosts, declared = map[string]*url.URL{}, map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(cfg.Hosts)) {
		declared[name] = true
		path := `Hosts["` + name + `"]`
		if name == "" {
			problems.Addf(path, "needs a name, such as api; the target itself has none")
			continue
		}
		if base == nil {
			continue
		}
		u, ok := baseURL(besideTarget(cfg.Hosts[name], base))
		switch {
		case !ok:
			problems.Addf(path, "must be http:// or https:// with a host, and no user, path, query or fragment, such as https://api.market.example or https://api.{host}, or //api.{host} with the scheme and the port of the target")
			continue
		case belowAddress(u.Hostname()):
			problems.Addf(path, "%s is no name: nothing stands in front of an IP address; give the target a name, such as http://localhost:8080, whose names below lead to this machine too", u.Hostname())
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
	return hosts, declared
}

// besideTarget is an address of Hosts with what it takes from the target.
func besideTarget(address string, base *url.URL) string {
	address = strings.ReplaceAll(address, hostRef, base.Hostname())
	if !strings.HasPrefix(address, "//") {
		return address
	}
	if port := base.Port(); port != "" {
		address += ":" + port
	}
	return base.Scheme + ":" + address
}

// belowAddress reports a label in front of an IP address, which {host} makes.
func belowAddress(host string) bool {
	_, rest, found := strings.Cut(host, ".")
	return found && net.ParseIP(host) == nil && net.ParseIP(rest) != nil
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
