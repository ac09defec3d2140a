package dnstest

import (
	"math/rand/v2"
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
	Referral                      // no answer but the NS records, as the zone above gives them
	AliasOnly                     // SERVFAIL but for the alias itself, as resolvers answer a loop
	Rotating                      // one of the records at a time, by turns
	Vouched                       // the AD bit for whoever asks with DO, as a resolver that checks signatures
	Shuffled                      // the records in another order each time
)

// Server is a running name server. It is safe for concurrent use.
type Server struct {
	// Addr is where it listens, as HOST:PORT, over UDP and TCP.
	Addr string

	records []dns.RR
	faults  map[string]Fault
	broken  map[string]Flaw
	keys    map[string]*zoneKey // by zone; empty where nothing is signed

	mu    sync.Mutex
	asked map[string]int
	turns map[dns.Question]int
}

// Start starts a server for the zone text, which needs no SOA, and stops it
// when the test ends. Faults are by name, without a last dot; "*" is for every name without
// one of its own.
func Start(t TB, zone string, faults map[string]Fault) *Server {
	t.Helper()
	return start(t, zone, faults, nil)
}

func start(t TB, zone string, faults map[string]Fault, signing *Signing) *Server {
	t.Helper()
	s := &Server{faults: faults, asked: map[string]int{}, turns: map[dns.Question]int{}}
	parser := dns.NewZoneParser(strings.NewReader("$TTL 300\n"+zone), ".", "")
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		s.records = append(s.records, rr)
	}
	if err := parser.Err(); err != nil {
		t.Fatalf("dnstest: %v", err)
		return nil
	}
	if signing != nil {
		if err := s.prepare(*signing); err != nil {
			t.Fatalf("dnstest: %v", err)
			return nil
		}
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
	if opt := q.IsEdns0(); opt != nil && opt.Do() && len(s.keys) > 0 {
		s.sign(m, q.Question[0])
	}
	_, udp := w.RemoteAddr().(*net.UDPAddr)
	fault, own := s.faults[name]
	if !own {
		fault = s.faults["*"]
	}
	switch fault {
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
	case Vouched:
		opt := q.IsEdns0()
		m.AuthenticatedData = opt != nil && opt.Do()
	case Referral:
		m.Authoritative, m.Rcode, m.Answer, m.Ns = false, dns.RcodeSuccess, nil, s.at(q.Question[0].Name, dns.TypeNS)
	case AliasOnly:
		if q.Question[0].Qtype != dns.TypeCNAME {
			m = new(dns.Msg).SetRcode(q, dns.RcodeServerFailure)
		}
	case Shuffled:
		rand.Shuffle(len(m.Answer), func(i, j int) { m.Answer[i], m.Answer[j] = m.Answer[j], m.Answer[i] })
	case Rotating:
		if n := len(m.Answer); n > 0 {
			i := s.turn(q.Question[0]) % n
			m.Answer = m.Answer[i : i+1]
		}
	}
	if udp && m.Len() > 1232 {
		m.Truncated, m.Answer, m.Ns = true, nil, nil
	}
	_ = w.WriteMsg(m)
}

// turn counts the times that a question was answered with Rotating, from 0.
func (s *Server) turn(q dns.Question) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turns[q]++
	return s.turns[q] - 1
}

// fill answers from the records: aliases are followed within them, and
// wildcards answer for what is not there (RFC 4592).
func (s *Server) fill(m *dns.Msg, q dns.Question) {
	name := strings.ToLower(q.Name)
	for range 16 { // a loop of aliases ends somewhere
		here := s.at(name, dns.TypeANY)
		exists := len(here) > 0 || s.above(name)
		if !exists {
			here = s.wild(name)
			exists = len(here) > 0
		}
		next := ""
		for _, rr := range here {
			if rr.Header().Rrtype == q.Qtype {
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
			if len(m.Answer) == 0 {
				m.Ns = s.soa(name, q.Qtype)
			}
			return
		}
		name = next
	}
}

// at returns the records of a name, of one type or of any.
func (s *Server) at(name string, t uint16) []dns.RR {
	var out []dns.RR
	for _, rr := range s.records {
		if h := rr.Header(); strings.EqualFold(h.Name, name) && (t == dns.TypeANY || h.Rrtype == t) {
			out = append(out, rr)
		}
	}
	return out
}

// above reports whether there are records below the name.
func (s *Server) above(name string) bool {
	for _, rr := range s.records {
		if dns.IsSubDomain(name, strings.ToLower(rr.Header().Name)) {
			return true
		}
	}
	return false
}

// wild returns the records of the wildcard that covers a name which is not
// there, under that name.
func (s *Server) wild(name string) []dns.RR {
	var out []dns.RR
	for rest := name; rest != "." && rest != ""; {
		_, rest, _ = strings.Cut(rest, ".")
		for _, rr := range s.at("*."+rest, dns.TypeANY) {
			rr = dns.Copy(rr)
			rr.Header().Name = name
			out = append(out, rr)
		}
		if len(out) > 0 || rest != "" && s.above(rest) {
			return out // the closest name that is there decides
		}
	}
	return out
}

// soa returns the SOA record of the zone that a question belongs to; none
// where it belongs to none of the server's. A DS record lies in the zone above
// (RFC 4035, section 3.1.4.1), where the server has that.
func (s *Server) soa(name string, t uint16) []dns.RR {
	var out []dns.RR
	for _, rr := range s.records {
		h := rr.Header()
		if h.Rrtype != dns.TypeSOA || !dns.IsSubDomain(h.Name, name) {
			continue
		}
		deeper := len(out) == 0 || dns.CountLabel(h.Name) > dns.CountLabel(out[0].Header().Name)
		if len(out) > 0 && t == dns.TypeDS {
			if strings.EqualFold(h.Name, name) {
				continue
			}
			deeper = deeper || strings.EqualFold(out[0].Header().Name, name)
		}
		if deeper {
			out = []dns.RR{rr}
		}
	}
	return out
}
