package webprobe

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

const (
	inFlight       = 16 // where no Slots are given
	defaultTimeout = 5 * time.Second
	defaultBody    = 64 << 10
	defaultHops    = 10
	maxHeader      = 64 << 10
)

// Config says how a [Prober] works. The zero Config is valid.
type Config struct {
	// Timeout bounds one request, from the connection to the end of what is
	// read of the body, and one TLS handshake; 0 means 5 s.
	Timeout time.Duration
	// ConnectTo sends connections elsewhere; the first match counts. An
	// address that it names may be private.
	ConnectTo []ConnectTo
	// RootCAs are the issuers to trust; nil means the system's.
	RootCAs *x509.CertPool
	// AllowPrivate allows connections to private addresses: loopback,
	// link-local, RFC 1918, CGNAT and what else is not of the public network.
	AllowPrivate bool
	// LookupHost returns the addresses of a host: none, and no error, where it
	// has none for a fact, an error where that cannot be known. nil means the
	// system's resolver.
	LookupHost func(ctx context.Context, host string) ([]netip.Addr, error)
	// UserAgent is the User-Agent header; empty means "launchcheck".
	UserAgent string
	// Accept is the Accept header; empty means what a browser asks for.
	Accept string
	// MaxBody bounds how much of a body is read; 0 means 64 KiB.
	MaxBody int64
	// MaxHops bounds how many redirects are followed; 0 means 10.
	MaxHops int
	// Slots bounds what is in flight by its capacity, together with whatever
	// else puts its values there; nil means 16 places of its own. LookupHost
	// may need places as well, and must keep what it has found: a name is
	// looked up before a place is taken, so that none waits for another.
	Slots chan struct{}
}

// Prober gathers facts. It is safe for concurrent use, and made for one run:
// what it has seen it keeps. It keeps no connection open.
type Prober struct {
	cfg      Config
	strict   *http.Transport
	trustful *http.Transport // for pages whose certificate does not matter
	slots    chan struct{}

	mu     sync.Mutex
	visits map[visitKey]*call[Visit]
	certs  map[string]*call[Certificate]
	reach  map[string]*call[Reach]
	begun  map[string]*call[Upgrade]
	talks  chan struct{} // those of slots that Upgrades may have
	sent   int
}

// call is something on its way, or there.
type call[T any] struct {
	done  chan struct{}
	value T
}

// New returns a prober that has fetched nothing yet. It starts no goroutine.
func New(cfg Config) *Prober {
	cfg.Timeout = cmp.Or(cfg.Timeout, defaultTimeout)
	cfg.MaxBody = cmp.Or(cfg.MaxBody, defaultBody)
	cfg.MaxHops = cmp.Or(cfg.MaxHops, defaultHops)
	cfg.UserAgent = cmp.Or(cfg.UserAgent, "launchcheck")
	cfg.Accept = cmp.Or(cfg.Accept, "text/html,*/*;q=0.8")
	if cfg.LookupHost == nil {
		cfg.LookupHost = systemLookup
	}
	p := &Prober{
		cfg: cfg, slots: cfg.Slots,
		visits: map[visitKey]*call[Visit]{}, certs: map[string]*call[Certificate]{}, reach: map[string]*call[Reach]{}, begun: map[string]*call[Upgrade]{}, talks: make(chan struct{}, maxTalks),
	}
	if p.slots == nil {
		p.slots = make(chan struct{}, inFlight)
	}
	p.strict = p.transport(&tls.Config{RootCAs: cfg.RootCAs, MinVersion: tls.VersionTLS12})
	// No request carries a secret, so there is none to lose to a stranger.
	p.trustful = p.transport(&tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10})
	return p
}

// transport dials anew for every request: no connection, and no goroutine,
// outlives one. It knows no proxy and unpacks nothing.
func (p *Prober) transport(cfg *tls.Config) *http.Transport {
	return &http.Transport{
		DialContext: p.dialVia, TLSClientConfig: cfg, DisableKeepAlives: true, DisableCompression: true,
		MaxResponseHeaderBytes: maxHeader,
	}
}

// Sent returns how many requests, handshakes and connections have been tried
// so far.
func (p *Prober) Sent() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sent
}

// once returns the value for key: the one that is known or on its way, or
// what get returns. Where ctx ends first it is late.
func once[K comparable, T any](ctx context.Context, p *Prober, calls map[K]*call[T], key K, late T, get func() T) T {
	p.mu.Lock()
	c, known := calls[key]
	if !known {
		c = &call[T]{done: make(chan struct{}), value: late}
		calls[key] = c
	}
	p.mu.Unlock()
	if known {
		select {
		case <-c.done:
			return c.value
		case <-ctx.Done():
			return late
		}
	}
	defer close(c.done)
	c.value = get()
	return c.value
}

// slot takes one of the places in flight; false where ctx ends first.
func (p *Prober) slot(ctx context.Context) bool {
	select {
	case p.slots <- struct{}{}:
		p.mu.Lock()
		p.sent++
		p.mu.Unlock()
		return true
	case <-ctx.Done():
		return false
	}
}

func (p *Prober) release() { <-p.slots }

// resolve has LookupHost find what a connection to address will need, before
// that takes a place.
func (p *Prober) resolve(ctx context.Context, address string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || p.cfg.Slots == nil {
		return
	}
	host, _, _ = Redirected(p.cfg.ConnectTo, host, port)
	_, _ = p.addresses(ctx, host) // who dials hears of the error
}
