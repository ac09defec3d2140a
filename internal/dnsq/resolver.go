package dnsq

import (
	"cmp"
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/miekg/dns"
)

const (
	udpSize  = 1232 // what fits everywhere unfragmented (DNS flag day 2020)
	inFlight = 16   // where no Slots are given
	tries    = 2
)

// Config says whom a [Resolver] asks. Its problems are the caller's to find:
// a server that is no HOST:PORT cannot be reached.
type Config struct {
	// Servers are recursive servers as HOST:PORT; none means [System]'s.
	Servers []string
	// Timeout bounds one try; 0 means 1.5 s.
	Timeout time.Duration
	// Dial opens connections; nil means net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Slots bounds the questions in flight by its capacity, together with
	// whatever else puts its values there; nil means 16 places of its own.
	Slots chan struct{}
}

// Options change a question.
type Options struct {
	// Direct asks the server for what it knows itself (no recursion).
	Direct bool
	// CheckingDisabled asks for data that DNSSEC cannot vouch for too (the
	// CD bit, RFC 4035, section 3.2.2).
	CheckingDisabled bool
	// DNSSEC asks for signatures beside the data (the DO bit).
	DNSSEC bool
}

// Resolver asks each question once. It is safe for concurrent use, and made
// for one run: what it has heard it keeps.
type Resolver struct {
	servers []string
	timeout time.Duration
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	slots   chan struct{}

	mu    sync.Mutex
	calls map[key]*call
	asked int
}

type key struct {
	server string
	name   string
	t      Type
	o      Options
}

// call is one question, on its way or answered.
type call struct {
	done   chan struct{}
	answer Answer
}

// System returns the recursive servers of this machine's resolv.conf, as
// HOST:PORT; none where it has none.
func System() []string {
	conf, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil {
		return nil
	}
	servers := make([]string, len(conf.Servers))
	for i, s := range conf.Servers {
		servers[i] = net.JoinHostPort(s, conf.Port)
	}
	return servers
}

// New returns a resolver that has asked nothing yet. It starts no goroutine.
func New(cfg Config) *Resolver {
	r := &Resolver{
		servers: cfg.Servers, timeout: cmp.Or(cfg.Timeout, 1500*time.Millisecond), dial: cfg.Dial,
		slots: cfg.Slots, calls: map[key]*call{},
	}
	if r.slots == nil {
		r.slots = make(chan struct{}, inFlight)
	}
	if len(r.servers) == 0 {
		r.servers = System()
	}
	if r.dial == nil {
		r.dial = new(net.Dialer).DialContext
	}
	return r
}

// Asked returns how many questions have been put so far, each counted once.
func (r *Resolver) Asked() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// Ask puts a question to the recursive servers. It returns when the answer
// is there or ctx ends, then with the status Unknown; it never fails
// otherwise.
func (r *Resolver) Ask(ctx context.Context, name string, t Type, o Options) Answer {
	return r.once(ctx, key{"", Normal(name), t, o}, r.servers)
}

// AskServer puts a question to one server, as HOST:PORT.
func (r *Resolver) AskServer(ctx context.Context, server, name string, t Type, o Options) Answer {
	return r.once(ctx, key{server, Normal(name), t, o}, []string{server})
}

// once answers a question from what was heard, or asks it, alone.
func (r *Resolver) once(ctx context.Context, k key, servers []string) Answer {
	r.mu.Lock()
	c, known := r.calls[k]
	if !known {
		c = &call{done: make(chan struct{}), answer: Answer{Name: k.name, Type: k.t}}
		r.calls[k] = c
		r.asked++
	}
	r.mu.Unlock()
	if known {
		select {
		case <-c.done:
			return c.answer
		case <-ctx.Done():
			return Answer{Name: k.name, Type: k.t}
		}
	}
	defer close(c.done)
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
		c.answer = r.ask(ctx, k, servers)
	case <-ctx.Done():
	}
	return c.answer
}

// ask tries servers in turn until one states a fact. Where none does, the
// most telling answer stands: what a server said, before its silence.
func (r *Resolver) ask(ctx context.Context, k key, servers []string) Answer {
	best := Answer{Name: k.name, Type: k.t}
	if len(servers) == 0 {
		best.Status = Failed
		return best
	}
	if _, ok := dns.IsDomainName(k.name); !ok {
		best.Status = Failed
		return best
	}
	for try := range tries {
		if ctx.Err() != nil {
			break
		}
		a := r.exchange(ctx, k, servers[try%len(servers)])
		if a.Status.Known() {
			return a
		}
		if best.Status == Unknown || a.Status < best.Status {
			best = a
		}
	}
	return best
}

// exchange is one try at one server: UDP, and TCP where that was cut short.
func (r *Resolver) exchange(ctx context.Context, k key, server string) Answer {
	m := question(k.name, k.t, k.o)
	reply, err := r.send(ctx, m, "udp", server)
	if err == nil && reply.Truncated {
		reply, err = r.send(ctx, m, "tcp", server)
	}
	if err == nil {
		return read(k.name, k.t, reply, server)
	}
	a := Answer{Name: k.name, Type: k.t, Status: Failed}
	var timeout net.Error
	switch {
	case ctx.Err() != nil:
		a.Status = Unknown // the run's time is up, not this server's
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		a.Status = Timeout
	}
	return a
}

func (r *Resolver) send(ctx context.Context, m *dns.Msg, network, server string) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	conn, err := r.dial(ctx, network, server)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	client := dns.Client{Net: network, UDPSize: udpSize, Timeout: r.timeout}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	reply, _, err := client.ExchangeWithConnContext(ctx, m, &dns.Conn{Conn: conn, UDPSize: udpSize})
	return reply, err
}
