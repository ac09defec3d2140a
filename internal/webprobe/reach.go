package webprobe

import "context"

// Reach is what became of a plain TCP connection.
type Reach struct {
	Kind Kind
}

// Reach connects to an address HOST:PORT and hangs up. An address that
// ConnectTo names as a host is sent elsewhere.
func (p *Prober) Reach(ctx context.Context, address string) Reach {
	return once(ctx, p, p.reach, address, Reach{}, func() Reach {
		p.resolve(ctx, address)
		if !p.slot(ctx) {
			return Reach{}
		}
		defer p.release()
		try, cancel := context.WithTimeout(ctx, p.cfg.Timeout)
		defer cancel()
		conn, err := p.dial(try, "tcp", address)
		if err != nil {
			return Reach{Kind: kindOf(ctx, err)}
		}
		_ = conn.Close()
		return Reach{Kind: OK}
	})
}
