package readiness

import (
	"context"
	"net"
	"net/netip"
	"sync"

	"github.com/launchready/readiness/internal/dnsq"
	"github.com/launchready/readiness/internal/webprobe"
)

// ipv6Answer is what became of a connection to one IPv6 address.
type ipv6Answer struct {
	addr netip.Addr
	kind webprobe.Kind
}

// maxIPv6 bounds how many IPv6 addresses of a host are tried.
const maxIPv6 = 4

// askIPv6 connects to the IPv6 addresses of a host.
func (w *webLook) askIPv6(ctx context.Context, name string) []ipv6Answer {
	if _, _, named := webprobe.Redirected(w.site.connectTo, name, "443"); named {
		return nil // nobody connects to the host's own addresses
	}
	var answers []ipv6Answer
	for _, r := range w.ask(ctx, name, dnsq.AAAA).Of() {
		if len(answers) < maxIPv6 {
			answers = append(answers, ipv6Answer{addr: r.Addr})
		}
	}
	var all sync.WaitGroup
	for i := range answers {
		a := &answers[i]
		w.start(&all, name, func() { a.kind = w.web.Reach(ctx, net.JoinHostPort(a.addr.String(), "443")).Kind })
	}
	all.Wait()
	return answers
}

// judgeIPv6 asks whether IPv6 addresses do not answer where IPv4 does. It
// waits for all hosts: that no answer comes in time says something about the
// server only where this machine has IPv6, which another answer proves.
func (w *webLook) judgeIPv6() {
	works := false
	for _, h := range w.hosts {
		<-h.done
		for _, a := range h.six {
			works = works || a.kind == webprobe.OK || a.kind == webprobe.Refused
		}
	}
	for _, h := range w.hosts {
		if h.private || len(h.secure.Hops) == 0 || !h.secure.Hops[0].Addr.Addr().Is4() {
			continue
		}
		for _, a := range h.six {
			switch {
			case a.kind == webprobe.Refused || a.kind == webprobe.Timeout && works:
				w.find(codeIPv6, h.name, detail{
					Detail:   "Visitors whose network prefers IPv6 wait, or get no page at all; some programs never try IPv4.",
					Evidence: []string{a.addr.String() + ": " + a.kind.String()},
					Fix:      "have the server listen at this address, or remove the AAAA record",
				})
			case a.kind == webprobe.Timeout || a.kind == webprobe.Unreachable:
				w.unknown(codeIPv6, w.site.domain, "this machine seems to have no IPv6")
			}
		}
	}
}
