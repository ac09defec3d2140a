package dnstest

import (
	"crypto"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Flaw is how a signature is broken.
type Flaw int

// The flaws.
const (
	Expired Flaw = iota + 1 // good until a month ago
	Forged                  // one bit is flipped
)

// Signing says how a server signs its zones.
type Signing struct {
	// Unsigned lists the zones that have neither keys nor signatures, without
	// a last dot. A DS record that the zone text has for one stands.
	Unsigned []string
	// Broken says which names have broken signatures, without a last dot, over
	// all their records but DNSKEY and DS. What proves that a name or type is
	// not there stays right.
	Broken map[string]Flaw
}

// zoneKey is the one key of a signed zone.
type zoneKey struct {
	public  *dns.DNSKEY
	private crypto.Signer
	names   []string // that the zone knows, in the order of RFC 4034, section 6.1
}

// StartSigned is like [Start], for a server that signs every zone for which
// the text has a SOA record (RFC 4034: ECDSA P-256, one key a zone, NSEC). A
// zone above that lies on the same server gets its DS record, unless the text
// has one already. Who does not ask for signatures (the DO bit) gets none.
func StartSigned(t TB, zone string, faults map[string]Fault, signing Signing) *Server {
	t.Helper()
	return start(t, zone, faults, &signing)
}

// DS returns the DS record of a signed zone as zone text, which is what a
// resolver trusts; "" where the zone is not signed.
func (s *Server) DS(zone string) string {
	if k := s.keys[canonical(zone)]; k != nil {
		return k.public.ToDS(dns.SHA256).String()
	}
	return ""
}

// prepare makes the keys, and the records that come with them.
func (s *Server) prepare(signing Signing) error {
	s.keys, s.broken = map[string]*zoneKey{}, map[string]Flaw{}
	for name, flaw := range signing.Broken {
		s.broken[canonical(name)] = flaw
	}
	unsigned := map[string]bool{}
	for _, name := range signing.Unsigned {
		unsigned[canonical(name)] = true
	}
	for _, rr := range slices.Clone(s.records) {
		name := canonical(rr.Header().Name)
		if rr.Header().Rrtype != dns.TypeSOA || unsigned[name] {
			continue
		}
		public := &dns.DNSKEY{
			Hdr:   dns.RR_Header{Name: name, Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 300},
			Flags: dns.ZONE | dns.SEP, Protocol: 3, Algorithm: dns.ECDSAP256SHA256,
		}
		private, err := public.Generate(256)
		if err != nil {
			return fmt.Errorf("a key for %s: %w", name, err)
		}
		signer, ok := private.(crypto.Signer)
		if !ok {
			return errors.New("the key cannot sign")
		}
		s.keys[name] = &zoneKey{public: public, private: signer}
		s.records = append(s.records, public)
		if len(s.at(name, dns.TypeDS)) == 0 && s.zone(name, dns.TypeDS) != name {
			s.records = append(s.records, public.ToDS(dns.SHA256))
		}
	}
	for _, rr := range s.records {
		name := canonical(rr.Header().Name)
		for _, zone := range []string{s.zone(name, dns.TypeNone), s.zone(name, dns.TypeDS)} { // a cut is known above too
			if k := s.keys[zone]; k != nil && !slices.Contains(k.names, name) {
				k.names = append(k.names, name)
			}
		}
	}
	for _, k := range s.keys {
		slices.SortFunc(k.names, order)
	}
	return nil
}

// zone returns the zone that a question belongs to; "" for none.
func (s *Server) zone(name string, t uint16) string {
	if soa := s.soa(name, t); len(soa) > 0 {
		return canonical(soa[0].Header().Name)
	}
	return ""
}

// sign puts signatures into an answer, and the proof of what is not there.
func (s *Server) sign(m *dns.Msg, q dns.Question) {
	m.SetEdns0(1232, true)
	var answer, authority []dns.RR
	// An answer is a chain of record sets; each but the last is an alias.
	name, found := canonical(q.Name), false
	for rest := m.Answer; len(rest) > 0; {
		h := rest[0].Header()
		n := slices.IndexFunc(rest, func(rr dns.RR) bool { return rr.Header().Rrtype != h.Rrtype || rr.Header().Name != h.Name })
		if n < 0 {
			n = len(rest)
		}
		name = canonical(h.Name)
		if !s.exists(name) { // made from a wildcard: the name itself is not there
			authority = s.proof(authority, name, h.Rrtype)
		}
		answer = append(answer, s.signed(rest[:n], s.broken[name])...)
		if c, ok := rest[0].(*dns.CNAME); ok && q.Qtype != dns.TypeCNAME {
			name = canonical(c.Target)
		} else {
			found = true
		}
		rest = rest[n:]
	}
	m.Answer, m.Ns = answer, nil
	if zone := s.zone(name, q.Qtype); !found && zone != "" {
		m.Ns = s.signed(s.soa(name, q.Qtype), 0)
		authority = s.proof(authority, name, q.Qtype)
		if !s.exists(name) {
			authority = s.proof(authority, "*."+s.closest(name), q.Qtype)
		}
	} else if !found && len(answer) > 0 {
		m.Rcode = dns.RcodeSuccess // the alias leads to where others know
	}
	for _, nsec := range authority {
		m.Ns = append(m.Ns, s.signed([]dns.RR{nsec}, 0)...)
	}
}

// signed returns a record set and its signature, if its zone has a key.
func (s *Server) signed(set []dns.RR, flaw Flaw) []dns.RR {
	h := set[0].Header()
	name, t := canonical(h.Name), h.Rrtype
	zone := s.zone(name, t)
	if nsec, ok := set[0].(*dns.NSEC); ok && !slices.Contains(nsec.TypeBitMap, dns.TypeSOA) {
		zone = s.zone(name, dns.TypeDS) // at a cut, only the zone above says NSEC without SOA
	}
	k := s.keys[zone]
	if k == nil {
		return set
	}
	now := time.Now()
	from, until := now.Add(-time.Hour), now.AddDate(0, 0, 7)
	if t == dns.TypeDNSKEY || t == dns.TypeDS {
		flaw = 0
	}
	if flaw == Expired {
		from, until = now.AddDate(0, -2, 0), now.AddDate(0, -1, 0)
	}
	sig := &dns.RRSIG{
		Hdr: dns.RR_Header{Ttl: h.Ttl}, Algorithm: k.public.Algorithm, KeyTag: k.public.KeyTag(), SignerName: zone,
		Inception: uint32(from.Unix()), Expiration: uint32(until.Unix()),
	}
	covered := make([]dns.RR, len(set))
	for i, rr := range set {
		covered[i] = dns.Copy(rr)
		if t != dns.TypeNSEC && !s.exists(name) {
			covered[i].Header().Name = "*." + s.closest(name)
		}
	}
	if err := sig.Sign(k.private, covered); err != nil {
		return set // unsigned, which no resolver takes for right
	}
	sig.Hdr.Name = h.Name
	if flaw == Forged {
		if raw, err := base64.StdEncoding.DecodeString(sig.Signature); err == nil {
			raw[0] ^= 1
			sig.Signature = base64.StdEncoding.EncodeToString(raw)
		}
	}
	return append(slices.Clone(set), sig)
}

// proof adds the NSEC record that says what there is at a name, or that there
// is nothing (RFC 4035, section 3.1.3), unless it is there already.
func (s *Server) proof(to []dns.RR, name string, t uint16) []dns.RR {
	zone := s.zone(name, t)
	k := s.keys[zone]
	if k == nil {
		return to
	}
	i, exact := slices.BinarySearchFunc(k.names, name, order)
	if !exact {
		i-- // never below 0: the zone's own name comes first
	}
	owner := k.names[i]
	if slices.ContainsFunc(to, func(rr dns.RR) bool { return canonical(rr.Header().Name) == owner }) {
		return to
	}
	nsec := &dns.NSEC{
		Hdr:        dns.RR_Header{Name: owner, Rrtype: dns.TypeNSEC, Class: dns.ClassINET, Ttl: 300},
		NextDomain: k.names[(i+1)%len(k.names)], TypeBitMap: []uint16{dns.TypeRRSIG, dns.TypeNSEC},
	}
	cut := owner != zone && s.zone(owner, dns.TypeNone) == owner
	for _, rr := range s.at(owner, dns.TypeANY) {
		has := rr.Header().Rrtype
		switch {
		case cut && has != dns.TypeNS && has != dns.TypeDS: // the zone below has it
		case owner == zone && has == dns.TypeDS: // the zone above has it
		case !slices.Contains(nsec.TypeBitMap, has):
			nsec.TypeBitMap = append(nsec.TypeBitMap, has)
		}
	}
	slices.Sort(nsec.TypeBitMap)
	return append(to, nsec)
}

// exists reports whether there are records at a name, or below it.
func (s *Server) exists(name string) bool {
	return len(s.at(name, dns.TypeANY)) > 0 || s.above(name)
}

// closest returns the longest end of a name that exists.
func (s *Server) closest(name string) string {
	for rest := name; ; {
		if _, rest, _ = strings.Cut(rest, "."); rest == "" || s.exists(rest) {
			return rest
		}
	}
}

// canonical returns a name in lower case with a dot at the end.
func canonical(name string) string { return dns.CanonicalName(name) }

// order compares names by RFC 4034, section 6.1: label by label from the end.
func order(a, b string) int {
	as, bs := dns.SplitDomainName(a), dns.SplitDomainName(b)
	slices.Reverse(as)
	slices.Reverse(bs)
	return slices.Compare(as, bs)
}
