package readiness

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/launchready/readiness/internal/dnsq"
	"github.com/launchready/readiness/internal/webprobe"
)

// usualHosts, privateHosts and usualSelectors are what is looked for where
// nothing is declared.
func usualHosts() []string {
	return []string{"www", "app", "api", "login", "auth", "accounts", "dashboard", "shop", "store", "blog", "docs", "help", "support", "status", "static", "cdn", "assets", "img"}
}

func privateHosts() []string {
	return []string{"admin", "staging", "stage", "dev", "test", "preview", "beta", "internal"}
}

func usualSelectors() []string {
	return []string{"google", "selector1", "selector2", "s1", "s2", "k1", "k2", "k3", "default", "dkim", "mail", "pm", "mg", "fm1", "fm2", "fm3", "protonmail", "zoho", "resend", "mte1", "mte2", "brevo1", "brevo2"}
}

// Discover returns cfg with what a look at the DNS of its Domain suggests
// where nothing is declared: the usual hosts and private hosts that exist, and
// whether Domain sends and receives mail, with the usual DKIM selectors that
// exist. It is a start for a declaration, to be edited: what has an unusual
// name stays unseen. "www" is expected to exist, and a domain with an SPF or a DMARC record for
// senders to receive answers, whether they do or not: the check then finds
// what is missing. Canonical is that of the two which the other redirects to.
// It takes at most Timeout. It returns an error that is
// [ErrConfig] where cfg is not valid or has no Domain, and another where it
// could not be found out whether Domain has an address.
func Discover(ctx context.Context, cfg Config) (Config, error) {
	c, err := New(cfg)
	if err != nil {
		return Config{}, err
	}
	if c.site.domain == "" {
		return Config{}, &ConfigError{Package: "readiness", Path: "Domain", Problem: "must be the domain to look at, got none"}
	}
	ctx, cancel := context.WithTimeout(ctx, c.site.timeout)
	defer cancel()
	l := c.newLook()
	end, _ := ctx.Deadline()
	stop := c.reportProgress(ctx, end, l)
	defer stop()
	var wg sync.WaitGroup
	if len(cfg.Hosts) == 0 {
		l.start(&wg, "hosts", func() {
			cfg.Hosts = append([]string{"@"}, l.existing(ctx, usualHosts())...)
			if www := "www." + c.site.domain; slices.Contains(c.site.hosts, www) && !slices.Contains(cfg.Hosts, "www") {
				cfg.Hosts = slices.Insert(cfg.Hosts, 1, "www") // people type it: that it is missing must not be missed
			}
		})
	}
	if len(cfg.Private) == 0 {
		l.start(&wg, "private", func() { cfg.Private = l.existing(ctx, privateHosts()) })
	}
	if len(cfg.Mail) == 0 {
		l.start(&wg, "mail", func() { cfg.Mail = []Mail{l.expectedMail(ctx)} })
	}
	if cfg.Canonical == "" {
		l.start(&wg, "canonical", func() { cfg.Canonical = l.leading(ctx) })
	}
	l.start(&wg, "domain", func() { _, err = l.lookupHost(ctx, c.site.domain) })
	wg.Wait()
	if err != nil {
		return Config{}, fmt.Errorf("readiness: could not look at %w", err)
	}
	return cfg, nil
}

// existing returns those labels that have addresses of their own: where every
// name answers, only those that answer otherwise count.
func (l *look) existing(ctx context.Context, labels []string) []string {
	// A wildcard may lead to a changing choice of addresses: asked once, it
	// is taken for the whole of them.
	wild, _ := l.lookupHost(ctx, strings.ToLower(rand.Text())+"."+l.site.domain)
	there := make([]bool, len(labels))
	var wg sync.WaitGroup
	for i, label := range labels {
		l.start(&wg, label, func() {
			addrs, err := l.lookupHost(ctx, label+"."+l.site.domain)
			there[i] = err == nil && slices.ContainsFunc(addrs, func(a netip.Addr) bool { return !slices.Contains(wild, a) })
		})
	}
	wg.Wait()
	var out []string
	for i, label := range labels {
		if there[i] {
			out = append(out, label)
		}
	}
	return out
}

// leading returns which of "@" and "www" the other redirects to; "" where that
// is not seen.
func (l *look) leading(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, min(2*time.Second, l.site.timeout/2))
	defer cancel()
	apex, www := l.site.domain, "www."+l.site.domain
	if !slices.Contains(l.site.hosts, www) {
		return ""
	}
	var ofApex, ofWWW webprobe.Visit
	var wg sync.WaitGroup
	l.start(&wg, apex, func() { ofApex = l.web.Fetch(ctx, "https://"+apex+"/") })
	l.start(&wg, www, func() { ofWWW = l.web.Fetch(ctx, "https://"+www+"/") })
	wg.Wait()
	toWWW, toApex := leadsTo(ofApex, www), leadsTo(ofWWW, apex)
	switch {
	case toWWW && !toApex:
		return "www"
	case toApex && !toWWW:
		return "@"
	default:
		return ""
	}
}

// expectedMail is assumedMail, and expects that a domain with records for its
// senders wants answers too, even where no mail server is listed.
func (l *look) expectedMail(ctx context.Context) Mail {
	m := l.assumedMail(ctx)
	mx := l.ask(ctx, l.site.domain, dnsq.MX)
	if m.Receives || mx.Status != dnsq.NoData && mx.Status != dnsq.Data || len(mx.Of()) > 0 {
		return m // with a null MX it says that it receives nothing
	}
	spf, none := false, false
	for _, t := range l.ask(ctx, l.site.domain, dnsq.TXT).Texts() {
		lower := strings.TrimSpace(strings.ToLower(t))
		spf, none = spf || strings.HasPrefix(lower, "v=spf1 "), none || lower == "v=spf1 -all"
	}
	policy := slices.ContainsFunc(l.ask(ctx, "_dmarc."+l.site.domain, dnsq.TXT).Texts(), func(t string) bool { return strings.HasPrefix(t, "v=DMARC1") })
	if !none && (spf || policy) {
		m.Sends, m.Receives = true, true
	}
	return m
}

// assumedMail returns what the records of the domain say about its mail.
func (l *look) assumedMail(ctx context.Context) Mail {
	m := Mail{Domain: "@"}
	for _, r := range l.ask(ctx, l.site.domain, dnsq.MX).Of() {
		m.Receives = m.Receives || r.Target != "" // "." is the null MX, RFC 7505
	}
	wild := l.ask(ctx, strings.ToLower(rand.Text())+"._domainkey."+l.site.domain, dnsq.TXT)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, s := range usualSelectors() {
		l.start(&wg, s, func() {
			a := l.ask(ctx, s+"._domainkey."+l.site.domain, dnsq.TXT)
			isKey := slices.ContainsFunc(a.Texts(), func(t string) bool { return strings.Contains(t, "p=") })
			if isKey && wild.Status != dnsq.Data {
				mu.Lock()
				m.DKIMSelectors = append(m.DKIMSelectors, s)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(m.DKIMSelectors)
	for _, t := range l.ask(ctx, l.site.domain, dnsq.TXT).Texts() {
		lower := strings.ToLower(t)
		if strings.HasPrefix(lower, "v=spf1 ") && strings.TrimSpace(lower) != "v=spf1 -all" {
			m.Sends = true
		}
	}
	m.Sends = m.Sends || m.Receives || len(m.DKIMSelectors) > 0 // who receives answers
	return m
}
