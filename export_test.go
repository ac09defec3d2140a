package readiness

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/launchready/readiness/internal/dnsq"
)

// CodeRows returns the rows of every family.
var CodeRows = codeRows

// Server returns where a question to a name server goes, and whether it may.
func Server(c *Checker, host string, addr netip.Addr) (string, bool) {
	return c.newLook().server(host, addr)
}

// Site is what a Config is compiled to, for the tests of names.
func Site(c *Checker) (hosts, implied []string, canonical string, mail []string) {
	for _, m := range c.site.mail {
		mail = append(mail, m.Domain)
	}
	return c.site.hosts, c.site.implied, c.site.canonical, mail
}

// Shown is what evidence is passed through.
var Shown = shown

// MaskAddresses replaces the local parts of e-mail addresses.
var MaskAddresses = maskAddresses

// ReachOf says in words what an address is, and nothing for one of the
// Internet.
func ReachOf(addr netip.Addr) string {
	_, words := reachOf(addr)
	return words
}

// Behind returns the name of the provider of a host.
func Behind(chain []string, addrs []netip.Addr) string {
	p, _ := behind(chain, addrs)
	return p.name
}

// ProviderTable returns the name, suffixes, networks and words of a page of
// each provider.
func ProviderTable() (names []string, suffixes, networks, pages [][]string) {
	for _, p := range providers {
		names = append(names, p.name)
		suffixes, networks, pages = append(suffixes, p.suffixes), append(networks, p.addresses), append(pages, p.unclaimed)
	}
	return names, suffixes, networks, pages
}

// IsExample reports whether a domain is one for examples.
var IsExample = isExample

// AskAll puts a question for every name at once, in one run, and returns how
// many answers are facts.
func AskAll(ctx context.Context, c *Checker, names []string) (facts int) {
	l := c.newLook()
	var wg sync.WaitGroup
	var known atomic.Int32
	for _, name := range names {
		l.start(&wg, name, func() {
			if l.ask(ctx, name, dnsq.A).Status.Known() {
				known.Add(1)
			}
		})
	}
	wg.Wait()
	return int(known.Load())
}

// AskWhileFetching fetches URLs that are not answered in one run and, once as
// many as that have arrived, asks for a name. It reports whether the answer is
// a fact.
func AskWhileFetching(ctx context.Context, c *Checker, urls []string, arrived <-chan struct{}, name string) (known bool) {
	l := c.newLook()
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	for _, u := range urls {
		wg.Go(func() { l.web.Fetch(ctx, u) })
	}
	for range urls {
		<-arrived
	}
	short, end := context.WithTimeout(ctx, 100*time.Millisecond)
	known = l.ask(short, name, dnsq.A).Status.Known()
	end()
	cancel()
	wg.Wait()
	return known
}

// FetchAll fetches URLs at once, in one run, and returns how many answered.
func FetchAll(ctx context.Context, c *Checker, urls []string) (answered int) {
	l := c.newLook()
	var wg sync.WaitGroup
	var n atomic.Int32
	for _, u := range urls {
		wg.Go(func() {
			if len(l.web.Fetch(ctx, u).Hops) > 0 {
				n.Add(1)
			}
		})
	}
	wg.Wait()
	return int(n.Load())
}

// ShowURL is how evidence shows the address of a page.
var ShowURL = showURL
