package dnstest

import (
	"net"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// TB is the part of testing.TB that [Start] needs. It stands here so that
// this package does not link testing.
type TB interface {
	Helper()
	Cleanup(f func())
	Fatalf(format string, args ...any)
}

// Fault is how the server fails for a name.
type Fault int

// The faults.
const (
	Silent       Fault = iota + 1 // no answer at all
	ServFail                      // SERVFAIL
	Refused                       // REFUSED
	Truncated                     // nothing over UDP but the TC bit, all over TCP
	OtherID                       // an answer to another message
	OtherName                     // an answer to another question
	FailOnce                      // SERVFAIL to the first question, then the truth
	Bogus                         // SERVFAIL unless the CD bit is set
	Unauthorised                  // an answer without the AA bit
)

// Server is a running name server. It is safe for concurrent use.
type Server struct {
	// Addr is where it listens, as HOST:PORT, over UDP and TCP.
	Addr string

	records []dns.RR
	faults  map[string]Fault

	mu    sync.Mutex
	asked map[string]int
}

// Start starts a server for the zone text, which needs no SOA, and stops it
// when the test ends. Faults are by name, without a last dot.
func Start(t TB, zone string, faults map[string]Fault) *Server {
	t.Helper()
	s := &Server{faults: faults, asked: map[string]int{}}
	parser := dns.NewZoneParser(strings.NewReader("$TTL 300\n"+zone), ".", "")
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		s.records = append(s.records, rr)
	}
	if err := parser.Err(); err != nil {
		t.Fatalf("dnstest: %v", err)
		return nil
	}
	udp, tcp, err := listen()
	if err != nil {
		t.Fatalf("dnstest: %v", err)
		return nil
	}
	s.Addr = udp.LocalAddr().String()
	var done sync.WaitGroup
	t.Cleanup(done.Wait) // the last to run
	for _, srv := range []*dns.Server{{PacketConn: udp, Handler: s}, {Listener: tcp, Handler: s}} {
		ready := make(chan struct{})
		srv.NotifyStartedFunc = func() { close(ready) }
		done.Go(func() { _ = srv.ActivateAndServe() })
		<-ready
		t.Cleanup(func() { _ = srv.Shutdown() })
	}
	return s
}

// listen returns a UDP and a TCP socket on the same port.
func listen() (udp net.PacketConn, tcp net.Listener, err error) {
	for range 10 {
		if tcp, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return nil, nil, err
		}
		if udp, err = net.ListenPacket("udp", tcp.Addr().String()); err == nil {
			return udp, tcp, nil
		}
		_ = tcp.Close()
	}
	return nil, nil, err
}

// Asked returns how often the name was asked for, over all types.
func (s *Server) Asked(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[name]
}

// ServeDNS answers one message.
func (s *Server) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	name := strings.ToLower(strings.TrimSuffix(q.Question[0].Name, "."))
	s.mu.Lock()
	s.asked[name]++
	times := s.asked[name]
	s.mu.Unlock()

	m := new(dns.Msg).SetReply(q)
	m.Authoritative = true
	s.fill(m, q.Question[0])
	_, udp := w.RemoteAddr().(*net.UDPAddr)
	switch s.faults[name] {
	case Silent:
		return
	case ServFail:
		m = new(dns.Msg).SetRcode(q, dns.RcodeServerFailure)
	case Refused:
		m = new(dns.Msg).SetRcode(q, dns.RcodeRefused)
	case Truncated:
		if udp {
			m.Truncated, m.Answer = true, nil
		}
	case OtherID:
		m.Id++
	case OtherName:
		m.Question[0].Name = "other.invalid."
	case FailOnce:
		if times == 1 {
			m = new(dns.Msg).SetRcode(q, dns.RcodeServerFailure)
		}
	case Bogus:
		if !q.CheckingDisabled {
			m = new(dns.Msg).SetRcode(q, dns.RcodeServerFailure)
		}
	case Unauthorised:
		m.Authoritative = false
	}
	if udp && m.Len() > 1232 {
		m.Truncated, m.Answer = true, nil
	}
	_ = w.WriteMsg(m)
}

// fill answers from the records: aliases are followed within them.
func (s *Server) fill(m *dns.Msg, q dns.Question) {
	name := strings.ToLower(q.Name)
	for range 16 { // a loop of aliases ends somewhere
		exists, next := false, ""
		for _, rr := range s.records {
			h := rr.Header()
			owner := strings.ToLower(h.Name)
			if owner != name {
				exists = exists || dns.IsSubDomain(name, owner)
				continue
			}
			exists = true
			if h.Rrtype == q.Qtype {
				m.Answer = append(m.Answer, rr)
			} else if c, ok := rr.(*dns.CNAME); ok {
				m.Answer = append(m.Answer, rr)
				next = strings.ToLower(c.Target)
			}
		}
		if !exists {
			m.Rcode = dns.RcodeNameError
		}
		if next == "" || q.Qtype == dns.TypeCNAME {
			return
		}
		name = next
	}
}
